from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any, TypeVar, cast

from attrs import define as _attrs_define
from attrs import field as _attrs_field

from ..models.failed_detections_item import (
    FailedDetectionsItem,
    check_failed_detections_item,
)
from ..models.workflow_priority import WorkflowPriority, check_workflow_priority
from ..models.workflow_severity import WorkflowSeverity, check_workflow_severity
from ..models.workflow_status import WorkflowStatus, check_workflow_status
from ..types import UNSET, Unset

if TYPE_CHECKING:
    from ..models.custom_labels import CustomLabels
    from ..models.detected_labels_type_0 import DetectedLabelsType0


T = TypeVar("T", bound="WorkflowFilters")


@_attrs_define
class WorkflowFilters:
    """The labels that are looked for, and what else a workflow should have. Other members are ignored.

    Attributes:
        signal_type (str):  Example: OOMKilled.
        severity (WorkflowSeverity):
        component (str):  Example: deployment.
        environment (str):  Example: production.
        priority (WorkflowPriority):
        detected_labels (DetectedLabelsType0 | None | Unset): What was detected in the cluster; text may be `*`. Further
            labels are text, true or false. In a search: the labels
            that a workflow should have; false and empty ones do not count.
        custom_labels (CustomLabels | Unset): All labels of one version (labels, detected_labels, custom_labels) have at
            most 64 KiB of JSON text together. Example: {'team': ['payments']}.
        failed_detections (list[FailedDetectionsItem] | Unset): Labels whose detection failed; they do not count.
        status (list[WorkflowStatus] | Unset): Statuses that are wanted.
    """

    signal_type: str
    severity: WorkflowSeverity
    component: str
    environment: str
    priority: WorkflowPriority
    detected_labels: DetectedLabelsType0 | None | Unset = UNSET
    custom_labels: CustomLabels | Unset = UNSET
    failed_detections: list[FailedDetectionsItem] | Unset = UNSET
    status: list[WorkflowStatus] | Unset = UNSET
    additional_properties: dict[str, Any] = _attrs_field(init=False, factory=dict)

    def to_dict(self) -> dict[str, Any]:
        from ..models.detected_labels_type_0 import DetectedLabelsType0

        signal_type = self.signal_type

        severity: str = self.severity

        component = self.component

        environment = self.environment

        priority: str = self.priority

        detected_labels: dict[str, Any] | None | Unset
        if isinstance(self.detected_labels, Unset):
            detected_labels = UNSET
        elif isinstance(self.detected_labels, DetectedLabelsType0):
            detected_labels = self.detected_labels.to_dict()
        else:
            detected_labels = self.detected_labels

        custom_labels: dict[str, Any] | Unset = UNSET
        if not isinstance(self.custom_labels, Unset):
            custom_labels = self.custom_labels.to_dict()

        failed_detections: list[str] | Unset = UNSET
        if not isinstance(self.failed_detections, Unset):
            failed_detections = []
            for componentsschemas_failed_detections_item_data in self.failed_detections:
                componentsschemas_failed_detections_item: str = componentsschemas_failed_detections_item_data
                failed_detections.append(componentsschemas_failed_detections_item)

        status: list[str] | Unset = UNSET
        if not isinstance(self.status, Unset):
            status = []
            for status_item_data in self.status:
                status_item: str = status_item_data
                status.append(status_item)

        field_dict: dict[str, Any] = {}
        field_dict.update(self.additional_properties)
        field_dict.update(
            {
                "signal_type": signal_type,
                "severity": severity,
                "component": component,
                "environment": environment,
                "priority": priority,
            }
        )
        if detected_labels is not UNSET:
            field_dict["detected_labels"] = detected_labels
        if custom_labels is not UNSET:
            field_dict["custom_labels"] = custom_labels
        if failed_detections is not UNSET:
            field_dict["failed_detections"] = failed_detections
        if status is not UNSET:
            field_dict["status"] = status

        return field_dict

    @classmethod
    def from_dict(cls: type[T], src_dict: Mapping[str, Any]) -> T:
        from ..models.custom_labels import CustomLabels
        from ..models.detected_labels_type_0 import DetectedLabelsType0

        d = dict(src_dict)
        signal_type = d.pop("signal_type")

        severity = check_workflow_severity(d.pop("severity"))

        component = d.pop("component")

        environment = d.pop("environment")

        priority = check_workflow_priority(d.pop("priority"))

        def _parse_detected_labels(data: object) -> DetectedLabelsType0 | None | Unset:
            if data is None:
                return data
            if isinstance(data, Unset):
                return data
            try:
                if not isinstance(data, dict):
                    raise TypeError()
                componentsschemas_detected_labels_type_0 = DetectedLabelsType0.from_dict(data)

                return componentsschemas_detected_labels_type_0
            except (TypeError, ValueError, AttributeError, KeyError):
                pass
            return cast(DetectedLabelsType0 | None | Unset, data)

        detected_labels = _parse_detected_labels(d.pop("detected_labels", UNSET))

        _custom_labels = d.pop("custom_labels", UNSET)
        custom_labels: CustomLabels | Unset
        if isinstance(_custom_labels, Unset):
            custom_labels = UNSET
        else:
            custom_labels = CustomLabels.from_dict(_custom_labels)

        _failed_detections = d.pop("failed_detections", UNSET)
        failed_detections: list[FailedDetectionsItem] | Unset = UNSET
        if _failed_detections is not UNSET:
            failed_detections = []
            for componentsschemas_failed_detections_item_data in _failed_detections:
                componentsschemas_failed_detections_item = check_failed_detections_item(
                    componentsschemas_failed_detections_item_data
                )

                failed_detections.append(componentsschemas_failed_detections_item)

        _status = d.pop("status", UNSET)
        status: list[WorkflowStatus] | Unset = UNSET
        if _status is not UNSET:
            status = []
            for status_item_data in _status:
                status_item = check_workflow_status(status_item_data)

                status.append(status_item)

        workflow_filters = cls(
            signal_type=signal_type,
            severity=severity,
            component=component,
            environment=environment,
            priority=priority,
            detected_labels=detected_labels,
            custom_labels=custom_labels,
            failed_detections=failed_detections,
            status=status,
        )

        workflow_filters.additional_properties = d
        return workflow_filters

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
