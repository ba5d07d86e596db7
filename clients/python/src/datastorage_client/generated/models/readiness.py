from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any, TypeVar, cast

from attrs import define as _attrs_define
from attrs import field as _attrs_field

from ..models.readiness_status import ReadinessStatus, check_readiness_status
from ..types import UNSET, Unset

if TYPE_CHECKING:
    from ..models.readiness_components import ReadinessComponents


T = TypeVar("T", bound="Readiness")


@_attrs_define
class Readiness:
    """
    Attributes:
        status (ReadinessStatus):
        reason (str | Unset): Why nothing should be sent here.
        warnings (list[str] | Unset): What is configured so that it promises less, for instance a Redis that may lose
            queued records in a crash.
        components (ReadinessComponents | Unset): State of each part that is not as it should be.
    """

    status: ReadinessStatus
    reason: str | Unset = UNSET
    warnings: list[str] | Unset = UNSET
    components: ReadinessComponents | Unset = UNSET
    additional_properties: dict[str, Any] = _attrs_field(init=False, factory=dict)

    def to_dict(self) -> dict[str, Any]:
        status: str = self.status

        reason = self.reason

        warnings: list[str] | Unset = UNSET
        if not isinstance(self.warnings, Unset):
            warnings = self.warnings

        components: dict[str, Any] | Unset = UNSET
        if not isinstance(self.components, Unset):
            components = self.components.to_dict()

        field_dict: dict[str, Any] = {}
        field_dict.update(self.additional_properties)
        field_dict.update(
            {
                "status": status,
            }
        )
        if reason is not UNSET:
            field_dict["reason"] = reason
        if warnings is not UNSET:
            field_dict["warnings"] = warnings
        if components is not UNSET:
            field_dict["components"] = components

        return field_dict

    @classmethod
    def from_dict(cls: type[T], src_dict: Mapping[str, Any]) -> T:
        from ..models.readiness_components import ReadinessComponents

        d = dict(src_dict)
        status = check_readiness_status(d.pop("status"))

        reason = d.pop("reason", UNSET)

        warnings = cast(list[str], d.pop("warnings", UNSET))

        _components = d.pop("components", UNSET)
        components: ReadinessComponents | Unset
        if isinstance(_components, Unset):
            components = UNSET
        else:
            components = ReadinessComponents.from_dict(_components)

        readiness = cls(
            status=status,
            reason=reason,
            warnings=warnings,
            components=components,
        )

        readiness.additional_properties = d
        return readiness

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
