from __future__ import annotations

import datetime
from collections.abc import Mapping
from typing import Any, TypeVar, cast

from attrs import define as _attrs_define
from attrs import field as _attrs_field
from dateutil.parser import isoparse

from ..models.dead_letter_summary_queue import (
    DeadLetterSummaryQueue,
    check_dead_letter_summary_queue,
)

T = TypeVar("T", bound="DeadLetter")


@_attrs_define
class DeadLetter:
    """
    Attributes:
        id (str):
        queue (DeadLetterSummaryQueue):
        record_id (str): event_id or notification_id.
        record_type (str):
        enqueued_at (datetime.datetime | None):
        dead_at (datetime.datetime):
        attempts (int):
        last_error (str):
        record (Any): The queued record; text where it is not JSON.
    """

    id: str
    queue: DeadLetterSummaryQueue
    record_id: str
    record_type: str
    enqueued_at: datetime.datetime | None
    dead_at: datetime.datetime
    attempts: int
    last_error: str
    record: Any
    additional_properties: dict[str, Any] = _attrs_field(init=False, factory=dict)

    def to_dict(self) -> dict[str, Any]:
        id = self.id

        queue: str = self.queue

        record_id = self.record_id

        record_type = self.record_type

        enqueued_at: None | str
        if isinstance(self.enqueued_at, datetime.datetime):
            enqueued_at = self.enqueued_at.isoformat()
        else:
            enqueued_at = self.enqueued_at

        dead_at = self.dead_at.isoformat()

        attempts = self.attempts

        last_error = self.last_error

        record = self.record

        field_dict: dict[str, Any] = {}
        field_dict.update(self.additional_properties)
        field_dict.update(
            {
                "id": id,
                "queue": queue,
                "record_id": record_id,
                "record_type": record_type,
                "enqueued_at": enqueued_at,
                "dead_at": dead_at,
                "attempts": attempts,
                "last_error": last_error,
                "record": record,
            }
        )

        return field_dict

    @classmethod
    def from_dict(cls: type[T], src_dict: Mapping[str, Any]) -> T:
        d = dict(src_dict)
        id = d.pop("id")

        queue = check_dead_letter_summary_queue(d.pop("queue"))

        record_id = d.pop("record_id")

        record_type = d.pop("record_type")

        def _parse_enqueued_at(data: object) -> datetime.datetime | None:
            if data is None:
                return data
            try:
                if not isinstance(data, str):
                    raise TypeError()
                enqueued_at_type_0 = isoparse(data)

                return enqueued_at_type_0
            except (TypeError, ValueError, AttributeError, KeyError):
                pass
            return cast(datetime.datetime | None, data)

        enqueued_at = _parse_enqueued_at(d.pop("enqueued_at"))

        dead_at = isoparse(d.pop("dead_at"))

        attempts = d.pop("attempts")

        last_error = d.pop("last_error")

        record = d.pop("record")

        dead_letter = cls(
            id=id,
            queue=queue,
            record_id=record_id,
            record_type=record_type,
            enqueued_at=enqueued_at,
            dead_at=dead_at,
            attempts=attempts,
            last_error=last_error,
            record=record,
        )

        dead_letter.additional_properties = d
        return dead_letter

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
