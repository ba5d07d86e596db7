from __future__ import annotations

from collections.abc import Mapping
from typing import Any, TypeVar

from attrs import define as _attrs_define
from attrs import field as _attrs_field

from ..types import UNSET, Unset

T = TypeVar("T", bound="RemediationorchestratorErrorOccurred")


@_attrs_define
class RemediationorchestratorErrorOccurred:
    """event_data of `remediationorchestrator.error.occurred` (category orchestration, action error_occurred).

    Attributes:
        error_type (str | Unset):  Example: workflow_execution_failed.
        error_message (str | Unset):  Example: connection refused after 3 attempts.
        remediation_request_id (str | Unset):  Example: rr-001.
    """

    error_type: str | Unset = UNSET
    error_message: str | Unset = UNSET
    remediation_request_id: str | Unset = UNSET
    additional_properties: dict[str, Any] = _attrs_field(init=False, factory=dict)

    def to_dict(self) -> dict[str, Any]:
        error_type = self.error_type

        error_message = self.error_message

        remediation_request_id = self.remediation_request_id

        field_dict: dict[str, Any] = {}
        field_dict.update(self.additional_properties)
        field_dict.update({})
        if error_type is not UNSET:
            field_dict["error_type"] = error_type
        if error_message is not UNSET:
            field_dict["error_message"] = error_message
        if remediation_request_id is not UNSET:
            field_dict["remediation_request_id"] = remediation_request_id

        return field_dict

    @classmethod
    def from_dict(cls: type[T], src_dict: Mapping[str, Any]) -> T:
        d = dict(src_dict)
        error_type = d.pop("error_type", UNSET)

        error_message = d.pop("error_message", UNSET)

        remediation_request_id = d.pop("remediation_request_id", UNSET)

        remediationorchestrator_error_occurred = cls(
            error_type=error_type,
            error_message=error_message,
            remediation_request_id=remediation_request_id,
        )

        remediationorchestrator_error_occurred.additional_properties = d
        return remediationorchestrator_error_occurred

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
