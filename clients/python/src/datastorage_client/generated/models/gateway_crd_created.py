from __future__ import annotations

from collections.abc import Mapping
from typing import Any, TypeVar

from attrs import define as _attrs_define
from attrs import field as _attrs_field

from ..types import UNSET, Unset

T = TypeVar("T", bound="GatewayCrdCreated")


@_attrs_define
class GatewayCrdCreated:
    """event_data of `gateway.crd.created` (category gateway, action crd_created).

    Attributes:
        crd_name (str | Unset):  Example: signalprocessing-sp-001.
        crd_namespace (str | Unset):  Example: kubernaut-system.
        crd_kind (str | Unset):  Example: SignalProcessing.
        creation_time (str | Unset):  Example: 2025-12-01T10:05:00Z.
    """

    crd_name: str | Unset = UNSET
    crd_namespace: str | Unset = UNSET
    crd_kind: str | Unset = UNSET
    creation_time: str | Unset = UNSET
    additional_properties: dict[str, Any] = _attrs_field(init=False, factory=dict)

    def to_dict(self) -> dict[str, Any]:
        crd_name = self.crd_name

        crd_namespace = self.crd_namespace

        crd_kind = self.crd_kind

        creation_time = self.creation_time

        field_dict: dict[str, Any] = {}
        field_dict.update(self.additional_properties)
        field_dict.update({})
        if crd_name is not UNSET:
            field_dict["crd_name"] = crd_name
        if crd_namespace is not UNSET:
            field_dict["crd_namespace"] = crd_namespace
        if crd_kind is not UNSET:
            field_dict["crd_kind"] = crd_kind
        if creation_time is not UNSET:
            field_dict["creation_time"] = creation_time

        return field_dict

    @classmethod
    def from_dict(cls: type[T], src_dict: Mapping[str, Any]) -> T:
        d = dict(src_dict)
        crd_name = d.pop("crd_name", UNSET)

        crd_namespace = d.pop("crd_namespace", UNSET)

        crd_kind = d.pop("crd_kind", UNSET)

        creation_time = d.pop("creation_time", UNSET)

        gateway_crd_created = cls(
            crd_name=crd_name,
            crd_namespace=crd_namespace,
            crd_kind=crd_kind,
            creation_time=creation_time,
        )

        gateway_crd_created.additional_properties = d
        return gateway_crd_created

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
