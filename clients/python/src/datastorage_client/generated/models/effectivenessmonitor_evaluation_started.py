from __future__ import annotations

from collections.abc import Mapping
from typing import Any, TypeVar

from attrs import define as _attrs_define
from attrs import field as _attrs_field

from ..types import UNSET, Unset

T = TypeVar("T", bound="EffectivenessmonitorEvaluationStarted")


@_attrs_define
class EffectivenessmonitorEvaluationStarted:
    """event_data of `effectivenessmonitor.evaluation.started` (category analysis, action started).

    Attributes:
        evaluation_id (str | Unset):  Example: eval-001.
        remediation_request_id (str | Unset):  Example: rr-001.
        workflow_id (str | Unset):  Example: wf-oom-handler.
        evaluation_window_min (int | Unset):  Example: 5.
    """

    evaluation_id: str | Unset = UNSET
    remediation_request_id: str | Unset = UNSET
    workflow_id: str | Unset = UNSET
    evaluation_window_min: int | Unset = UNSET
    additional_properties: dict[str, Any] = _attrs_field(init=False, factory=dict)

    def to_dict(self) -> dict[str, Any]:
        evaluation_id = self.evaluation_id

        remediation_request_id = self.remediation_request_id

        workflow_id = self.workflow_id

        evaluation_window_min = self.evaluation_window_min

        field_dict: dict[str, Any] = {}
        field_dict.update(self.additional_properties)
        field_dict.update({})
        if evaluation_id is not UNSET:
            field_dict["evaluation_id"] = evaluation_id
        if remediation_request_id is not UNSET:
            field_dict["remediation_request_id"] = remediation_request_id
        if workflow_id is not UNSET:
            field_dict["workflow_id"] = workflow_id
        if evaluation_window_min is not UNSET:
            field_dict["evaluation_window_min"] = evaluation_window_min

        return field_dict

    @classmethod
    def from_dict(cls: type[T], src_dict: Mapping[str, Any]) -> T:
        d = dict(src_dict)
        evaluation_id = d.pop("evaluation_id", UNSET)

        remediation_request_id = d.pop("remediation_request_id", UNSET)

        workflow_id = d.pop("workflow_id", UNSET)

        evaluation_window_min = d.pop("evaluation_window_min", UNSET)

        effectivenessmonitor_evaluation_started = cls(
            evaluation_id=evaluation_id,
            remediation_request_id=remediation_request_id,
            workflow_id=workflow_id,
            evaluation_window_min=evaluation_window_min,
        )

        effectivenessmonitor_evaluation_started.additional_properties = d
        return effectivenessmonitor_evaluation_started

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
