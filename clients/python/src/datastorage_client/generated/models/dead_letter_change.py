from __future__ import annotations

from collections.abc import Mapping
from typing import Any, TypeVar

from attrs import define as _attrs_define
from attrs import field as _attrs_field

from ..models.dead_letter_change_state import (
    DeadLetterChangeState,
    check_dead_letter_change_state,
)

T = TypeVar("T", bound="DeadLetterChange")


@_attrs_define
class DeadLetterChange:
    """
    Attributes:
        id (str):
        record_id (str):
        state (DeadLetterChangeState):
    """

    id: str
    record_id: str
    state: DeadLetterChangeState
    additional_properties: dict[str, Any] = _attrs_field(init=False, factory=dict)

    def to_dict(self) -> dict[str, Any]:
        id = self.id

        record_id = self.record_id

        state: str = self.state

        field_dict: dict[str, Any] = {}
        field_dict.update(self.additional_properties)
        field_dict.update(
            {
                "id": id,
                "record_id": record_id,
                "state": state,
            }
        )

        return field_dict

    @classmethod
    def from_dict(cls: type[T], src_dict: Mapping[str, Any]) -> T:
        d = dict(src_dict)
        id = d.pop("id")

        record_id = d.pop("record_id")

        state = check_dead_letter_change_state(d.pop("state"))

        dead_letter_change = cls(
            id=id,
            record_id=record_id,
            state=state,
        )

        dead_letter_change.additional_properties = d
        return dead_letter_change

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
