from __future__ import annotations

from collections.abc import Mapping
from typing import Any, TypeVar

from attrs import define as _attrs_define
from attrs import field as _attrs_field

from ..types import UNSET, Unset

T = TypeVar("T", bound="RemediationorchestratorApprovalRequested")


@_attrs_define
class RemediationorchestratorApprovalRequested:
    """event_data of `remediationorchestrator.approval.requested` (category orchestration, action approval_requested).

    Attributes:
        remediation_request_id (str | Unset):  Example: rr-001.
        approval_request_id (str | Unset):  Example: ar-001.
        risk_level (str | Unset):  Example: high.
        requires_approval (bool | Unset):  Example: True.
    """

    remediation_request_id: str | Unset = UNSET
    approval_request_id: str | Unset = UNSET
    risk_level: str | Unset = UNSET
    requires_approval: bool | Unset = UNSET
    additional_properties: dict[str, Any] = _attrs_field(init=False, factory=dict)

    def to_dict(self) -> dict[str, Any]:
        remediation_request_id = self.remediation_request_id

        approval_request_id = self.approval_request_id

        risk_level = self.risk_level

        requires_approval = self.requires_approval

        field_dict: dict[str, Any] = {}
        field_dict.update(self.additional_properties)
        field_dict.update({})
        if remediation_request_id is not UNSET:
            field_dict["remediation_request_id"] = remediation_request_id
        if approval_request_id is not UNSET:
            field_dict["approval_request_id"] = approval_request_id
        if risk_level is not UNSET:
            field_dict["risk_level"] = risk_level
        if requires_approval is not UNSET:
            field_dict["requires_approval"] = requires_approval

        return field_dict

    @classmethod
    def from_dict(cls: type[T], src_dict: Mapping[str, Any]) -> T:
        d = dict(src_dict)
        remediation_request_id = d.pop("remediation_request_id", UNSET)

        approval_request_id = d.pop("approval_request_id", UNSET)

        risk_level = d.pop("risk_level", UNSET)

        requires_approval = d.pop("requires_approval", UNSET)

        remediationorchestrator_approval_requested = cls(
            remediation_request_id=remediation_request_id,
            approval_request_id=approval_request_id,
            risk_level=risk_level,
            requires_approval=requires_approval,
        )

        remediationorchestrator_approval_requested.additional_properties = d
        return remediationorchestrator_approval_requested

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
