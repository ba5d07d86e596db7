from __future__ import annotations

from collections.abc import Mapping
from typing import Any, TypeVar

from attrs import define as _attrs_define
from attrs import field as _attrs_field

from ..types import UNSET, Unset

T = TypeVar("T", bound="GatewaySignalDeduplicated")


@_attrs_define
class GatewaySignalDeduplicated:
    """event_data of `gateway.signal.deduplicated` (category gateway, action deduplicated).

    Attributes:
        duplicate_of (str | Unset):  Example: fp-original-123.
        reason (str | Unset):  Example: identical_fingerprint.
        original_timestamp (str | Unset):  Example: 2025-12-01T10:00:00Z.
        window_seconds (int | Unset):  Example: 300.
    """

    duplicate_of: str | Unset = UNSET
    reason: str | Unset = UNSET
    original_timestamp: str | Unset = UNSET
    window_seconds: int | Unset = UNSET
    additional_properties: dict[str, Any] = _attrs_field(init=False, factory=dict)

    def to_dict(self) -> dict[str, Any]:
        duplicate_of = self.duplicate_of

        reason = self.reason

        original_timestamp = self.original_timestamp

        window_seconds = self.window_seconds

        field_dict: dict[str, Any] = {}
        field_dict.update(self.additional_properties)
        field_dict.update({})
        if duplicate_of is not UNSET:
            field_dict["duplicate_of"] = duplicate_of
        if reason is not UNSET:
            field_dict["reason"] = reason
        if original_timestamp is not UNSET:
            field_dict["original_timestamp"] = original_timestamp
        if window_seconds is not UNSET:
            field_dict["window_seconds"] = window_seconds

        return field_dict

    @classmethod
    def from_dict(cls: type[T], src_dict: Mapping[str, Any]) -> T:
        d = dict(src_dict)
        duplicate_of = d.pop("duplicate_of", UNSET)

        reason = d.pop("reason", UNSET)

        original_timestamp = d.pop("original_timestamp", UNSET)

        window_seconds = d.pop("window_seconds", UNSET)

        gateway_signal_deduplicated = cls(
            duplicate_of=duplicate_of,
            reason=reason,
            original_timestamp=original_timestamp,
            window_seconds=window_seconds,
        )

        gateway_signal_deduplicated.additional_properties = d
        return gateway_signal_deduplicated

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
