from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any, TypeVar

from attrs import define as _attrs_define
from attrs import field as _attrs_field

if TYPE_CHECKING:
    from ..models.legal_hold_scope import LegalHoldScope


T = TypeVar("T", bound="LegalHoldRequest")


@_attrs_define
class LegalHoldRequest:
    """
    Attributes:
        matter (str): The case, as the lawyers call it.
        reason (str):
        scope (LegalHoldScope): Which events it covers; each member is a condition, and all of them must be met.
    """

    matter: str
    reason: str
    scope: LegalHoldScope
    additional_properties: dict[str, Any] = _attrs_field(init=False, factory=dict)

    def to_dict(self) -> dict[str, Any]:
        matter = self.matter

        reason = self.reason

        scope = self.scope.to_dict()

        field_dict: dict[str, Any] = {}
        field_dict.update(self.additional_properties)
        field_dict.update(
            {
                "matter": matter,
                "reason": reason,
                "scope": scope,
            }
        )

        return field_dict

    @classmethod
    def from_dict(cls: type[T], src_dict: Mapping[str, Any]) -> T:
        from ..models.legal_hold_scope import LegalHoldScope

        d = dict(src_dict)
        matter = d.pop("matter")

        reason = d.pop("reason")

        scope = LegalHoldScope.from_dict(d.pop("scope"))

        legal_hold_request = cls(
            matter=matter,
            reason=reason,
            scope=scope,
        )

        legal_hold_request.additional_properties = d
        return legal_hold_request

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
