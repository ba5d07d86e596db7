from __future__ import annotations

from collections.abc import Mapping
from typing import Any, TypeVar, cast
from uuid import UUID

from attrs import define as _attrs_define
from attrs import field as _attrs_field

T = TypeVar("T", bound="InclusionProof")


@_attrs_define
class InclusionProof:
    """
    Attributes:
        event_id (UUID):
        entry (str): The 53 bytes of the log entry.
        leaf_index (int):
        hashes (list[str]): From the leaf's sibling up.
        checkpoint (str): The signed note.
    """

    event_id: UUID
    entry: str
    leaf_index: int
    hashes: list[str]
    checkpoint: str
    additional_properties: dict[str, Any] = _attrs_field(init=False, factory=dict)

    def to_dict(self) -> dict[str, Any]:
        event_id = str(self.event_id)

        entry = self.entry

        leaf_index = self.leaf_index

        hashes = self.hashes

        checkpoint = self.checkpoint

        field_dict: dict[str, Any] = {}
        field_dict.update(self.additional_properties)
        field_dict.update(
            {
                "event_id": event_id,
                "entry": entry,
                "leaf_index": leaf_index,
                "hashes": hashes,
                "checkpoint": checkpoint,
            }
        )

        return field_dict

    @classmethod
    def from_dict(cls: type[T], src_dict: Mapping[str, Any]) -> T:
        d = dict(src_dict)
        event_id = UUID(d.pop("event_id"))

        entry = d.pop("entry")

        leaf_index = d.pop("leaf_index")

        hashes = cast(list[str], d.pop("hashes"))

        checkpoint = d.pop("checkpoint")

        inclusion_proof = cls(
            event_id=event_id,
            entry=entry,
            leaf_index=leaf_index,
            hashes=hashes,
            checkpoint=checkpoint,
        )

        inclusion_proof.additional_properties = d
        return inclusion_proof

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
