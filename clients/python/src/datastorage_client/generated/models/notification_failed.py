from __future__ import annotations

from collections.abc import Mapping
from typing import Any, TypeVar

from attrs import define as _attrs_define
from attrs import field as _attrs_field

from ..types import UNSET, Unset

T = TypeVar("T", bound="NotificationFailed")


@_attrs_define
class NotificationFailed:
    """event_data of `notification.failed` (category notification, action failed).

    Attributes:
        notification_id (str | Unset):  Example: notif-002.
        channel (str | Unset):  Example: email.
        recipient (str | Unset):  Example: ops@example.com.
        failure_reason (str | Unset):  Example: smtp_connection_refused.
        retry_count (int | Unset):  Example: 3.
        will_retry (bool | Unset):  Example: True.
    """

    notification_id: str | Unset = UNSET
    channel: str | Unset = UNSET
    recipient: str | Unset = UNSET
    failure_reason: str | Unset = UNSET
    retry_count: int | Unset = UNSET
    will_retry: bool | Unset = UNSET
    additional_properties: dict[str, Any] = _attrs_field(init=False, factory=dict)

    def to_dict(self) -> dict[str, Any]:
        notification_id = self.notification_id

        channel = self.channel

        recipient = self.recipient

        failure_reason = self.failure_reason

        retry_count = self.retry_count

        will_retry = self.will_retry

        field_dict: dict[str, Any] = {}
        field_dict.update(self.additional_properties)
        field_dict.update({})
        if notification_id is not UNSET:
            field_dict["notification_id"] = notification_id
        if channel is not UNSET:
            field_dict["channel"] = channel
        if recipient is not UNSET:
            field_dict["recipient"] = recipient
        if failure_reason is not UNSET:
            field_dict["failure_reason"] = failure_reason
        if retry_count is not UNSET:
            field_dict["retry_count"] = retry_count
        if will_retry is not UNSET:
            field_dict["will_retry"] = will_retry

        return field_dict

    @classmethod
    def from_dict(cls: type[T], src_dict: Mapping[str, Any]) -> T:
        d = dict(src_dict)
        notification_id = d.pop("notification_id", UNSET)

        channel = d.pop("channel", UNSET)

        recipient = d.pop("recipient", UNSET)

        failure_reason = d.pop("failure_reason", UNSET)

        retry_count = d.pop("retry_count", UNSET)

        will_retry = d.pop("will_retry", UNSET)

        notification_failed = cls(
            notification_id=notification_id,
            channel=channel,
            recipient=recipient,
            failure_reason=failure_reason,
            retry_count=retry_count,
            will_retry=will_retry,
        )

        notification_failed.additional_properties = d
        return notification_failed

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
