from __future__ import annotations

from collections.abc import Mapping
from typing import Any, TypeVar, cast

from attrs import define as _attrs_define
from attrs import field as _attrs_field

from ..types import UNSET, Unset

T = TypeVar("T", bound="SignalprocessingEnrichmentStarted")


@_attrs_define
class SignalprocessingEnrichmentStarted:
    """event_data of `signalprocessing.enrichment.started` (category signalprocessing, action started).

    Attributes:
        signal_id (str | Unset):  Example: sp-001.
        enricher_type (str | Unset):  Example: k8s_context_enricher.
        input_labels (list[str] | Unset):  Example: ['severity:critical'].
        expected_output (str | Unset):  Example: k8s_metadata.
    """

    signal_id: str | Unset = UNSET
    enricher_type: str | Unset = UNSET
    input_labels: list[str] | Unset = UNSET
    expected_output: str | Unset = UNSET
    additional_properties: dict[str, Any] = _attrs_field(init=False, factory=dict)

    def to_dict(self) -> dict[str, Any]:
        signal_id = self.signal_id

        enricher_type = self.enricher_type

        input_labels: list[str] | Unset = UNSET
        if not isinstance(self.input_labels, Unset):
            input_labels = self.input_labels

        expected_output = self.expected_output

        field_dict: dict[str, Any] = {}
        field_dict.update(self.additional_properties)
        field_dict.update({})
        if signal_id is not UNSET:
            field_dict["signal_id"] = signal_id
        if enricher_type is not UNSET:
            field_dict["enricher_type"] = enricher_type
        if input_labels is not UNSET:
            field_dict["input_labels"] = input_labels
        if expected_output is not UNSET:
            field_dict["expected_output"] = expected_output

        return field_dict

    @classmethod
    def from_dict(cls: type[T], src_dict: Mapping[str, Any]) -> T:
        d = dict(src_dict)
        signal_id = d.pop("signal_id", UNSET)

        enricher_type = d.pop("enricher_type", UNSET)

        input_labels = cast(list[str], d.pop("input_labels", UNSET))

        expected_output = d.pop("expected_output", UNSET)

        signalprocessing_enrichment_started = cls(
            signal_id=signal_id,
            enricher_type=enricher_type,
            input_labels=input_labels,
            expected_output=expected_output,
        )

        signalprocessing_enrichment_started.additional_properties = d
        return signalprocessing_enrichment_started

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
