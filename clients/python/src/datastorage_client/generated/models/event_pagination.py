from __future__ import annotations

from collections.abc import Mapping
from typing import Any, TypeVar, cast

from attrs import define as _attrs_define
from attrs import field as _attrs_field

from ..models.event_pagination_total_relation_type_0 import (
    EventPaginationTotalRelationType0,
    check_event_pagination_total_relation_type_0,
)

T = TypeVar("T", bound="EventPagination")


@_attrs_define
class EventPagination:
    """
    Attributes:
        limit (int):
        offset (int):
        total (int | None): Events that pass the filters, exact up to 10000; null where a cursor was given.
        total_relation (EventPaginationTotalRelationType0 | None): gte: at least `total`.
        has_more (bool):
        next_cursor (None | str): Pass it as `cursor`, with the same filters; null on the last page.
    """

    limit: int
    offset: int
    total: int | None
    total_relation: EventPaginationTotalRelationType0 | None
    has_more: bool
    next_cursor: None | str
    additional_properties: dict[str, Any] = _attrs_field(init=False, factory=dict)

    def to_dict(self) -> dict[str, Any]:
        limit = self.limit

        offset = self.offset

        total: int | None
        total = self.total

        total_relation: None | str
        if isinstance(self.total_relation, str):
            total_relation = self.total_relation
        else:
            total_relation = self.total_relation

        has_more = self.has_more

        next_cursor: None | str
        next_cursor = self.next_cursor

        field_dict: dict[str, Any] = {}
        field_dict.update(self.additional_properties)
        field_dict.update(
            {
                "limit": limit,
                "offset": offset,
                "total": total,
                "total_relation": total_relation,
                "has_more": has_more,
                "next_cursor": next_cursor,
            }
        )

        return field_dict

    @classmethod
    def from_dict(cls: type[T], src_dict: Mapping[str, Any]) -> T:
        d = dict(src_dict)
        limit = d.pop("limit")

        offset = d.pop("offset")

        def _parse_total(data: object) -> int | None:
            if data is None:
                return data
            return cast(int | None, data)

        total = _parse_total(d.pop("total"))

        def _parse_total_relation(data: object) -> EventPaginationTotalRelationType0 | None:
            if data is None:
                return data
            try:
                if not isinstance(data, str):
                    raise TypeError()
                total_relation_type_0 = check_event_pagination_total_relation_type_0(data)

                return total_relation_type_0
            except (TypeError, ValueError, AttributeError, KeyError):
                pass
            return cast(EventPaginationTotalRelationType0 | None, data)

        total_relation = _parse_total_relation(d.pop("total_relation"))

        has_more = d.pop("has_more")

        def _parse_next_cursor(data: object) -> None | str:
            if data is None:
                return data
            return cast(None | str, data)

        next_cursor = _parse_next_cursor(d.pop("next_cursor"))

        event_pagination = cls(
            limit=limit,
            offset=offset,
            total=total,
            total_relation=total_relation,
            has_more=has_more,
            next_cursor=next_cursor,
        )

        event_pagination.additional_properties = d
        return event_pagination

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
