from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any, TypeVar

from attrs import define as _attrs_define
from attrs import field as _attrs_field

if TYPE_CHECKING:
    from ..models.workflow_bulk_result_results_item import WorkflowBulkResultResultsItem


T = TypeVar("T", bound="WorkflowBulkResult")


@_attrs_define
class WorkflowBulkResult:
    """
    Attributes:
        created (int):
        results (list[WorkflowBulkResultResultsItem]):
    """

    created: int
    results: list[WorkflowBulkResultResultsItem]
    additional_properties: dict[str, Any] = _attrs_field(init=False, factory=dict)

    def to_dict(self) -> dict[str, Any]:
        created = self.created

        results = []
        for results_item_data in self.results:
            results_item = results_item_data.to_dict()
            results.append(results_item)

        field_dict: dict[str, Any] = {}
        field_dict.update(self.additional_properties)
        field_dict.update(
            {
                "created": created,
                "results": results,
            }
        )

        return field_dict

    @classmethod
    def from_dict(cls: type[T], src_dict: Mapping[str, Any]) -> T:
        from ..models.workflow_bulk_result_results_item import (
            WorkflowBulkResultResultsItem,
        )

        d = dict(src_dict)
        created = d.pop("created")

        results = []
        _results = d.pop("results")
        for results_item_data in _results:
            results_item = WorkflowBulkResultResultsItem.from_dict(results_item_data)

            results.append(results_item)

        workflow_bulk_result = cls(
            created=created,
            results=results,
        )

        workflow_bulk_result.additional_properties = d
        return workflow_bulk_result

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
