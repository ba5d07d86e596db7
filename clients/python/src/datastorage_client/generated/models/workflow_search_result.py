from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any, TypeVar, cast

from attrs import define as _attrs_define
from attrs import field as _attrs_field

from ..types import UNSET, Unset

if TYPE_CHECKING:
    from ..models.workflow_filters import WorkflowFilters
    from ..models.workflow_match import WorkflowMatch


T = TypeVar("T", bound="WorkflowSearchResult")


@_attrs_define
class WorkflowSearchResult:
    """
    Attributes:
        workflows (list[WorkflowMatch]):
        total_results (int): How many matched, returned or not.
        weights (str): Name of the weights that gave the scores.
        filters (WorkflowFilters): The labels that are looked for, and what else a workflow should have. Other members
            are ignored.
        warnings (list[str] | Unset): What was left out, for a person; absent when nothing was. Events that cannot be
            read, and archived months.
    """

    workflows: list[WorkflowMatch]
    total_results: int
    weights: str
    filters: WorkflowFilters
    warnings: list[str] | Unset = UNSET
    additional_properties: dict[str, Any] = _attrs_field(init=False, factory=dict)

    def to_dict(self) -> dict[str, Any]:
        workflows = []
        for workflows_item_data in self.workflows:
            workflows_item = workflows_item_data.to_dict()
            workflows.append(workflows_item)

        total_results = self.total_results

        weights = self.weights

        filters = self.filters.to_dict()

        warnings: list[str] | Unset = UNSET
        if not isinstance(self.warnings, Unset):
            warnings = self.warnings

        field_dict: dict[str, Any] = {}
        field_dict.update(self.additional_properties)
        field_dict.update(
            {
                "workflows": workflows,
                "total_results": total_results,
                "weights": weights,
                "filters": filters,
            }
        )
        if warnings is not UNSET:
            field_dict["warnings"] = warnings

        return field_dict

    @classmethod
    def from_dict(cls: type[T], src_dict: Mapping[str, Any]) -> T:
        from ..models.workflow_filters import WorkflowFilters
        from ..models.workflow_match import WorkflowMatch

        d = dict(src_dict)
        workflows = []
        _workflows = d.pop("workflows")
        for workflows_item_data in _workflows:
            workflows_item = WorkflowMatch.from_dict(workflows_item_data)

            workflows.append(workflows_item)

        total_results = d.pop("total_results")

        weights = d.pop("weights")

        filters = WorkflowFilters.from_dict(d.pop("filters"))

        warnings = cast(list[str], d.pop("warnings", UNSET))

        workflow_search_result = cls(
            workflows=workflows,
            total_results=total_results,
            weights=weights,
            filters=filters,
            warnings=warnings,
        )

        workflow_search_result.additional_properties = d
        return workflow_search_result

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
