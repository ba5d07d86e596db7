from __future__ import annotations

from collections.abc import Mapping
from typing import Any, TypeVar

from attrs import define as _attrs_define
from attrs import field as _attrs_field

from ..types import UNSET, Unset

T = TypeVar("T", bound="GatewayErrorOccurred")


@_attrs_define
class GatewayErrorOccurred:
    """event_data of `gateway.error.occurred` (category gateway, action error_occurred).

    Attributes:
        error_type (str | Unset):  Example: database_connection_failed.
        error_message (str | Unset):  Example: connection refused after 3 attempts.
        retry_count (int | Unset):  Example: 3.
        will_retry (bool | Unset):  Example: True.
    """

    error_type: str | Unset = UNSET
    error_message: str | Unset = UNSET
    retry_count: int | Unset = UNSET
    will_retry: bool | Unset = UNSET
    additional_properties: dict[str, Any] = _attrs_field(init=False, factory=dict)

    def to_dict(self) -> dict[str, Any]:
        error_type = self.error_type

        error_message = self.error_message

        retry_count = self.retry_count

        will_retry = self.will_retry

        field_dict: dict[str, Any] = {}
        field_dict.update(self.additional_properties)
        field_dict.update({})
        if error_type is not UNSET:
            field_dict["error_type"] = error_type
        if error_message is not UNSET:
            field_dict["error_message"] = error_message
        if retry_count is not UNSET:
            field_dict["retry_count"] = retry_count
        if will_retry is not UNSET:
            field_dict["will_retry"] = will_retry

        return field_dict

    @classmethod
    def from_dict(cls: type[T], src_dict: Mapping[str, Any]) -> T:
        d = dict(src_dict)
        error_type = d.pop("error_type", UNSET)

        error_message = d.pop("error_message", UNSET)

        retry_count = d.pop("retry_count", UNSET)

        will_retry = d.pop("will_retry", UNSET)

        gateway_error_occurred = cls(
            error_type=error_type,
            error_message=error_message,
            retry_count=retry_count,
            will_retry=will_retry,
        )

        gateway_error_occurred.additional_properties = d
        return gateway_error_occurred

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
