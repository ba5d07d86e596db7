from __future__ import annotations

from collections.abc import Mapping
from typing import Any, TypeVar
from uuid import UUID

from attrs import define as _attrs_define
from attrs import field as _attrs_field

from ..models.workflow_bulk_result_results_item_status import (
    WorkflowBulkResultResultsItemStatus,
    check_workflow_bulk_result_results_item_status,
)

T = TypeVar("T", bound="WorkflowBulkResultResultsItem")


@_attrs_define
class WorkflowBulkResultResultsItem:
    """
    Attributes:
        index (int):
        workflow_id (UUID):
        workflow_name (str):
        version (str):
        status (WorkflowBulkResultResultsItemStatus):
    """

    index: int
    workflow_id: UUID
    workflow_name: str
    version: str
    status: WorkflowBulkResultResultsItemStatus
    additional_properties: dict[str, Any] = _attrs_field(init=False, factory=dict)

    def to_dict(self) -> dict[str, Any]:
        index = self.index

        workflow_id = str(self.workflow_id)

        workflow_name = self.workflow_name

        version = self.version

        status: str = self.status

        field_dict: dict[str, Any] = {}
        field_dict.update(self.additional_properties)
        field_dict.update(
            {
                "index": index,
                "workflow_id": workflow_id,
                "workflow_name": workflow_name,
                "version": version,
                "status": status,
            }
        )

        return field_dict

    @classmethod
    def from_dict(cls: type[T], src_dict: Mapping[str, Any]) -> T:
        d = dict(src_dict)
        index = d.pop("index")

        workflow_id = UUID(d.pop("workflow_id"))

        workflow_name = d.pop("workflow_name")

        version = d.pop("version")

        status = check_workflow_bulk_result_results_item_status(d.pop("status"))

        workflow_bulk_result_results_item = cls(
            index=index,
            workflow_id=workflow_id,
            workflow_name=workflow_name,
            version=version,
            status=status,
        )

        workflow_bulk_result_results_item.additional_properties = d
        return workflow_bulk_result_results_item

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
