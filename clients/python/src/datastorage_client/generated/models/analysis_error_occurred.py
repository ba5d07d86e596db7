from __future__ import annotations

from collections.abc import Mapping
from typing import Any, TypeVar

from attrs import define as _attrs_define
from attrs import field as _attrs_field

from ..types import UNSET, Unset

T = TypeVar("T", bound="AnalysisErrorOccurred")


@_attrs_define
class AnalysisErrorOccurred:
    """event_data of `analysis.error.occurred` (category analysis, action error_occurred).

    Attributes:
        error_type (str | Unset):  Example: llm_timeout.
        error_message (str | Unset):  Example: connection refused after 3 attempts.
        analysis_id (str | Unset):  Example: aa-001.
    """

    error_type: str | Unset = UNSET
    error_message: str | Unset = UNSET
    analysis_id: str | Unset = UNSET
    additional_properties: dict[str, Any] = _attrs_field(init=False, factory=dict)

    def to_dict(self) -> dict[str, Any]:
        error_type = self.error_type

        error_message = self.error_message

        analysis_id = self.analysis_id

        field_dict: dict[str, Any] = {}
        field_dict.update(self.additional_properties)
        field_dict.update({})
        if error_type is not UNSET:
            field_dict["error_type"] = error_type
        if error_message is not UNSET:
            field_dict["error_message"] = error_message
        if analysis_id is not UNSET:
            field_dict["analysis_id"] = analysis_id

        return field_dict

    @classmethod
    def from_dict(cls: type[T], src_dict: Mapping[str, Any]) -> T:
        d = dict(src_dict)
        error_type = d.pop("error_type", UNSET)

        error_message = d.pop("error_message", UNSET)

        analysis_id = d.pop("analysis_id", UNSET)

        analysis_error_occurred = cls(
            error_type=error_type,
            error_message=error_message,
            analysis_id=analysis_id,
        )

        analysis_error_occurred.additional_properties = d
        return analysis_error_occurred

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
