from __future__ import annotations

from collections.abc import Mapping
from typing import Any, TypeVar, cast

from attrs import define as _attrs_define
from attrs import field as _attrs_field

from ..types import UNSET, Unset

T = TypeVar("T", bound="SignalprocessingEnrichmentCompleted")


@_attrs_define
class SignalprocessingEnrichmentCompleted:
    """event_data of `signalprocessing.enrichment.completed` (category signalprocessing, action completed).

    Attributes:
        signal_id (str | Unset):  Example: sp-001.
        labels_added (list[str] | Unset):  Example: ['component:database', 'priority:p0'].
        duration_ms (int | Unset):  Example: 123.
        enricher_used (str | Unset):  Example: k8s_context_enricher.
    """

    signal_id: str | Unset = UNSET
    labels_added: list[str] | Unset = UNSET
    duration_ms: int | Unset = UNSET
    enricher_used: str | Unset = UNSET
    additional_properties: dict[str, Any] = _attrs_field(init=False, factory=dict)

    def to_dict(self) -> dict[str, Any]:
        signal_id = self.signal_id

        labels_added: list[str] | Unset = UNSET
        if not isinstance(self.labels_added, Unset):
            labels_added = self.labels_added

        duration_ms = self.duration_ms

        enricher_used = self.enricher_used

        field_dict: dict[str, Any] = {}
        field_dict.update(self.additional_properties)
        field_dict.update({})
        if signal_id is not UNSET:
            field_dict["signal_id"] = signal_id
        if labels_added is not UNSET:
            field_dict["labels_added"] = labels_added
        if duration_ms is not UNSET:
            field_dict["duration_ms"] = duration_ms
        if enricher_used is not UNSET:
            field_dict["enricher_used"] = enricher_used

        return field_dict

    @classmethod
    def from_dict(cls: type[T], src_dict: Mapping[str, Any]) -> T:
        d = dict(src_dict)
        signal_id = d.pop("signal_id", UNSET)

        labels_added = cast(list[str], d.pop("labels_added", UNSET))

        duration_ms = d.pop("duration_ms", UNSET)

        enricher_used = d.pop("enricher_used", UNSET)

        signalprocessing_enrichment_completed = cls(
            signal_id=signal_id,
            labels_added=labels_added,
            duration_ms=duration_ms,
            enricher_used=enricher_used,
        )

        signalprocessing_enrichment_completed.additional_properties = d
        return signalprocessing_enrichment_completed

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
