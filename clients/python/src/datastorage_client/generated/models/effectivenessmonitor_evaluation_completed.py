from __future__ import annotations

from collections.abc import Mapping
from typing import Any, TypeVar

from attrs import define as _attrs_define
from attrs import field as _attrs_field

from ..types import UNSET, Unset

T = TypeVar("T", bound="EffectivenessmonitorEvaluationCompleted")


@_attrs_define
class EffectivenessmonitorEvaluationCompleted:
    """event_data of `effectivenessmonitor.evaluation.completed` (category analysis, action completed).

    Attributes:
        evaluation_id (str | Unset):  Example: eval-001.
        effectiveness_score (float | Unset):  Example: 0.87.
        issue_resolved (bool | Unset):  Example: True.
        signal_count_before (int | Unset):  Example: 50.
        signal_count_after (int | Unset):  Example: 5.
    """

    evaluation_id: str | Unset = UNSET
    effectiveness_score: float | Unset = UNSET
    issue_resolved: bool | Unset = UNSET
    signal_count_before: int | Unset = UNSET
    signal_count_after: int | Unset = UNSET
    additional_properties: dict[str, Any] = _attrs_field(init=False, factory=dict)

    def to_dict(self) -> dict[str, Any]:
        evaluation_id = self.evaluation_id

        effectiveness_score = self.effectiveness_score

        issue_resolved = self.issue_resolved

        signal_count_before = self.signal_count_before

        signal_count_after = self.signal_count_after

        field_dict: dict[str, Any] = {}
        field_dict.update(self.additional_properties)
        field_dict.update({})
        if evaluation_id is not UNSET:
            field_dict["evaluation_id"] = evaluation_id
        if effectiveness_score is not UNSET:
            field_dict["effectiveness_score"] = effectiveness_score
        if issue_resolved is not UNSET:
            field_dict["issue_resolved"] = issue_resolved
        if signal_count_before is not UNSET:
            field_dict["signal_count_before"] = signal_count_before
        if signal_count_after is not UNSET:
            field_dict["signal_count_after"] = signal_count_after

        return field_dict

    @classmethod
    def from_dict(cls: type[T], src_dict: Mapping[str, Any]) -> T:
        d = dict(src_dict)
        evaluation_id = d.pop("evaluation_id", UNSET)

        effectiveness_score = d.pop("effectiveness_score", UNSET)

        issue_resolved = d.pop("issue_resolved", UNSET)

        signal_count_before = d.pop("signal_count_before", UNSET)

        signal_count_after = d.pop("signal_count_after", UNSET)

        effectivenessmonitor_evaluation_completed = cls(
            evaluation_id=evaluation_id,
            effectiveness_score=effectiveness_score,
            issue_resolved=issue_resolved,
            signal_count_before=signal_count_before,
            signal_count_after=signal_count_after,
        )

        effectivenessmonitor_evaluation_completed.additional_properties = d
        return effectivenessmonitor_evaluation_completed

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
