from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any, TypeVar, cast

from attrs import define as _attrs_define
from attrs import field as _attrs_field

from ..types import UNSET, Unset

if TYPE_CHECKING:
    from ..models.workflow import Workflow


T = TypeVar("T", bound="WorkflowPage")


@_attrs_define
class WorkflowPage:
    """
    Attributes:
        workflows (list[Workflow]):
        limit (int):
        offset (int):
        total (int | None): How many pass the filters; null where a cursor was given.
        has_more (bool):
        next_cursor (None | str):
        warnings (list[str] | Unset): What was left out, for a person; absent when nothing was. Events that cannot be
            read, and archived months.
    """

    workflows: list[Workflow]
    limit: int
    offset: int
    total: int | None
    has_more: bool
    next_cursor: None | str
    warnings: list[str] | Unset = UNSET
    additional_properties: dict[str, Any] = _attrs_field(init=False, factory=dict)

    def to_dict(self) -> dict[str, Any]:
        workflows = []
        for workflows_item_data in self.workflows:
            workflows_item = workflows_item_data.to_dict()
            workflows.append(workflows_item)

        limit = self.limit

        offset = self.offset

        total: int | None
        total = self.total

        has_more = self.has_more

        next_cursor: None | str
        next_cursor = self.next_cursor

        warnings: list[str] | Unset = UNSET
        if not isinstance(self.warnings, Unset):
            warnings = self.warnings

        field_dict: dict[str, Any] = {}
        field_dict.update(self.additional_properties)
        field_dict.update(
            {
                "workflows": workflows,
                "limit": limit,
                "offset": offset,
                "total": total,
                "has_more": has_more,
                "next_cursor": next_cursor,
            }
        )
        if warnings is not UNSET:
            field_dict["warnings"] = warnings

        return field_dict

    @classmethod
    def from_dict(cls: type[T], src_dict: Mapping[str, Any]) -> T:
        from ..models.workflow import Workflow

        d = dict(src_dict)
        workflows = []
        _workflows = d.pop("workflows")
        for workflows_item_data in _workflows:
            workflows_item = Workflow.from_dict(workflows_item_data)

            workflows.append(workflows_item)

        limit = d.pop("limit")

        offset = d.pop("offset")

        def _parse_total(data: object) -> int | None:
            if data is None:
                return data
            return cast(int | None, data)

        total = _parse_total(d.pop("total"))

        has_more = d.pop("has_more")

        def _parse_next_cursor(data: object) -> None | str:
            if data is None:
                return data
            return cast(None | str, data)

        next_cursor = _parse_next_cursor(d.pop("next_cursor"))

        warnings = cast(list[str], d.pop("warnings", UNSET))

        workflow_page = cls(
            workflows=workflows,
            limit=limit,
            offset=offset,
            total=total,
            has_more=has_more,
            next_cursor=next_cursor,
            warnings=warnings,
        )

        workflow_page.additional_properties = d
        return workflow_page

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
