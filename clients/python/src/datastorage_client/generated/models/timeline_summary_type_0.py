from __future__ import annotations

import datetime
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any, TypeVar, cast

from attrs import define as _attrs_define
from attrs import field as _attrs_field
from dateutil.parser import isoparse

from ..types import UNSET, Unset

if TYPE_CHECKING:
    from ..models.timeline_summary_type_0_by_category import (
        TimelineSummaryType0ByCategory,
    )
    from ..models.timeline_summary_type_0_by_outcome import TimelineSummaryType0ByOutcome


T = TypeVar("T", bound="TimelineSummaryType0")


@_attrs_define
class TimelineSummaryType0:
    """The whole correlation; null on pages after the first.

    Attributes:
        events (int | Unset):
        first (datetime.datetime | Unset):
        last (datetime.datetime | Unset):
        span_ms (float | Unset): Milliseconds from the first event to the last.
        by_category (TimelineSummaryType0ByCategory | Unset):
        by_outcome (TimelineSummaryType0ByOutcome | Unset):
        services (list[str] | Unset): Every actor_id, or the first 1000 of them.
        services_truncated (bool | Unset): There are more than `services` lists; absent otherwise.
    """

    events: int | Unset = UNSET
    first: datetime.datetime | Unset = UNSET
    last: datetime.datetime | Unset = UNSET
    span_ms: float | Unset = UNSET
    by_category: TimelineSummaryType0ByCategory | Unset = UNSET
    by_outcome: TimelineSummaryType0ByOutcome | Unset = UNSET
    services: list[str] | Unset = UNSET
    services_truncated: bool | Unset = UNSET
    additional_properties: dict[str, Any] = _attrs_field(init=False, factory=dict)

    def to_dict(self) -> dict[str, Any]:
        events = self.events

        first: str | Unset = UNSET
        if not isinstance(self.first, Unset):
            first = self.first.isoformat()

        last: str | Unset = UNSET
        if not isinstance(self.last, Unset):
            last = self.last.isoformat()

        span_ms = self.span_ms

        by_category: dict[str, Any] | Unset = UNSET
        if not isinstance(self.by_category, Unset):
            by_category = self.by_category.to_dict()

        by_outcome: dict[str, Any] | Unset = UNSET
        if not isinstance(self.by_outcome, Unset):
            by_outcome = self.by_outcome.to_dict()

        services: list[str] | Unset = UNSET
        if not isinstance(self.services, Unset):
            services = self.services

        services_truncated = self.services_truncated

        field_dict: dict[str, Any] = {}
        field_dict.update(self.additional_properties)
        field_dict.update({})
        if events is not UNSET:
            field_dict["events"] = events
        if first is not UNSET:
            field_dict["first"] = first
        if last is not UNSET:
            field_dict["last"] = last
        if span_ms is not UNSET:
            field_dict["span_ms"] = span_ms
        if by_category is not UNSET:
            field_dict["by_category"] = by_category
        if by_outcome is not UNSET:
            field_dict["by_outcome"] = by_outcome
        if services is not UNSET:
            field_dict["services"] = services
        if services_truncated is not UNSET:
            field_dict["services_truncated"] = services_truncated

        return field_dict

    @classmethod
    def from_dict(cls: type[T], src_dict: Mapping[str, Any]) -> T:
        from ..models.timeline_summary_type_0_by_category import (
            TimelineSummaryType0ByCategory,
        )
        from ..models.timeline_summary_type_0_by_outcome import (
            TimelineSummaryType0ByOutcome,
        )

        d = dict(src_dict)
        events = d.pop("events", UNSET)

        _first = d.pop("first", UNSET)
        first: datetime.datetime | Unset
        if isinstance(_first, Unset):
            first = UNSET
        else:
            first = isoparse(_first)

        _last = d.pop("last", UNSET)
        last: datetime.datetime | Unset
        if isinstance(_last, Unset):
            last = UNSET
        else:
            last = isoparse(_last)

        span_ms = d.pop("span_ms", UNSET)

        _by_category = d.pop("by_category", UNSET)
        by_category: TimelineSummaryType0ByCategory | Unset
        if isinstance(_by_category, Unset):
            by_category = UNSET
        else:
            by_category = TimelineSummaryType0ByCategory.from_dict(_by_category)

        _by_outcome = d.pop("by_outcome", UNSET)
        by_outcome: TimelineSummaryType0ByOutcome | Unset
        if isinstance(_by_outcome, Unset):
            by_outcome = UNSET
        else:
            by_outcome = TimelineSummaryType0ByOutcome.from_dict(_by_outcome)

        services = cast(list[str], d.pop("services", UNSET))

        services_truncated = d.pop("services_truncated", UNSET)

        timeline_summary_type_0 = cls(
            events=events,
            first=first,
            last=last,
            span_ms=span_ms,
            by_category=by_category,
            by_outcome=by_outcome,
            services=services,
            services_truncated=services_truncated,
        )

        timeline_summary_type_0.additional_properties = d
        return timeline_summary_type_0

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
