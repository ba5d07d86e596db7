from __future__ import annotations

import datetime
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any, TypeVar, cast
from uuid import UUID

from attrs import define as _attrs_define
from attrs import field as _attrs_field
from dateutil.parser import isoparse

if TYPE_CHECKING:
    from ..models.held_scope import HeldScope


T = TypeVar("T", bound="LegalHold")


@_attrs_define
class LegalHold:
    """
    Attributes:
        hold_id (UUID):
        matter (str):
        reason (str):
        scope (HeldScope): The conditions that were given.
        second_person (bool): Somebody else than who placed it must release it.
        placed_by (None | str): Subject of the credentials; null while nobody is asked who they are.
        placed_at (datetime.datetime):
        released_by (None | str):
        released_at (datetime.datetime | None): null: in force.
        release_reason (None | str):
    """

    hold_id: UUID
    matter: str
    reason: str
    scope: HeldScope
    second_person: bool
    placed_by: None | str
    placed_at: datetime.datetime
    released_by: None | str
    released_at: datetime.datetime | None
    release_reason: None | str
    additional_properties: dict[str, Any] = _attrs_field(init=False, factory=dict)

    def to_dict(self) -> dict[str, Any]:
        hold_id = str(self.hold_id)

        matter = self.matter

        reason = self.reason

        scope = self.scope.to_dict()

        second_person = self.second_person

        placed_by: None | str
        placed_by = self.placed_by

        placed_at = self.placed_at.isoformat()

        released_by: None | str
        released_by = self.released_by

        released_at: None | str
        if isinstance(self.released_at, datetime.datetime):
            released_at = self.released_at.isoformat()
        else:
            released_at = self.released_at

        release_reason: None | str
        release_reason = self.release_reason

        field_dict: dict[str, Any] = {}
        field_dict.update(self.additional_properties)
        field_dict.update(
            {
                "hold_id": hold_id,
                "matter": matter,
                "reason": reason,
                "scope": scope,
                "second_person": second_person,
                "placed_by": placed_by,
                "placed_at": placed_at,
                "released_by": released_by,
                "released_at": released_at,
                "release_reason": release_reason,
            }
        )

        return field_dict

    @classmethod
    def from_dict(cls: type[T], src_dict: Mapping[str, Any]) -> T:
        from ..models.held_scope import HeldScope

        d = dict(src_dict)
        hold_id = UUID(d.pop("hold_id"))

        matter = d.pop("matter")

        reason = d.pop("reason")

        scope = HeldScope.from_dict(d.pop("scope"))

        second_person = d.pop("second_person")

        def _parse_placed_by(data: object) -> None | str:
            if data is None:
                return data
            return cast(None | str, data)

        placed_by = _parse_placed_by(d.pop("placed_by"))

        placed_at = isoparse(d.pop("placed_at"))

        def _parse_released_by(data: object) -> None | str:
            if data is None:
                return data
            return cast(None | str, data)

        released_by = _parse_released_by(d.pop("released_by"))

        def _parse_released_at(data: object) -> datetime.datetime | None:
            if data is None:
                return data
            try:
                if not isinstance(data, str):
                    raise TypeError()
                released_at_type_0 = isoparse(data)

                return released_at_type_0
            except (TypeError, ValueError, AttributeError, KeyError):
                pass
            return cast(datetime.datetime | None, data)

        released_at = _parse_released_at(d.pop("released_at"))

        def _parse_release_reason(data: object) -> None | str:
            if data is None:
                return data
            return cast(None | str, data)

        release_reason = _parse_release_reason(d.pop("release_reason"))

        legal_hold = cls(
            hold_id=hold_id,
            matter=matter,
            reason=reason,
            scope=scope,
            second_person=second_person,
            placed_by=placed_by,
            placed_at=placed_at,
            released_by=released_by,
            released_at=released_at,
            release_reason=release_reason,
        )

        legal_hold.additional_properties = d
        return legal_hold

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
