from __future__ import annotations

from collections.abc import Mapping
from typing import Any, TypeVar

from attrs import define as _attrs_define
from attrs import field as _attrs_field

from ..types import UNSET, Unset

T = TypeVar("T", bound="AnalysisApprovalRequired")


@_attrs_define
class AnalysisApprovalRequired:
    """event_data of `analysis.approval.required` (category analysis, action required).

    Attributes:
        analysis_id (str | Unset):  Example: aa-001.
        approval_reason (str | Unset):  Example: high_risk_action.
        risk_level (str | Unset):  Example: high.
        estimated_impact (str | Unset):  Example: service_restart.
        approval_request_id (str | Unset):  Example: ar-001.
    """

    analysis_id: str | Unset = UNSET
    approval_reason: str | Unset = UNSET
    risk_level: str | Unset = UNSET
    estimated_impact: str | Unset = UNSET
    approval_request_id: str | Unset = UNSET
    additional_properties: dict[str, Any] = _attrs_field(init=False, factory=dict)

    def to_dict(self) -> dict[str, Any]:
        analysis_id = self.analysis_id

        approval_reason = self.approval_reason

        risk_level = self.risk_level

        estimated_impact = self.estimated_impact

        approval_request_id = self.approval_request_id

        field_dict: dict[str, Any] = {}
        field_dict.update(self.additional_properties)
        field_dict.update({})
        if analysis_id is not UNSET:
            field_dict["analysis_id"] = analysis_id
        if approval_reason is not UNSET:
            field_dict["approval_reason"] = approval_reason
        if risk_level is not UNSET:
            field_dict["risk_level"] = risk_level
        if estimated_impact is not UNSET:
            field_dict["estimated_impact"] = estimated_impact
        if approval_request_id is not UNSET:
            field_dict["approval_request_id"] = approval_request_id

        return field_dict

    @classmethod
    def from_dict(cls: type[T], src_dict: Mapping[str, Any]) -> T:
        d = dict(src_dict)
        analysis_id = d.pop("analysis_id", UNSET)

        approval_reason = d.pop("approval_reason", UNSET)

        risk_level = d.pop("risk_level", UNSET)

        estimated_impact = d.pop("estimated_impact", UNSET)

        approval_request_id = d.pop("approval_request_id", UNSET)

        analysis_approval_required = cls(
            analysis_id=analysis_id,
            approval_reason=approval_reason,
            risk_level=risk_level,
            estimated_impact=estimated_impact,
            approval_request_id=approval_request_id,
        )

        analysis_approval_required.additional_properties = d
        return analysis_approval_required

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
