from __future__ import annotations

from collections.abc import Mapping
from typing import Any, TypeVar

from attrs import define as _attrs_define
from attrs import field as _attrs_field

from ..types import UNSET, Unset

T = TypeVar("T", bound="NotificationSent")


@_attrs_define
class NotificationSent:
    """event_data of `notification.sent` (category notification, action sent).

    Attributes:
        notification_id (str | Unset):  Example: notif-001.
        channel (str | Unset):  Example: slack.
        recipient (str | Unset):  Example: #ops-alerts.
        message_summary (str | Unset):  Example: Incident alert: High CPU usage on pod api-7f9.
        delivery_status (str | Unset):  Example: 200 OK.
    """

    notification_id: str | Unset = UNSET
    channel: str | Unset = UNSET
    recipient: str | Unset = UNSET
    message_summary: str | Unset = UNSET
    delivery_status: str | Unset = UNSET
    additional_properties: dict[str, Any] = _attrs_field(init=False, factory=dict)

    def to_dict(self) -> dict[str, Any]:
        notification_id = self.notification_id

        channel = self.channel

        recipient = self.recipient

        message_summary = self.message_summary

        delivery_status = self.delivery_status

        field_dict: dict[str, Any] = {}
        field_dict.update(self.additional_properties)
        field_dict.update({})
        if notification_id is not UNSET:
            field_dict["notification_id"] = notification_id
        if channel is not UNSET:
            field_dict["channel"] = channel
        if recipient is not UNSET:
            field_dict["recipient"] = recipient
        if message_summary is not UNSET:
            field_dict["message_summary"] = message_summary
        if delivery_status is not UNSET:
            field_dict["delivery_status"] = delivery_status

        return field_dict

    @classmethod
    def from_dict(cls: type[T], src_dict: Mapping[str, Any]) -> T:
        d = dict(src_dict)
        notification_id = d.pop("notification_id", UNSET)

        channel = d.pop("channel", UNSET)

        recipient = d.pop("recipient", UNSET)

        message_summary = d.pop("message_summary", UNSET)

        delivery_status = d.pop("delivery_status", UNSET)

        notification_sent = cls(
            notification_id=notification_id,
            channel=channel,
            recipient=recipient,
            message_summary=message_summary,
            delivery_status=delivery_status,
        )

        notification_sent.additional_properties = d
        return notification_sent

    @property
    def additional_keys(self) -> list[str]:
        return list(self.additional_properties.keys())

    def __getitem__(self, key: str) -> Any:
        return self.additional_properties[key]

    def __setitem__(self, key: str, value: Any) -> None:
        self.additional_properties[key] = value

    def __delitem__(self, key: str) -> None:
        del self.additional_properties[key]

    def __contains__(self, key: str) -> bool:
        return key in self.additional_properties
