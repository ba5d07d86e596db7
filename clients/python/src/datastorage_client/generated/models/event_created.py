from __future__ import annotations

import datetime
from collections.abc import Mapping
from typing import Any, TypeVar
from uuid import UUID

from attrs import define as _attrs_define
from attrs import field as _attrs_field
from dateutil.parser import isoparse

from ..models.event_created_message import (
    EventCreatedMessage,
    check_event_created_message,
)

T = TypeVar("T", bound="EventCreated")


@_attrs_define
class EventCreated:
    """
    Attributes:
        event_id (UUID):
        event_timestamp (datetime.datetime): As stored, in UTC.
        message (EventCreatedMessage):
    """

    event_id: UUID
    event_timestamp: datetime.datetime
    message: EventCreatedMessage
    additional_properties: dict[str, Any] = _attrs_field(init=False, factory=dict)

    def to_dict(self) -> dict[str, Any]:
        event_id = str(self.event_id)

        event_timestamp = self.event_timestamp.isoformat()

        message: str = self.message

        field_dict: dict[str, Any] = {}
        field_dict.update(self.additional_properties)
        field_dict.update(
            {
                "event_id": event_id,
                "event_timestamp": event_timestamp,
                "message": message,
            }
        )

        return field_dict

    @classmethod
    def from_dict(cls: type[T], src_dict: Mapping[str, Any]) -> T:
        d = dict(src_dict)
        event_id = UUID(d.pop("event_id"))

        event_timestamp = isoparse(d.pop("event_timestamp"))

        message = check_event_created_message(d.pop("message"))

        event_created = cls(
            event_id=event_id,
            event_timestamp=event_timestamp,
            message=message,
        )

        event_created.additional_properties = d
        return event_created

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
