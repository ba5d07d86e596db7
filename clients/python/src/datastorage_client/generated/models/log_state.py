from __future__ import annotations

import datetime
from collections.abc import Mapping
from typing import Any, TypeVar, cast

from attrs import define as _attrs_define
from attrs import field as _attrs_field
from dateutil.parser import isoparse

T = TypeVar("T", bound="LogState")


@_attrs_define
class LogState:
    """
    Attributes:
        origin (str): The log's name; empty before the first seal.
        size (int): Sealed events.
        root (None | str):
        sealed_at (datetime.datetime | None):
        pending (int): Events that are not sealed yet; counted up to 10000.
        pending_since (datetime.datetime | None): When the oldest of them was stored.
        keys (list[str]): The public keys (Go sumdb/note form) that sign checkpoints.
    """

    origin: str
    size: int
    root: None | str
    sealed_at: datetime.datetime | None
    pending: int
    pending_since: datetime.datetime | None
    keys: list[str]
    additional_properties: dict[str, Any] = _attrs_field(init=False, factory=dict)

    def to_dict(self) -> dict[str, Any]:
        origin = self.origin

        size = self.size

        root: None | str
        root = self.root

        sealed_at: None | str
        if isinstance(self.sealed_at, datetime.datetime):
            sealed_at = self.sealed_at.isoformat()
        else:
            sealed_at = self.sealed_at

        pending = self.pending

        pending_since: None | str
        if isinstance(self.pending_since, datetime.datetime):
            pending_since = self.pending_since.isoformat()
        else:
            pending_since = self.pending_since

        keys = self.keys

        field_dict: dict[str, Any] = {}
        field_dict.update(self.additional_properties)
        field_dict.update(
            {
                "origin": origin,
                "size": size,
                "root": root,
                "sealed_at": sealed_at,
                "pending": pending,
                "pending_since": pending_since,
                "keys": keys,
            }
        )

        return field_dict

    @classmethod
    def from_dict(cls: type[T], src_dict: Mapping[str, Any]) -> T:
        d = dict(src_dict)
        origin = d.pop("origin")

        size = d.pop("size")

        def _parse_root(data: object) -> None | str:
            if data is None:
                return data
            return cast(None | str, data)

        root = _parse_root(d.pop("root"))

        def _parse_sealed_at(data: object) -> datetime.datetime | None:
            if data is None:
                return data
            try:
                if not isinstance(data, str):
                    raise TypeError()
                sealed_at_type_0 = isoparse(data)

                return sealed_at_type_0
            except (TypeError, ValueError, AttributeError, KeyError):
                pass
            return cast(datetime.datetime | None, data)

        sealed_at = _parse_sealed_at(d.pop("sealed_at"))

        pending = d.pop("pending")

        def _parse_pending_since(data: object) -> datetime.datetime | None:
            if data is None:
                return data
            try:
                if not isinstance(data, str):
                    raise TypeError()
                pending_since_type_0 = isoparse(data)

                return pending_since_type_0
            except (TypeError, ValueError, AttributeError, KeyError):
                pass
            return cast(datetime.datetime | None, data)

        pending_since = _parse_pending_since(d.pop("pending_since"))

        keys = cast(list[str], d.pop("keys"))

        log_state = cls(
            origin=origin,
            size=size,
            root=root,
            sealed_at=sealed_at,
            pending=pending,
            pending_since=pending_since,
            keys=keys,
        )

        log_state.additional_properties = d
        return log_state

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
