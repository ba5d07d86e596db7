from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any, TypeVar
from uuid import UUID

from attrs import define as _attrs_define
from attrs import field as _attrs_field

from ..types import UNSET, Unset

if TYPE_CHECKING:
    from ..models.workflow_match_custom_labels import WorkflowMatchCustomLabels
    from ..models.workflow_match_detected_labels import WorkflowMatchDetectedLabels
    from ..models.workflow_match_score_breakdown_item import (
        WorkflowMatchScoreBreakdownItem,
    )


T = TypeVar("T", bound="WorkflowMatch")


@_attrs_define
class WorkflowMatch:
    """
    Attributes:
        workflow_id (UUID):
        workflow_name (str):
        workflow_version (str):
        title (str):
        description (str):
        signal_type (str):
        confidence (float): The final_score.
        final_score (float):
        label_boost (float): Points of detected and custom labels, a tenth of which is in the score.
        label_penalty (float):
        rank (int):
        detected_labels (WorkflowMatchDetectedLabels):
        score_breakdown (list[WorkflowMatchScoreBreakdownItem]):
        custom_labels (WorkflowMatchCustomLabels | Unset):
        container_image (str | Unset):
        container_digest (str | Unset):
    """

    workflow_id: UUID
    workflow_name: str
    workflow_version: str
    title: str
    description: str
    signal_type: str
    confidence: float
    final_score: float
    label_boost: float
    label_penalty: float
    rank: int
    detected_labels: WorkflowMatchDetectedLabels
    score_breakdown: list[WorkflowMatchScoreBreakdownItem]
    custom_labels: WorkflowMatchCustomLabels | Unset = UNSET
    container_image: str | Unset = UNSET
    container_digest: str | Unset = UNSET
    additional_properties: dict[str, Any] = _attrs_field(init=False, factory=dict)

    def to_dict(self) -> dict[str, Any]:
        workflow_id = str(self.workflow_id)

        workflow_name = self.workflow_name

        workflow_version = self.workflow_version

        title = self.title

        description = self.description

        signal_type = self.signal_type

        confidence = self.confidence

        final_score = self.final_score

        label_boost = self.label_boost

        label_penalty = self.label_penalty

        rank = self.rank

        detected_labels = self.detected_labels.to_dict()

        score_breakdown = []
        for score_breakdown_item_data in self.score_breakdown:
            score_breakdown_item = score_breakdown_item_data.to_dict()
            score_breakdown.append(score_breakdown_item)

        custom_labels: dict[str, Any] | Unset = UNSET
        if not isinstance(self.custom_labels, Unset):
            custom_labels = self.custom_labels.to_dict()

        container_image = self.container_image

        container_digest = self.container_digest

        field_dict: dict[str, Any] = {}
        field_dict.update(self.additional_properties)
        field_dict.update(
            {
                "workflow_id": workflow_id,
                "workflow_name": workflow_name,
                "workflow_version": workflow_version,
                "title": title,
                "description": description,
                "signal_type": signal_type,
                "confidence": confidence,
                "final_score": final_score,
                "label_boost": label_boost,
                "label_penalty": label_penalty,
                "rank": rank,
                "detected_labels": detected_labels,
                "score_breakdown": score_breakdown,
            }
        )
        if custom_labels is not UNSET:
            field_dict["custom_labels"] = custom_labels
        if container_image is not UNSET:
            field_dict["container_image"] = container_image
        if container_digest is not UNSET:
            field_dict["container_digest"] = container_digest

        return field_dict

    @classmethod
    def from_dict(cls: type[T], src_dict: Mapping[str, Any]) -> T:
        from ..models.workflow_match_custom_labels import WorkflowMatchCustomLabels
        from ..models.workflow_match_detected_labels import WorkflowMatchDetectedLabels
        from ..models.workflow_match_score_breakdown_item import (
            WorkflowMatchScoreBreakdownItem,
        )

        d = dict(src_dict)
        workflow_id = UUID(d.pop("workflow_id"))

        workflow_name = d.pop("workflow_name")

        workflow_version = d.pop("workflow_version")

        title = d.pop("title")

        description = d.pop("description")

        signal_type = d.pop("signal_type")

        confidence = d.pop("confidence")

        final_score = d.pop("final_score")

        label_boost = d.pop("label_boost")

        label_penalty = d.pop("label_penalty")

        rank = d.pop("rank")

        detected_labels = WorkflowMatchDetectedLabels.from_dict(d.pop("detected_labels"))

        score_breakdown = []
        _score_breakdown = d.pop("score_breakdown")
        for score_breakdown_item_data in _score_breakdown:
            score_breakdown_item = WorkflowMatchScoreBreakdownItem.from_dict(score_breakdown_item_data)

            score_breakdown.append(score_breakdown_item)

        _custom_labels = d.pop("custom_labels", UNSET)
        custom_labels: WorkflowMatchCustomLabels | Unset
        if isinstance(_custom_labels, Unset):
            custom_labels = UNSET
        else:
            custom_labels = WorkflowMatchCustomLabels.from_dict(_custom_labels)

        container_image = d.pop("container_image", UNSET)

        container_digest = d.pop("container_digest", UNSET)

        workflow_match = cls(
            workflow_id=workflow_id,
            workflow_name=workflow_name,
            workflow_version=workflow_version,
            title=title,
            description=description,
            signal_type=signal_type,
            confidence=confidence,
            final_score=final_score,
            label_boost=label_boost,
            label_penalty=label_penalty,
            rank=rank,
            detected_labels=detected_labels,
            score_breakdown=score_breakdown,
            custom_labels=custom_labels,
            container_image=container_image,
            container_digest=container_digest,
        )

        workflow_match.additional_properties = d
        return workflow_match

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
