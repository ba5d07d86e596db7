from __future__ import annotations

from collections.abc import Mapping
from typing import Any, TypeVar

from attrs import define as _attrs_define
from attrs import field as _attrs_field

from ..types import UNSET, Unset

T = TypeVar("T", bound="AnalysisInvestigationCompleted")


@_attrs_define
class AnalysisInvestigationCompleted:
    """event_data of `analysis.investigation.completed` (category analysis, action completed).

    Attributes:
        analysis_id (str | Unset):  Example: aa-001.
        rca_summary (str | Unset):  Example: Connection pool exhausted by a leaking client.
        confidence (float | Unset):  Example: 0.95.
        duration_ms (int | Unset):  Example: 2345.
        completion_tokens (int | Unset):  Example: 800.
    """

    analysis_id: str | Unset = UNSET
    rca_summary: str | Unset = UNSET
    confidence: float | Unset = UNSET
    duration_ms: int | Unset = UNSET
    completion_tokens: int | Unset = UNSET
    additional_properties: dict[str, Any] = _attrs_field(init=False, factory=dict)

    def to_dict(self) -> dict[str, Any]:
        analysis_id = self.analysis_id

        rca_summary = self.rca_summary

        confidence = self.confidence

        duration_ms = self.duration_ms

        completion_tokens = self.completion_tokens

        field_dict: dict[str, Any] = {}
        field_dict.update(self.additional_properties)
        field_dict.update({})
        if analysis_id is not UNSET:
            field_dict["analysis_id"] = analysis_id
        if rca_summary is not UNSET:
            field_dict["rca_summary"] = rca_summary
        if confidence is not UNSET:
            field_dict["confidence"] = confidence
        if duration_ms is not UNSET:
            field_dict["duration_ms"] = duration_ms
        if completion_tokens is not UNSET:
            field_dict["completion_tokens"] = completion_tokens

        return field_dict

    @classmethod
    def from_dict(cls: type[T], src_dict: Mapping[str, Any]) -> T:
        d = dict(src_dict)
        analysis_id = d.pop("analysis_id", UNSET)

        rca_summary = d.pop("rca_summary", UNSET)

        confidence = d.pop("confidence", UNSET)

        duration_ms = d.pop("duration_ms", UNSET)

        completion_tokens = d.pop("completion_tokens", UNSET)

        analysis_investigation_completed = cls(
            analysis_id=analysis_id,
            rca_summary=rca_summary,
            confidence=confidence,
            duration_ms=duration_ms,
            completion_tokens=completion_tokens,
        )

        analysis_investigation_completed.additional_properties = d
        return analysis_investigation_completed

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
