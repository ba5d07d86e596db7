from __future__ import annotations

from collections.abc import Mapping
from typing import Any, TypeVar

from attrs import define as _attrs_define
from attrs import field as _attrs_field

from ..models.notification_queued_message import (
    NotificationQueuedMessage,
    check_notification_queued_message,
)
from ..models.notification_queued_status import (
    NotificationQueuedStatus,
    check_notification_queued_status,
)

T = TypeVar("T", bound="NotificationQueued")


@_attrs_define
class NotificationQueued:
    """
    Attributes:
        status (NotificationQueuedStatus):
        message (NotificationQueuedMessage):
        notification_id (str):
    """

    status: NotificationQueuedStatus
    message: NotificationQueuedMessage
    notification_id: str
    additional_properties: dict[str, Any] = _attrs_field(init=False, factory=dict)

    def to_dict(self) -> dict[str, Any]:
        status: str = self.status

        message: str = self.message

        notification_id = self.notification_id

        field_dict: dict[str, Any] = {}
        field_dict.update(self.additional_properties)
        field_dict.update(
            {
                "status": status,
                "message": message,
                "notification_id": notification_id,
            }
        )

        return field_dict

    @classmethod
    def from_dict(cls: type[T], src_dict: Mapping[str, Any]) -> T:
        d = dict(src_dict)
        status = check_notification_queued_status(d.pop("status"))

        message = check_notification_queued_message(d.pop("message"))

        notification_id = d.pop("notification_id")

        notification_queued = cls(
            status=status,
            message=message,
            notification_id=notification_id,
        )

        notification_queued.additional_properties = d
        return notification_queued

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
