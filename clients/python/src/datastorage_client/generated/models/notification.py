from __future__ import annotations

import datetime
from collections.abc import Mapping
from typing import Any, TypeVar

from attrs import define as _attrs_define
from attrs import field as _attrs_field
from dateutil.parser import isoparse

from ..models.notification_channel import (
    NotificationChannel,
    check_notification_channel,
)
from ..models.notification_status import NotificationStatus, check_notification_status
from ..types import UNSET, Unset

T = TypeVar("T", bound="Notification")


@_attrs_define
class Notification:
    """A stored notification; delivery_status and error_message are left out where there is none.

    Attributes:
        id (int):
        notification_id (str):
        remediation_id (str):
        recipient (str):
        channel (NotificationChannel):
        message_summary (str):
        status (NotificationStatus):
        sent_at (datetime.datetime):
        escalation_level (int):
        created_at (datetime.datetime): When it was stored.
        updated_at (datetime.datetime):
        delivery_status (str | Unset):
        error_message (str | Unset):
        recorded_by (str | Unset): Who sent it: the subject of the credentials. Absent where nobody was asked.
    """

    id: int
    notification_id: str
    remediation_id: str
    recipient: str
    channel: NotificationChannel
    message_summary: str
    status: NotificationStatus
    sent_at: datetime.datetime
    escalation_level: int
    created_at: datetime.datetime
    updated_at: datetime.datetime
    delivery_status: str | Unset = UNSET
    error_message: str | Unset = UNSET
    recorded_by: str | Unset = UNSET
    additional_properties: dict[str, Any] = _attrs_field(init=False, factory=dict)

    def to_dict(self) -> dict[str, Any]:
        id = self.id

        notification_id = self.notification_id

        remediation_id = self.remediation_id

        recipient = self.recipient

        channel: str = self.channel

        message_summary = self.message_summary

        status: str = self.status

        sent_at = self.sent_at.isoformat()

        escalation_level = self.escalation_level

        created_at = self.created_at.isoformat()

        updated_at = self.updated_at.isoformat()

        delivery_status = self.delivery_status

        error_message = self.error_message

        recorded_by = self.recorded_by

        field_dict: dict[str, Any] = {}
        field_dict.update(self.additional_properties)
        field_dict.update(
            {
                "id": id,
                "notification_id": notification_id,
                "remediation_id": remediation_id,
                "recipient": recipient,
                "channel": channel,
                "message_summary": message_summary,
                "status": status,
                "sent_at": sent_at,
                "escalation_level": escalation_level,
                "created_at": created_at,
                "updated_at": updated_at,
            }
        )
        if delivery_status is not UNSET:
            field_dict["delivery_status"] = delivery_status
        if error_message is not UNSET:
            field_dict["error_message"] = error_message
        if recorded_by is not UNSET:
            field_dict["recorded_by"] = recorded_by

        return field_dict

    @classmethod
    def from_dict(cls: type[T], src_dict: Mapping[str, Any]) -> T:
        d = dict(src_dict)
        id = d.pop("id")

        notification_id = d.pop("notification_id")

        remediation_id = d.pop("remediation_id")

        recipient = d.pop("recipient")

        channel = check_notification_channel(d.pop("channel"))

        message_summary = d.pop("message_summary")

        status = check_notification_status(d.pop("status"))

        sent_at = isoparse(d.pop("sent_at"))

        escalation_level = d.pop("escalation_level")

        created_at = isoparse(d.pop("created_at"))

        updated_at = isoparse(d.pop("updated_at"))

        delivery_status = d.pop("delivery_status", UNSET)

        error_message = d.pop("error_message", UNSET)

        recorded_by = d.pop("recorded_by", UNSET)

        notification = cls(
            id=id,
            notification_id=notification_id,
            remediation_id=remediation_id,
            recipient=recipient,
            channel=channel,
            message_summary=message_summary,
            status=status,
            sent_at=sent_at,
            escalation_level=escalation_level,
            created_at=created_at,
            updated_at=updated_at,
            delivery_status=delivery_status,
            error_message=error_message,
            recorded_by=recorded_by,
        )

        notification.additional_properties = d
        return notification

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
