from __future__ import annotations

from collections.abc import Mapping
from typing import Any, TypeVar

from attrs import define as _attrs_define
from attrs import field as _attrs_field

from ..types import UNSET, Unset

T = TypeVar("T", bound="GatewaySignalRejected")


@_attrs_define
class GatewaySignalRejected:
    """event_data of `gateway.signal.rejected` (category gateway, action rejected).

    Attributes:
        rejection_reason (str | Unset):  Example: invalid_signal_format.
        signal_source (str | Unset):  Example: prometheus.
        validation_error (str | Unset):  Example: missing required field: alertname.
    """

    rejection_reason: str | Unset = UNSET
    signal_source: str | Unset = UNSET
    validation_error: str | Unset = UNSET
    additional_properties: dict[str, Any] = _attrs_field(init=False, factory=dict)

    def to_dict(self) -> dict[str, Any]:
        rejection_reason = self.rejection_reason

        signal_source = self.signal_source

        validation_error = self.validation_error

        field_dict: dict[str, Any] = {}
        field_dict.update(self.additional_properties)
        field_dict.update({})
        if rejection_reason is not UNSET:
            field_dict["rejection_reason"] = rejection_reason
        if signal_source is not UNSET:
            field_dict["signal_source"] = signal_source
        if validation_error is not UNSET:
            field_dict["validation_error"] = validation_error

        return field_dict

    @classmethod
    def from_dict(cls: type[T], src_dict: Mapping[str, Any]) -> T:
        d = dict(src_dict)
        rejection_reason = d.pop("rejection_reason", UNSET)

        signal_source = d.pop("signal_source", UNSET)

        validation_error = d.pop("validation_error", UNSET)

        gateway_signal_rejected = cls(
            rejection_reason=rejection_reason,
            signal_source=signal_source,
            validation_error=validation_error,
        )

        gateway_signal_rejected.additional_properties = d
        return gateway_signal_rejected

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
