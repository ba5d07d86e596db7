from __future__ import annotations

from collections.abc import Mapping
from typing import Any, TypeVar

from attrs import define as _attrs_define
from attrs import field as _attrs_field

from ..types import UNSET, Unset

T = TypeVar("T", bound="GatewayStormDetected")


@_attrs_define
class GatewayStormDetected:
    """event_data of `gateway.storm.detected` (category gateway, action storm_detected).

    Attributes:
        storm_id (str | Unset):  Example: storm-2025-12-01-001.
        signal_count (int | Unset):  Example: 150.
        time_window_sec (int | Unset):  Example: 60.
        detection_reason (str | Unset):  Example: threshold_exceeded.
    """

    storm_id: str | Unset = UNSET
    signal_count: int | Unset = UNSET
    time_window_sec: int | Unset = UNSET
    detection_reason: str | Unset = UNSET
    additional_properties: dict[str, Any] = _attrs_field(init=False, factory=dict)

    def to_dict(self) -> dict[str, Any]:
        storm_id = self.storm_id

        signal_count = self.signal_count

        time_window_sec = self.time_window_sec

        detection_reason = self.detection_reason

        field_dict: dict[str, Any] = {}
        field_dict.update(self.additional_properties)
        field_dict.update({})
        if storm_id is not UNSET:
            field_dict["storm_id"] = storm_id
        if signal_count is not UNSET:
            field_dict["signal_count"] = signal_count
        if time_window_sec is not UNSET:
            field_dict["time_window_sec"] = time_window_sec
        if detection_reason is not UNSET:
            field_dict["detection_reason"] = detection_reason

        return field_dict

    @classmethod
    def from_dict(cls: type[T], src_dict: Mapping[str, Any]) -> T:
        d = dict(src_dict)
        storm_id = d.pop("storm_id", UNSET)

        signal_count = d.pop("signal_count", UNSET)

        time_window_sec = d.pop("time_window_sec", UNSET)

        detection_reason = d.pop("detection_reason", UNSET)

        gateway_storm_detected = cls(
            storm_id=storm_id,
            signal_count=signal_count,
            time_window_sec=time_window_sec,
            detection_reason=detection_reason,
        )

        gateway_storm_detected.additional_properties = d
        return gateway_storm_detected

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
