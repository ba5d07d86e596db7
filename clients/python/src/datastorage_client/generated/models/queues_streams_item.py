from __future__ import annotations

from collections.abc import Mapping
from typing import Any, TypeVar, cast

from attrs import define as _attrs_define
from attrs import field as _attrs_field

from ..models.queues_streams_item_alarm import (
    QueuesStreamsItemAlarm,
    check_queues_streams_item_alarm,
)
from ..models.queues_streams_item_name import (
    QueuesStreamsItemName,
    check_queues_streams_item_name,
)

T = TypeVar("T", bound="QueuesStreamsItem")


@_attrs_define
class QueuesStreamsItem:
    """
    Attributes:
        name (QueuesStreamsItemName):
        depth (int): Entries that wait.
        capacity (int): Entries that it takes; then the answer is 503.
        ratio (float): depth : capacity.
        alarm (QueuesStreamsItemAlarm): From 80, 90 and 95 %.
        oldest_age_seconds (float | None): Age of the entry at the head.
        dead_letters (int):
    """

    name: QueuesStreamsItemName
    depth: int
    capacity: int
    ratio: float
    alarm: QueuesStreamsItemAlarm
    oldest_age_seconds: float | None
    dead_letters: int
    additional_properties: dict[str, Any] = _attrs_field(init=False, factory=dict)

    def to_dict(self) -> dict[str, Any]:
        name: str = self.name

        depth = self.depth

        capacity = self.capacity

        ratio = self.ratio

        alarm: str = self.alarm

        oldest_age_seconds: float | None
        oldest_age_seconds = self.oldest_age_seconds

        dead_letters = self.dead_letters

        field_dict: dict[str, Any] = {}
        field_dict.update(self.additional_properties)
        field_dict.update(
            {
                "name": name,
                "depth": depth,
                "capacity": capacity,
                "ratio": ratio,
                "alarm": alarm,
                "oldest_age_seconds": oldest_age_seconds,
                "dead_letters": dead_letters,
            }
        )

        return field_dict

    @classmethod
    def from_dict(cls: type[T], src_dict: Mapping[str, Any]) -> T:
        d = dict(src_dict)
        name = check_queues_streams_item_name(d.pop("name"))

        depth = d.pop("depth")

        capacity = d.pop("capacity")

        ratio = d.pop("ratio")

        alarm = check_queues_streams_item_alarm(d.pop("alarm"))

        def _parse_oldest_age_seconds(data: object) -> float | None:
            if data is None:
                return data
            return cast(float | None, data)

        oldest_age_seconds = _parse_oldest_age_seconds(d.pop("oldest_age_seconds"))

        dead_letters = d.pop("dead_letters")

        queues_streams_item = cls(
            name=name,
            depth=depth,
            capacity=capacity,
            ratio=ratio,
            alarm=alarm,
            oldest_age_seconds=oldest_age_seconds,
            dead_letters=dead_letters,
        )

        queues_streams_item.additional_properties = d
        return queues_streams_item

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
