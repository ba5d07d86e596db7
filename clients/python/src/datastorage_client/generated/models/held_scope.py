from __future__ import annotations

import datetime
from collections.abc import Mapping
from typing import Any, TypeVar

from attrs import define as _attrs_define
from attrs import field as _attrs_field
from dateutil.parser import isoparse

from ..models.event_category import EventCategory, check_event_category
from ..types import UNSET, Unset

T = TypeVar("T", bound="HeldScope")


@_attrs_define
class HeldScope:
    """The conditions that were given.

    Attributes:
        correlation_id (str | Unset):
        resource_type (str | Unset):
        resource_id (str | Unset):
        actor_id (str | Unset):
        event_category (EventCategory | Unset):
        since (datetime.datetime | Unset):
        until (datetime.datetime | Unset):
    """

    correlation_id: str | Unset = UNSET
    resource_type: str | Unset = UNSET
    resource_id: str | Unset = UNSET
    actor_id: str | Unset = UNSET
    event_category: EventCategory | Unset = UNSET
    since: datetime.datetime | Unset = UNSET
    until: datetime.datetime | Unset = UNSET
    additional_properties: dict[str, Any] = _attrs_field(init=False, factory=dict)

    def to_dict(self) -> dict[str, Any]:
        correlation_id = self.correlation_id

        resource_type = self.resource_type

        resource_id = self.resource_id

        actor_id = self.actor_id

        event_category: str | Unset = UNSET
        if not isinstance(self.event_category, Unset):
            event_category = self.event_category

        since: str | Unset = UNSET
        if not isinstance(self.since, Unset):
            since = self.since.isoformat()

        until: str | Unset = UNSET
        if not isinstance(self.until, Unset):
            until = self.until.isoformat()

        field_dict: dict[str, Any] = {}
        field_dict.update(self.additional_properties)
        field_dict.update({})
        if correlation_id is not UNSET:
            field_dict["correlation_id"] = correlation_id
        if resource_type is not UNSET:
            field_dict["resource_type"] = resource_type
        if resource_id is not UNSET:
            field_dict["resource_id"] = resource_id
        if actor_id is not UNSET:
            field_dict["actor_id"] = actor_id
        if event_category is not UNSET:
            field_dict["event_category"] = event_category
        if since is not UNSET:
            field_dict["since"] = since
        if until is not UNSET:
            field_dict["until"] = until

        return field_dict

    @classmethod
    def from_dict(cls: type[T], src_dict: Mapping[str, Any]) -> T:
        d = dict(src_dict)
        correlation_id = d.pop("correlation_id", UNSET)

        resource_type = d.pop("resource_type", UNSET)

        resource_id = d.pop("resource_id", UNSET)

        actor_id = d.pop("actor_id", UNSET)

        _event_category = d.pop("event_category", UNSET)
        event_category: EventCategory | Unset
        if isinstance(_event_category, Unset):
            event_category = UNSET
        else:
            event_category = check_event_category(_event_category)

        _since = d.pop("since", UNSET)
        since: datetime.datetime | Unset
        if isinstance(_since, Unset):
            since = UNSET
        else:
            since = isoparse(_since)

        _until = d.pop("until", UNSET)
        until: datetime.datetime | Unset
        if isinstance(_until, Unset):
            until = UNSET
        else:
            until = isoparse(_until)

        held_scope = cls(
            correlation_id=correlation_id,
            resource_type=resource_type,
            resource_id=resource_id,
            actor_id=actor_id,
            event_category=event_category,
            since=since,
            until=until,
        )

        held_scope.additional_properties = d
        return held_scope

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
