from __future__ import annotations

from collections.abc import Mapping
from typing import Any, TypeVar
from uuid import UUID

from attrs import define as _attrs_define
from attrs import field as _attrs_field

from ..models.event_queued_message import EventQueuedMessage, check_event_queued_message
from ..models.event_queued_status import EventQueuedStatus, check_event_queued_status

T = TypeVar("T", bound="EventQueued")


@_attrs_define
class EventQueued:
    """
    Attributes:
        status (EventQueuedStatus):
        message (EventQueuedMessage):
        event_id (UUID):
        receipt (str): Address that says when the event is stored.
    """

    status: EventQueuedStatus
    message: EventQueuedMessage
    event_id: UUID
    receipt: str
    additional_properties: dict[str, Any] = _attrs_field(init=False, factory=dict)

    def to_dict(self) -> dict[str, Any]:
        status: str = self.status

        message: str = self.message

        event_id = str(self.event_id)

        receipt = self.receipt

        field_dict: dict[str, Any] = {}
        field_dict.update(self.additional_properties)
        field_dict.update(
            {
                "status": status,
                "message": message,
                "event_id": event_id,
                "receipt": receipt,
            }
        )

        return field_dict

    @classmethod
    def from_dict(cls: type[T], src_dict: Mapping[str, Any]) -> T:
        d = dict(src_dict)
        status = check_event_queued_status(d.pop("status"))

        message = check_event_queued_message(d.pop("message"))

        event_id = UUID(d.pop("event_id"))

        receipt = d.pop("receipt")

        event_queued = cls(
            status=status,
            message=message,
            event_id=event_id,
            receipt=receipt,
        )

        event_queued.additional_properties = d
        return event_queued

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
