from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any, TypeVar, cast

from attrs import define as _attrs_define
from attrs import field as _attrs_field

if TYPE_CHECKING:
    from ..models.audit_event import AuditEvent


T = TypeVar("T", bound="TimelineEventsItem")


@_attrs_define
class TimelineEventsItem:
    """
    Attributes:
        event (AuditEvent): A stored event, every column of it.
        gap_ms (float | None): Milliseconds since the event before; null for the first.
        depth (int): Links to the farthest stored ancestor, at most 1000.
    """

    event: AuditEvent
    gap_ms: float | None
    depth: int
    additional_properties: dict[str, Any] = _attrs_field(init=False, factory=dict)

    def to_dict(self) -> dict[str, Any]:
        event = self.event.to_dict()

        gap_ms: float | None
        gap_ms = self.gap_ms

        depth = self.depth

        field_dict: dict[str, Any] = {}
        field_dict.update(self.additional_properties)
        field_dict.update(
            {
                "event": event,
                "gap_ms": gap_ms,
                "depth": depth,
            }
        )

        return field_dict

    @classmethod
    def from_dict(cls: type[T], src_dict: Mapping[str, Any]) -> T:
        from ..models.audit_event import AuditEvent

        d = dict(src_dict)
        event = AuditEvent.from_dict(d.pop("event"))

        def _parse_gap_ms(data: object) -> float | None:
            if data is None:
                return data
            return cast(float | None, data)

        gap_ms = _parse_gap_ms(d.pop("gap_ms"))

        depth = d.pop("depth")

        timeline_events_item = cls(
            event=event,
            gap_ms=gap_ms,
            depth=depth,
        )

        timeline_events_item.additional_properties = d
        return timeline_events_item

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
