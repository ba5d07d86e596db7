from __future__ import annotations

from collections.abc import Mapping
from typing import Any, TypeVar

from attrs import define as _attrs_define
from attrs import field as _attrs_field

from ..models.workflow_priority import WorkflowPriority, check_workflow_priority
from ..models.workflow_severity import WorkflowSeverity, check_workflow_severity

T = TypeVar("T", bound="WorkflowLabels")


@_attrs_define
class WorkflowLabels:
    """What the workflow is for; component, environment and priority may be `*`. Further labels are text.

    Attributes:
        signal_type (str):  Example: OOMKilled.
        severity (WorkflowSeverity):
        component (str):  Example: deployment.
        environment (str):  Example: production.
        priority (WorkflowPriority):
    """

    signal_type: str
    severity: WorkflowSeverity
    component: str
    environment: str
    priority: WorkflowPriority
    additional_properties: dict[str, str] = _attrs_field(init=False, factory=dict)

    def to_dict(self) -> dict[str, Any]:
        signal_type = self.signal_type

        severity: str = self.severity

        component = self.component

        environment = self.environment

        priority: str = self.priority

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

        return field_dict

    @classmethod
    def from_dict(cls: type[T], src_dict: Mapping[str, Any]) -> T:
        d = dict(src_dict)
        signal_type = d.pop("signal_type")

        severity = check_workflow_severity(d.pop("severity"))

        component = d.pop("component")

        environment = d.pop("environment")

        priority = check_workflow_priority(d.pop("priority"))

        workflow_labels = cls(
            signal_type=signal_type,
            severity=severity,
            component=component,
            environment=environment,
            priority=priority,
        )

        workflow_labels.additional_properties = d
        return workflow_labels

    @property
    def additional_keys(self) -> list[str]:
        return list(self.additional_properties.keys())

    def __getitem__(self, key: str) -> str:
        return self.additional_properties[key]

    def __setitem__(self, key: str, value: str) -> None:
        self.additional_properties[key] = value

    def __delitem__(self, key: str) -> None:
        del self.additional_properties[key]

    def __contains__(self, key: str) -> bool:
        return key in self.additional_properties
