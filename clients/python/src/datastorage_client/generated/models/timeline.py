from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any, TypeVar, cast

from attrs import define as _attrs_define
from attrs import field as _attrs_field

from ..types import UNSET, Unset

if TYPE_CHECKING:
    from ..models.timeline_events_item import TimelineEventsItem
    from ..models.timeline_pagination import TimelinePagination
    from ..models.timeline_summary_type_0 import TimelineSummaryType0


T = TypeVar("T", bound="Timeline")


@_attrs_define
class Timeline:
    """
    Attributes:
        correlation_id (str):
        summary (None | TimelineSummaryType0): The whole correlation; null on pages after the first.
        events (list[TimelineEventsItem]):
        pagination (TimelinePagination):
        warnings (list[str] | Unset): What was left out, for a person; absent when nothing was. Events that cannot be
            read, and archived months.
    """

    correlation_id: str
    summary: None | TimelineSummaryType0
    events: list[TimelineEventsItem]
    pagination: TimelinePagination
    warnings: list[str] | Unset = UNSET
    additional_properties: dict[str, Any] = _attrs_field(init=False, factory=dict)

    def to_dict(self) -> dict[str, Any]:
        from ..models.timeline_summary_type_0 import TimelineSummaryType0

        correlation_id = self.correlation_id

        summary: dict[str, Any] | None
        if isinstance(self.summary, TimelineSummaryType0):
            summary = self.summary.to_dict()
        else:
            summary = self.summary

        events = []
        for events_item_data in self.events:
            events_item = events_item_data.to_dict()
            events.append(events_item)

        pagination = self.pagination.to_dict()

        warnings: list[str] | Unset = UNSET
        if not isinstance(self.warnings, Unset):
            warnings = self.warnings

        field_dict: dict[str, Any] = {}
        field_dict.update(self.additional_properties)
        field_dict.update(
            {
                "correlation_id": correlation_id,
                "summary": summary,
                "events": events,
                "pagination": pagination,
            }
        )
        if warnings is not UNSET:
            field_dict["warnings"] = warnings

        return field_dict

    @classmethod
    def from_dict(cls: type[T], src_dict: Mapping[str, Any]) -> T:
        from ..models.timeline_events_item import TimelineEventsItem
        from ..models.timeline_pagination import TimelinePagination
        from ..models.timeline_summary_type_0 import TimelineSummaryType0

        d = dict(src_dict)
        correlation_id = d.pop("correlation_id")

        def _parse_summary(data: object) -> None | TimelineSummaryType0:
            if data is None:
                return data
            try:
                if not isinstance(data, dict):
                    raise TypeError()
                summary_type_0 = TimelineSummaryType0.from_dict(data)

                return summary_type_0
            except (TypeError, ValueError, AttributeError, KeyError):
                pass
            return cast(None | TimelineSummaryType0, data)

        summary = _parse_summary(d.pop("summary"))

        events = []
        _events = d.pop("events")
        for events_item_data in _events:
            events_item = TimelineEventsItem.from_dict(events_item_data)

            events.append(events_item)

        pagination = TimelinePagination.from_dict(d.pop("pagination"))

        warnings = cast(list[str], d.pop("warnings", UNSET))

        timeline = cls(
            correlation_id=correlation_id,
            summary=summary,
            events=events,
            pagination=pagination,
            warnings=warnings,
        )

        timeline.additional_properties = d
        return timeline

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
