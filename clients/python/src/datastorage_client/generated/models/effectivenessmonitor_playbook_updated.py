from __future__ import annotations

from collections.abc import Mapping
from typing import Any, TypeVar

from attrs import define as _attrs_define
from attrs import field as _attrs_field

from ..types import UNSET, Unset

T = TypeVar("T", bound="EffectivenessmonitorPlaybookUpdated")


@_attrs_define
class EffectivenessmonitorPlaybookUpdated:
    """event_data of `effectivenessmonitor.playbook.updated` (category analysis, action playbook_updated).

    Attributes:
        workflow_id (str | Unset):  Example: wf-oom-handler.
        confidence_delta (float | Unset):  Example: 0.05.
        new_confidence (float | Unset):  Example: 0.92.
        update_reason (str | Unset):  Example: successful_execution.
    """

    workflow_id: str | Unset = UNSET
    confidence_delta: float | Unset = UNSET
    new_confidence: float | Unset = UNSET
    update_reason: str | Unset = UNSET
    additional_properties: dict[str, Any] = _attrs_field(init=False, factory=dict)

    def to_dict(self) -> dict[str, Any]:
        workflow_id = self.workflow_id

        confidence_delta = self.confidence_delta

        new_confidence = self.new_confidence

        update_reason = self.update_reason

        field_dict: dict[str, Any] = {}
        field_dict.update(self.additional_properties)
        field_dict.update({})
        if workflow_id is not UNSET:
            field_dict["workflow_id"] = workflow_id
        if confidence_delta is not UNSET:
            field_dict["confidence_delta"] = confidence_delta
        if new_confidence is not UNSET:
            field_dict["new_confidence"] = new_confidence
        if update_reason is not UNSET:
            field_dict["update_reason"] = update_reason

        return field_dict

    @classmethod
    def from_dict(cls: type[T], src_dict: Mapping[str, Any]) -> T:
        d = dict(src_dict)
        workflow_id = d.pop("workflow_id", UNSET)

        confidence_delta = d.pop("confidence_delta", UNSET)

        new_confidence = d.pop("new_confidence", UNSET)

        update_reason = d.pop("update_reason", UNSET)

        effectivenessmonitor_playbook_updated = cls(
            workflow_id=workflow_id,
            confidence_delta=confidence_delta,
            new_confidence=new_confidence,
            update_reason=update_reason,
        )

        effectivenessmonitor_playbook_updated.additional_properties = d
        return effectivenessmonitor_playbook_updated

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
