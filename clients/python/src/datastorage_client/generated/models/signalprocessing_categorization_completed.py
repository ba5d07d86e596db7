from __future__ import annotations

from collections.abc import Mapping
from typing import Any, TypeVar, cast

from attrs import define as _attrs_define
from attrs import field as _attrs_field

from ..types import UNSET, Unset

T = TypeVar("T", bound="SignalprocessingCategorizationCompleted")


@_attrs_define
class SignalprocessingCategorizationCompleted:
    """event_data of `signalprocessing.categorization.completed` (category signalprocessing, action completed).

    Attributes:
        signal_id (str | Unset):  Example: sp-001.
        category (str | Unset):  Example: infrastructure.
        confidence (float | Unset):  Example: 0.92.
        labels (list[str] | Unset):  Example: ['severity:critical', 'component:database'].
    """

    signal_id: str | Unset = UNSET
    category: str | Unset = UNSET
    confidence: float | Unset = UNSET
    labels: list[str] | Unset = UNSET
    additional_properties: dict[str, Any] = _attrs_field(init=False, factory=dict)

    def to_dict(self) -> dict[str, Any]:
        signal_id = self.signal_id

        category = self.category

        confidence = self.confidence

        labels: list[str] | Unset = UNSET
        if not isinstance(self.labels, Unset):
            labels = self.labels

        field_dict: dict[str, Any] = {}
        field_dict.update(self.additional_properties)
        field_dict.update({})
        if signal_id is not UNSET:
            field_dict["signal_id"] = signal_id
        if category is not UNSET:
            field_dict["category"] = category
        if confidence is not UNSET:
            field_dict["confidence"] = confidence
        if labels is not UNSET:
            field_dict["labels"] = labels

        return field_dict

    @classmethod
    def from_dict(cls: type[T], src_dict: Mapping[str, Any]) -> T:
        d = dict(src_dict)
        signal_id = d.pop("signal_id", UNSET)

        category = d.pop("category", UNSET)

        confidence = d.pop("confidence", UNSET)

        labels = cast(list[str], d.pop("labels", UNSET))

        signalprocessing_categorization_completed = cls(
            signal_id=signal_id,
            category=category,
            confidence=confidence,
            labels=labels,
        )

        signalprocessing_categorization_completed.additional_properties = d
        return signalprocessing_categorization_completed

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
