from __future__ import annotations

import datetime
from collections.abc import Mapping
from typing import Any, TypeVar, cast

from attrs import define as _attrs_define
from attrs import field as _attrs_field
from dateutil.parser import isoparse

from ..models.partitions_partitions_item_status import (
    PartitionsPartitionsItemStatus,
    check_partitions_partitions_item_status,
)
from ..types import UNSET, Unset

T = TypeVar("T", bound="PartitionsPartitionsItem")


@_attrs_define
class PartitionsPartitionsItem:
    """
    Attributes:
        partition (str): Its label in metrics: `2025_12`.
        first (datetime.date):
        last (datetime.date | None): First day of the next month: exclusive.
        status (PartitionsPartitionsItemStatus): missing: not attached, perhaps under repair; unavailable: writes into
            it fail. Either way its events are queued.
        rows_estimate (int | None):
        bytes_ (int | None): Table, indexes and TOAST.
        last_write (datetime.datetime | None): When the newest of its events was stored.
        archived (bool | Unset): Its events are in an archive, and reads do not look at them; `status` is then
            `missing`.
    """

    partition: str
    first: datetime.date
    last: datetime.date | None
    status: PartitionsPartitionsItemStatus
    rows_estimate: int | None
    bytes_: int | None
    last_write: datetime.datetime | None
    archived: bool | Unset = UNSET
    additional_properties: dict[str, Any] = _attrs_field(init=False, factory=dict)

    def to_dict(self) -> dict[str, Any]:
        partition = self.partition

        first = self.first.isoformat()

        last: None | str
        if isinstance(self.last, datetime.date):
            last = self.last.isoformat()
        else:
            last = self.last

        status: str = self.status

        rows_estimate: int | None
        rows_estimate = self.rows_estimate

        bytes_: int | None
        bytes_ = self.bytes_

        last_write: None | str
        if isinstance(self.last_write, datetime.datetime):
            last_write = self.last_write.isoformat()
        else:
            last_write = self.last_write

        archived = self.archived

        field_dict: dict[str, Any] = {}
        field_dict.update(self.additional_properties)
        field_dict.update(
            {
                "partition": partition,
                "first": first,
                "last": last,
                "status": status,
                "rows_estimate": rows_estimate,
                "bytes": bytes_,
                "last_write": last_write,
            }
        )
        if archived is not UNSET:
            field_dict["archived"] = archived

        return field_dict

    @classmethod
    def from_dict(cls: type[T], src_dict: Mapping[str, Any]) -> T:
        d = dict(src_dict)
        partition = d.pop("partition")

        first = isoparse(d.pop("first")).date()

        def _parse_last(data: object) -> datetime.date | None:
            if data is None:
                return data
            try:
                if not isinstance(data, str):
                    raise TypeError()
                last_type_0 = isoparse(data).date()

                return last_type_0
            except (TypeError, ValueError, AttributeError, KeyError):
                pass
            return cast(datetime.date | None, data)

        last = _parse_last(d.pop("last"))

        status = check_partitions_partitions_item_status(d.pop("status"))

        def _parse_rows_estimate(data: object) -> int | None:
            if data is None:
                return data
            return cast(int | None, data)

        rows_estimate = _parse_rows_estimate(d.pop("rows_estimate"))

        def _parse_bytes_(data: object) -> int | None:
            if data is None:
                return data
            return cast(int | None, data)

        bytes_ = _parse_bytes_(d.pop("bytes"))

        def _parse_last_write(data: object) -> datetime.datetime | None:
            if data is None:
                return data
            try:
                if not isinstance(data, str):
                    raise TypeError()
                last_write_type_0 = isoparse(data)

                return last_write_type_0
            except (TypeError, ValueError, AttributeError, KeyError):
                pass
            return cast(datetime.datetime | None, data)

        last_write = _parse_last_write(d.pop("last_write"))

        archived = d.pop("archived", UNSET)

        partitions_partitions_item = cls(
            partition=partition,
            first=first,
            last=last,
            status=status,
            rows_estimate=rows_estimate,
            bytes_=bytes_,
            last_write=last_write,
            archived=archived,
        )

        partitions_partitions_item.additional_properties = d
        return partitions_partitions_item

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
