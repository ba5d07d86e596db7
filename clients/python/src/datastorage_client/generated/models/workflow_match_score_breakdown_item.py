from __future__ import annotations

from collections.abc import Mapping
from typing import Any, TypeVar

from attrs import define as _attrs_define
from attrs import field as _attrs_field

from ..models.workflow_match_score_breakdown_item_match import (
    WorkflowMatchScoreBreakdownItemMatch,
    check_workflow_match_score_breakdown_item_match,
)

T = TypeVar("T", bound="WorkflowMatchScoreBreakdownItem")


@_attrs_define
class WorkflowMatchScoreBreakdownItem:
    """
    Attributes:
        label (str):
        query (Any): What was asked for.
        workflow (Any): What the workflow has.
        match (WorkflowMatchScoreBreakdownItemMatch):
        points (float):
    """

    label: str
    query: Any
    workflow: Any
    match: WorkflowMatchScoreBreakdownItemMatch
    points: float
    additional_properties: dict[str, Any] = _attrs_field(init=False, factory=dict)

    def to_dict(self) -> dict[str, Any]:
        label = self.label

        query = self.query

        workflow = self.workflow

        match: str = self.match

        points = self.points

        field_dict: dict[str, Any] = {}
        field_dict.update(self.additional_properties)
        field_dict.update(
            {
                "label": label,
                "query": query,
                "workflow": workflow,
                "match": match,
                "points": points,
            }
        )

        return field_dict

    @classmethod
    def from_dict(cls: type[T], src_dict: Mapping[str, Any]) -> T:
        d = dict(src_dict)
        label = d.pop("label")

        query = d.pop("query")

        workflow = d.pop("workflow")

        match = check_workflow_match_score_breakdown_item_match(d.pop("match"))

        points = d.pop("points")

        workflow_match_score_breakdown_item = cls(
            label=label,
            query=query,
            workflow=workflow,
            match=match,
            points=points,
        )

        workflow_match_score_breakdown_item.additional_properties = d
        return workflow_match_score_breakdown_item

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
