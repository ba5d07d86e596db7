from __future__ import annotations

from collections.abc import Mapping
from typing import Any, TypeVar

from attrs import define as _attrs_define
from attrs import field as _attrs_field

from ..types import UNSET, Unset

T = TypeVar("T", bound="RemediationorchestratorRequestCreated")


@_attrs_define
class RemediationorchestratorRequestCreated:
    """event_data of `remediationorchestrator.request.created` (category orchestration, action request_created).

    Attributes:
        remediation_request_id (str | Unset):  Example: rr-001.
        workflow_id (str | Unset):  Example: wf-oom-handler.
        signal_id (str | Unset):  Example: sp-001.
        requested_by (str | Unset):  Example: analysis.
    """

    remediation_request_id: str | Unset = UNSET
    workflow_id: str | Unset = UNSET
    signal_id: str | Unset = UNSET
    requested_by: str | Unset = UNSET
    additional_properties: dict[str, Any] = _attrs_field(init=False, factory=dict)

    def to_dict(self) -> dict[str, Any]:
        remediation_request_id = self.remediation_request_id

        workflow_id = self.workflow_id

        signal_id = self.signal_id

        requested_by = self.requested_by

        field_dict: dict[str, Any] = {}
        field_dict.update(self.additional_properties)
        field_dict.update({})
        if remediation_request_id is not UNSET:
            field_dict["remediation_request_id"] = remediation_request_id
        if workflow_id is not UNSET:
            field_dict["workflow_id"] = workflow_id
        if signal_id is not UNSET:
            field_dict["signal_id"] = signal_id
        if requested_by is not UNSET:
            field_dict["requested_by"] = requested_by

        return field_dict

    @classmethod
    def from_dict(cls: type[T], src_dict: Mapping[str, Any]) -> T:
        d = dict(src_dict)
        remediation_request_id = d.pop("remediation_request_id", UNSET)

        workflow_id = d.pop("workflow_id", UNSET)

        signal_id = d.pop("signal_id", UNSET)

        requested_by = d.pop("requested_by", UNSET)

        remediationorchestrator_request_created = cls(
            remediation_request_id=remediation_request_id,
            workflow_id=workflow_id,
            signal_id=signal_id,
            requested_by=requested_by,
        )

        remediationorchestrator_request_created.additional_properties = d
        return remediationorchestrator_request_created

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
