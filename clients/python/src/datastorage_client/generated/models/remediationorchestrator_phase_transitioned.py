from __future__ import annotations

from collections.abc import Mapping
from typing import Any, TypeVar

from attrs import define as _attrs_define
from attrs import field as _attrs_field

from ..types import UNSET, Unset

T = TypeVar("T", bound="RemediationorchestratorPhaseTransitioned")


@_attrs_define
class RemediationorchestratorPhaseTransitioned:
    """event_data of `remediationorchestrator.phase.transitioned` (category orchestration, action phase_transitioned).

    Attributes:
        remediation_request_id (str | Unset):  Example: rr-001.
        from_phase (str | Unset):  Example: Pending.
        to_phase (str | Unset):  Example: Executing.
        transition_reason (str | Unset):  Example: workflow_approved.
    """

    remediation_request_id: str | Unset = UNSET
    from_phase: str | Unset = UNSET
    to_phase: str | Unset = UNSET
    transition_reason: str | Unset = UNSET
    additional_properties: dict[str, Any] = _attrs_field(init=False, factory=dict)

    def to_dict(self) -> dict[str, Any]:
        remediation_request_id = self.remediation_request_id

        from_phase = self.from_phase

        to_phase = self.to_phase

        transition_reason = self.transition_reason

        field_dict: dict[str, Any] = {}
        field_dict.update(self.additional_properties)
        field_dict.update({})
        if remediation_request_id is not UNSET:
            field_dict["remediation_request_id"] = remediation_request_id
        if from_phase is not UNSET:
            field_dict["from_phase"] = from_phase
        if to_phase is not UNSET:
            field_dict["to_phase"] = to_phase
        if transition_reason is not UNSET:
            field_dict["transition_reason"] = transition_reason

        return field_dict

    @classmethod
    def from_dict(cls: type[T], src_dict: Mapping[str, Any]) -> T:
        d = dict(src_dict)
        remediation_request_id = d.pop("remediation_request_id", UNSET)

        from_phase = d.pop("from_phase", UNSET)

        to_phase = d.pop("to_phase", UNSET)

        transition_reason = d.pop("transition_reason", UNSET)

        remediationorchestrator_phase_transitioned = cls(
            remediation_request_id=remediation_request_id,
            from_phase=from_phase,
            to_phase=to_phase,
            transition_reason=transition_reason,
        )

        remediationorchestrator_phase_transitioned.additional_properties = d
        return remediationorchestrator_phase_transitioned

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
