from __future__ import annotations

from collections.abc import Mapping
from typing import Any, TypeVar

from attrs import define as _attrs_define
from attrs import field as _attrs_field

from ..types import UNSET, Unset

T = TypeVar("T", bound="AnalysisRecommendationGenerated")


@_attrs_define
class AnalysisRecommendationGenerated:
    """event_data of `analysis.recommendation.generated` (category analysis, action generated).

    Attributes:
        analysis_id (str | Unset):  Example: aa-001.
        workflow_matched (str | Unset):  Example: scale-database-pool.
        workflow_score (float | Unset):  Example: 0.89.
        recommendation (str | Unset):  Example: Scale the database pool from 20 to 50 connections.
    """

    analysis_id: str | Unset = UNSET
    workflow_matched: str | Unset = UNSET
    workflow_score: float | Unset = UNSET
    recommendation: str | Unset = UNSET
    additional_properties: dict[str, Any] = _attrs_field(init=False, factory=dict)

    def to_dict(self) -> dict[str, Any]:
        analysis_id = self.analysis_id

        workflow_matched = self.workflow_matched

        workflow_score = self.workflow_score

        recommendation = self.recommendation

        field_dict: dict[str, Any] = {}
        field_dict.update(self.additional_properties)
        field_dict.update({})
        if analysis_id is not UNSET:
            field_dict["analysis_id"] = analysis_id
        if workflow_matched is not UNSET:
            field_dict["workflow_matched"] = workflow_matched
        if workflow_score is not UNSET:
            field_dict["workflow_score"] = workflow_score
        if recommendation is not UNSET:
            field_dict["recommendation"] = recommendation

        return field_dict

    @classmethod
    def from_dict(cls: type[T], src_dict: Mapping[str, Any]) -> T:
        d = dict(src_dict)
        analysis_id = d.pop("analysis_id", UNSET)

        workflow_matched = d.pop("workflow_matched", UNSET)

        workflow_score = d.pop("workflow_score", UNSET)

        recommendation = d.pop("recommendation", UNSET)

        analysis_recommendation_generated = cls(
            analysis_id=analysis_id,
            workflow_matched=workflow_matched,
            workflow_score=workflow_score,
            recommendation=recommendation,
        )

        analysis_recommendation_generated.additional_properties = d
        return analysis_recommendation_generated

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
