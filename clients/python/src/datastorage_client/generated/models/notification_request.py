from __future__ import annotations

import datetime
from collections.abc import Mapping
from typing import Any, TypeVar, cast

from attrs import define as _attrs_define
from attrs import field as _attrs_field
from dateutil.parser import isoparse

from ..models.notification_channel import (
    NotificationChannel,
    check_notification_channel,
)
from ..models.notification_status import NotificationStatus, check_notification_status
from ..types import UNSET, Unset

T = TypeVar("T", bound="NotificationRequest")


@_attrs_define
class NotificationRequest:
    """One notification. Other members are ignored; empty delivery_status and error_message are as good as absent.

    Attributes:
        notification_id (str): Unique, not blank. Example: notif-2025-001.
        remediation_id (str): The remediation that it belongs to. Example: rr-2025-001.
        recipient (str): Address, channel or number. Example: oncall@example.com.
        channel (NotificationChannel):
        message_summary (str): What was said.
        status (NotificationStatus):
        sent_at (datetime.datetime): Not later than 5 minutes from now. Example: 2025-12-01T10:00:00Z.
        delivery_status (None | str | Unset): The provider's answer.
        error_message (None | str | Unset): Why it failed.
        escalation_level (int | Unset): How often it was escalated. Default: 0.
    """

    notification_id: str
    remediation_id: str
    recipient: str
    channel: NotificationChannel
    message_summary: str
    status: NotificationStatus
    sent_at: datetime.datetime
    delivery_status: None | str | Unset = UNSET
    error_message: None | str | Unset = UNSET
    escalation_level: int | Unset = 0
    additional_properties: dict[str, Any] = _attrs_field(init=False, factory=dict)

    def to_dict(self) -> dict[str, Any]:
        notification_id = self.notification_id

        remediation_id = self.remediation_id

        recipient = self.recipient

        channel: str = self.channel

        message_summary = self.message_summary

        status: str = self.status

        sent_at = self.sent_at.isoformat()

        delivery_status: None | str | Unset
        if isinstance(self.delivery_status, Unset):
            delivery_status = UNSET
        else:
            delivery_status = self.delivery_status

        error_message: None | str | Unset
        if isinstance(self.error_message, Unset):
            error_message = UNSET
        else:
            error_message = self.error_message

        escalation_level = self.escalation_level

        field_dict: dict[str, Any] = {}
        field_dict.update(self.additional_properties)
        field_dict.update(
            {
                "notification_id": notification_id,
                "remediation_id": remediation_id,
                "recipient": recipient,
                "channel": channel,
                "message_summary": message_summary,
                "status": status,
                "sent_at": sent_at,
            }
        )
        if delivery_status is not UNSET:
            field_dict["delivery_status"] = delivery_status
        if error_message is not UNSET:
            field_dict["error_message"] = error_message
        if escalation_level is not UNSET:
            field_dict["escalation_level"] = escalation_level

        return field_dict

    @classmethod
    def from_dict(cls: type[T], src_dict: Mapping[str, Any]) -> T:
        d = dict(src_dict)
        notification_id = d.pop("notification_id")

        remediation_id = d.pop("remediation_id")

        recipient = d.pop("recipient")

        channel = check_notification_channel(d.pop("channel"))

        message_summary = d.pop("message_summary")

        status = check_notification_status(d.pop("status"))

        sent_at = isoparse(d.pop("sent_at"))

        def _parse_delivery_status(data: object) -> None | str | Unset:
            if data is None:
                return data
            if isinstance(data, Unset):
                return data
            return cast(None | str | Unset, data)

        delivery_status = _parse_delivery_status(d.pop("delivery_status", UNSET))

        def _parse_error_message(data: object) -> None | str | Unset:
            if data is None:
                return data
            if isinstance(data, Unset):
                return data
            return cast(None | str | Unset, data)

        error_message = _parse_error_message(d.pop("error_message", UNSET))

        escalation_level = d.pop("escalation_level", UNSET)

        notification_request = cls(
            notification_id=notification_id,
            remediation_id=remediation_id,
            recipient=recipient,
            channel=channel,
            message_summary=message_summary,
            status=status,
            sent_at=sent_at,
            delivery_status=delivery_status,
            error_message=error_message,
            escalation_level=escalation_level,
        )

        notification_request.additional_properties = d
        return notification_request

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
