from __future__ import annotations

from collections.abc import Mapping
from typing import Any, TypeVar

from attrs import define as _attrs_define
from attrs import field as _attrs_field

from ..types import UNSET, Unset

T = TypeVar("T", bound="AnalysisInvestigationStarted")


@_attrs_define
class AnalysisInvestigationStarted:
    """event_data of `analysis.investigation.started` (category analysis, action started).

    Attributes:
        analysis_id (str | Unset):  Example: aa-001.
        signal_id (str | Unset):  Example: sp-001.
        llm_provider (str | Unset):  Example: openai.
        llm_model (str | Unset):  Example: gpt-4.
        prompt_tokens (int | Unset):  Example: 1500.
    """

    analysis_id: str | Unset = UNSET
    signal_id: str | Unset = UNSET
    llm_provider: str | Unset = UNSET
    llm_model: str | Unset = UNSET
    prompt_tokens: int | Unset = UNSET
    additional_properties: dict[str, Any] = _attrs_field(init=False, factory=dict)

    def to_dict(self) -> dict[str, Any]:
        analysis_id = self.analysis_id

        signal_id = self.signal_id

        llm_provider = self.llm_provider

        llm_model = self.llm_model

        prompt_tokens = self.prompt_tokens

        field_dict: dict[str, Any] = {}
        field_dict.update(self.additional_properties)
        field_dict.update({})
        if analysis_id is not UNSET:
            field_dict["analysis_id"] = analysis_id
        if signal_id is not UNSET:
            field_dict["signal_id"] = signal_id
        if llm_provider is not UNSET:
            field_dict["llm_provider"] = llm_provider
        if llm_model is not UNSET:
            field_dict["llm_model"] = llm_model
        if prompt_tokens is not UNSET:
            field_dict["prompt_tokens"] = prompt_tokens

        return field_dict

    @classmethod
    def from_dict(cls: type[T], src_dict: Mapping[str, Any]) -> T:
        d = dict(src_dict)
        analysis_id = d.pop("analysis_id", UNSET)

        signal_id = d.pop("signal_id", UNSET)

        llm_provider = d.pop("llm_provider", UNSET)

        llm_model = d.pop("llm_model", UNSET)

        prompt_tokens = d.pop("prompt_tokens", UNSET)

        analysis_investigation_started = cls(
            analysis_id=analysis_id,
            signal_id=signal_id,
            llm_provider=llm_provider,
            llm_model=llm_model,
            prompt_tokens=prompt_tokens,
        )

        analysis_investigation_started.additional_properties = d
        return analysis_investigation_started

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
