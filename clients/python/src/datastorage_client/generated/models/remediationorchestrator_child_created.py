from __future__ import annotations

from collections.abc import Mapping
from typing import Any, TypeVar

from attrs import define as _attrs_define
from attrs import field as _attrs_field

from ..types import UNSET, Unset

T = TypeVar("T", bound="RemediationorchestratorChildCreated")


@_attrs_define
class RemediationorchestratorChildCreated:
    """event_data of `remediationorchestrator.child.created` (category orchestration, action child_created).

    Attributes:
        parent_request_id (str | Unset):  Example: rr-001.
        child_request_id (str | Unset):  Example: rr-001-child-1.
        child_reason (str | Unset):  Example: multi_step_remediation.
        step_number (int | Unset):  Example: 2.
    """

    parent_request_id: str | Unset = UNSET
    child_request_id: str | Unset = UNSET
    child_reason: str | Unset = UNSET
    step_number: int | Unset = UNSET
    additional_properties: dict[str, Any] = _attrs_field(init=False, factory=dict)

    def to_dict(self) -> dict[str, Any]:
        parent_request_id = self.parent_request_id

        child_request_id = self.child_request_id

        child_reason = self.child_reason

        step_number = self.step_number

        field_dict: dict[str, Any] = {}
        field_dict.update(self.additional_properties)
        field_dict.update({})
        if parent_request_id is not UNSET:
            field_dict["parent_request_id"] = parent_request_id
        if child_request_id is not UNSET:
            field_dict["child_request_id"] = child_request_id
        if child_reason is not UNSET:
            field_dict["child_reason"] = child_reason
        if step_number is not UNSET:
            field_dict["step_number"] = step_number

        return field_dict

    @classmethod
    def from_dict(cls: type[T], src_dict: Mapping[str, Any]) -> T:
        d = dict(src_dict)
        parent_request_id = d.pop("parent_request_id", UNSET)

        child_request_id = d.pop("child_request_id", UNSET)

        child_reason = d.pop("child_reason", UNSET)

        step_number = d.pop("step_number", UNSET)

        remediationorchestrator_child_created = cls(
            parent_request_id=parent_request_id,
            child_request_id=child_request_id,
            child_reason=child_reason,
            step_number=step_number,
        )

        remediationorchestrator_child_created.additional_properties = d
        return remediationorchestrator_child_created

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
