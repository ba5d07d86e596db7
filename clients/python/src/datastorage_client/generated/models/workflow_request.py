from __future__ import annotations

import datetime
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any, TypeVar, cast

from attrs import define as _attrs_define
from attrs import field as _attrs_field
from dateutil.parser import isoparse

from ..models.workflow_request_status import (
    WorkflowRequestStatus,
    check_workflow_request_status,
)
from ..types import UNSET, Unset

if TYPE_CHECKING:
    from ..models.custom_labels import CustomLabels
    from ..models.detected_labels_type_0 import DetectedLabelsType0
    from ..models.workflow_labels import WorkflowLabels
    from ..models.workflow_request_parameters_type_0 import WorkflowRequestParametersType0


T = TypeVar("T", bound="WorkflowRequest")


@_attrs_define
class WorkflowRequest:
    """One version. Other members are ignored.

    Attributes:
        workflow_name (str):  Example: oom-restart.
        version (str):  Example: 1.0.0.
        name (str): Title for people.
        description (str):
        content (str): The definition that the engine runs.
        content_hash (str): SHA-256 of content in UTF-8.
        labels (WorkflowLabels): What the workflow is for; component, environment and priority may be `*`. Further
            labels are text.
        execution_engine (str):  Example: tekton.
        status (WorkflowRequestStatus | Unset):  Default: 'active'.
        detected_labels (DetectedLabelsType0 | None | Unset): What was detected in the cluster; text may be `*`. Further
            labels are text, true or false. In a search: the labels
            that a workflow should have; false and empty ones do not count.
        custom_labels (CustomLabels | Unset): All labels of one version (labels, detected_labels, custom_labels) have at
            most 64 KiB of JSON text together. Example: {'team': ['payments']}.
        parameters (list[Any] | None | Unset | WorkflowRequestParametersType0): What the workflow takes, as its engine
            describes it.
        container_image (None | str | Unset):
        container_digest (None | str | Unset):
        owner (None | str | Unset):
        maintainer (None | str | Unset):
        previous_version (None | str | Unset):
        version_notes (None | str | Unset):
        change_summary (None | str | Unset):
        approved_by (None | str | Unset):
        approved_at (datetime.datetime | None | Unset):
        expected_success_rate (float | None | Unset):
        expected_duration_seconds (int | None | Unset):
        created_by (None | str | Unset):
    """

    workflow_name: str
    version: str
    name: str
    description: str
    content: str
    content_hash: str
    labels: WorkflowLabels
    execution_engine: str
    status: WorkflowRequestStatus | Unset = "active"
    detected_labels: DetectedLabelsType0 | None | Unset = UNSET
    custom_labels: CustomLabels | Unset = UNSET
    parameters: list[Any] | None | Unset | WorkflowRequestParametersType0 = UNSET
    container_image: None | str | Unset = UNSET
    container_digest: None | str | Unset = UNSET
    owner: None | str | Unset = UNSET
    maintainer: None | str | Unset = UNSET
    previous_version: None | str | Unset = UNSET
    version_notes: None | str | Unset = UNSET
    change_summary: None | str | Unset = UNSET
    approved_by: None | str | Unset = UNSET
    approved_at: datetime.datetime | None | Unset = UNSET
    expected_success_rate: float | None | Unset = UNSET
    expected_duration_seconds: int | None | Unset = UNSET
    created_by: None | str | Unset = UNSET
    additional_properties: dict[str, Any] = _attrs_field(init=False, factory=dict)

    def to_dict(self) -> dict[str, Any]:
        from ..models.detected_labels_type_0 import DetectedLabelsType0
        from ..models.workflow_request_parameters_type_0 import (
            WorkflowRequestParametersType0,
        )

        workflow_name = self.workflow_name

        version = self.version

        name = self.name

        description = self.description

        content = self.content

        content_hash = self.content_hash

        labels = self.labels.to_dict()

        execution_engine = self.execution_engine

        status: str | Unset = UNSET
        if not isinstance(self.status, Unset):
            status = self.status

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

        parameters: dict[str, Any] | list[Any] | None | Unset
        if isinstance(self.parameters, Unset):
            parameters = UNSET
        elif isinstance(self.parameters, WorkflowRequestParametersType0):
            parameters = self.parameters.to_dict()
        elif isinstance(self.parameters, list):
            parameters = self.parameters

        else:
            parameters = self.parameters

        container_image: None | str | Unset
        if isinstance(self.container_image, Unset):
            container_image = UNSET
        else:
            container_image = self.container_image

        container_digest: None | str | Unset
        if isinstance(self.container_digest, Unset):
            container_digest = UNSET
        else:
            container_digest = self.container_digest

        owner: None | str | Unset
        if isinstance(self.owner, Unset):
            owner = UNSET
        else:
            owner = self.owner

        maintainer: None | str | Unset
        if isinstance(self.maintainer, Unset):
            maintainer = UNSET
        else:
            maintainer = self.maintainer

        previous_version: None | str | Unset
        if isinstance(self.previous_version, Unset):
            previous_version = UNSET
        else:
            previous_version = self.previous_version

        version_notes: None | str | Unset
        if isinstance(self.version_notes, Unset):
            version_notes = UNSET
        else:
            version_notes = self.version_notes

        change_summary: None | str | Unset
        if isinstance(self.change_summary, Unset):
            change_summary = UNSET
        else:
            change_summary = self.change_summary

        approved_by: None | str | Unset
        if isinstance(self.approved_by, Unset):
            approved_by = UNSET
        else:
            approved_by = self.approved_by

        approved_at: None | str | Unset
        if isinstance(self.approved_at, Unset):
            approved_at = UNSET
        elif isinstance(self.approved_at, datetime.datetime):
            approved_at = self.approved_at.isoformat()
        else:
            approved_at = self.approved_at

        expected_success_rate: float | None | Unset
        if isinstance(self.expected_success_rate, Unset):
            expected_success_rate = UNSET
        else:
            expected_success_rate = self.expected_success_rate

        expected_duration_seconds: int | None | Unset
        if isinstance(self.expected_duration_seconds, Unset):
            expected_duration_seconds = UNSET
        else:
            expected_duration_seconds = self.expected_duration_seconds

        created_by: None | str | Unset
        if isinstance(self.created_by, Unset):
            created_by = UNSET
        else:
            created_by = self.created_by

        field_dict: dict[str, Any] = {}
        field_dict.update(self.additional_properties)
        field_dict.update(
            {
                "workflow_name": workflow_name,
                "version": version,
                "name": name,
                "description": description,
                "content": content,
                "content_hash": content_hash,
                "labels": labels,
                "execution_engine": execution_engine,
            }
        )
        if status is not UNSET:
            field_dict["status"] = status
        if detected_labels is not UNSET:
            field_dict["detected_labels"] = detected_labels
        if custom_labels is not UNSET:
            field_dict["custom_labels"] = custom_labels
        if parameters is not UNSET:
            field_dict["parameters"] = parameters
        if container_image is not UNSET:
            field_dict["container_image"] = container_image
        if container_digest is not UNSET:
            field_dict["container_digest"] = container_digest
        if owner is not UNSET:
            field_dict["owner"] = owner
        if maintainer is not UNSET:
            field_dict["maintainer"] = maintainer
        if previous_version is not UNSET:
            field_dict["previous_version"] = previous_version
        if version_notes is not UNSET:
            field_dict["version_notes"] = version_notes
        if change_summary is not UNSET:
            field_dict["change_summary"] = change_summary
        if approved_by is not UNSET:
            field_dict["approved_by"] = approved_by
        if approved_at is not UNSET:
            field_dict["approved_at"] = approved_at
        if expected_success_rate is not UNSET:
            field_dict["expected_success_rate"] = expected_success_rate
        if expected_duration_seconds is not UNSET:
            field_dict["expected_duration_seconds"] = expected_duration_seconds
        if created_by is not UNSET:
            field_dict["created_by"] = created_by

        return field_dict

    @classmethod
    def from_dict(cls: type[T], src_dict: Mapping[str, Any]) -> T:
        from ..models.custom_labels import CustomLabels
        from ..models.detected_labels_type_0 import DetectedLabelsType0
        from ..models.workflow_labels import WorkflowLabels
        from ..models.workflow_request_parameters_type_0 import (
            WorkflowRequestParametersType0,
        )

        d = dict(src_dict)
        workflow_name = d.pop("workflow_name")

        version = d.pop("version")

        name = d.pop("name")

        description = d.pop("description")

        content = d.pop("content")

        content_hash = d.pop("content_hash")

        labels = WorkflowLabels.from_dict(d.pop("labels"))

        execution_engine = d.pop("execution_engine")

        _status = d.pop("status", UNSET)
        status: WorkflowRequestStatus | Unset
        if isinstance(_status, Unset):
            status = UNSET
        else:
            status = check_workflow_request_status(_status)

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

        def _parse_parameters(data: object) -> list[Any] | None | Unset | WorkflowRequestParametersType0:
            if data is None:
                return data
            if isinstance(data, Unset):
                return data
            try:
                if not isinstance(data, dict):
                    raise TypeError()
                parameters_type_0 = WorkflowRequestParametersType0.from_dict(data)

                return parameters_type_0
            except (TypeError, ValueError, AttributeError, KeyError):
                pass
            try:
                if not isinstance(data, list):
                    raise TypeError()
                parameters_type_1 = cast(list[Any], data)

                return parameters_type_1
            except (TypeError, ValueError, AttributeError, KeyError):
                pass
            return cast(list[Any] | None | Unset | WorkflowRequestParametersType0, data)

        parameters = _parse_parameters(d.pop("parameters", UNSET))

        def _parse_container_image(data: object) -> None | str | Unset:
            if data is None:
                return data
            if isinstance(data, Unset):
                return data
            return cast(None | str | Unset, data)

        container_image = _parse_container_image(d.pop("container_image", UNSET))

        def _parse_container_digest(data: object) -> None | str | Unset:
            if data is None:
                return data
            if isinstance(data, Unset):
                return data
            return cast(None | str | Unset, data)

        container_digest = _parse_container_digest(d.pop("container_digest", UNSET))

        def _parse_owner(data: object) -> None | str | Unset:
            if data is None:
                return data
            if isinstance(data, Unset):
                return data
            return cast(None | str | Unset, data)

        owner = _parse_owner(d.pop("owner", UNSET))

        def _parse_maintainer(data: object) -> None | str | Unset:
            if data is None:
                return data
            if isinstance(data, Unset):
                return data
            return cast(None | str | Unset, data)

        maintainer = _parse_maintainer(d.pop("maintainer", UNSET))

        def _parse_previous_version(data: object) -> None | str | Unset:
            if data is None:
                return data
            if isinstance(data, Unset):
                return data
            return cast(None | str | Unset, data)

        previous_version = _parse_previous_version(d.pop("previous_version", UNSET))

        def _parse_version_notes(data: object) -> None | str | Unset:
            if data is None:
                return data
            if isinstance(data, Unset):
                return data
            return cast(None | str | Unset, data)

        version_notes = _parse_version_notes(d.pop("version_notes", UNSET))

        def _parse_change_summary(data: object) -> None | str | Unset:
            if data is None:
                return data
            if isinstance(data, Unset):
                return data
            return cast(None | str | Unset, data)

        change_summary = _parse_change_summary(d.pop("change_summary", UNSET))

        def _parse_approved_by(data: object) -> None | str | Unset:
            if data is None:
                return data
            if isinstance(data, Unset):
                return data
            return cast(None | str | Unset, data)

        approved_by = _parse_approved_by(d.pop("approved_by", UNSET))

        def _parse_approved_at(data: object) -> datetime.datetime | None | Unset:
            if data is None:
                return data
            if isinstance(data, Unset):
                return data
            try:
                if not isinstance(data, str):
                    raise TypeError()
                approved_at_type_0 = isoparse(data)

                return approved_at_type_0
            except (TypeError, ValueError, AttributeError, KeyError):
                pass
            return cast(datetime.datetime | None | Unset, data)

        approved_at = _parse_approved_at(d.pop("approved_at", UNSET))

        def _parse_expected_success_rate(data: object) -> float | None | Unset:
            if data is None:
                return data
            if isinstance(data, Unset):
                return data
            return cast(float | None | Unset, data)

        expected_success_rate = _parse_expected_success_rate(d.pop("expected_success_rate", UNSET))

        def _parse_expected_duration_seconds(data: object) -> int | None | Unset:
            if data is None:
                return data
            if isinstance(data, Unset):
                return data
            return cast(int | None | Unset, data)

        expected_duration_seconds = _parse_expected_duration_seconds(d.pop("expected_duration_seconds", UNSET))

        def _parse_created_by(data: object) -> None | str | Unset:
            if data is None:
                return data
            if isinstance(data, Unset):
                return data
            return cast(None | str | Unset, data)

        created_by = _parse_created_by(d.pop("created_by", UNSET))

        workflow_request = cls(
            workflow_name=workflow_name,
            version=version,
            name=name,
            description=description,
            content=content,
            content_hash=content_hash,
            labels=labels,
            execution_engine=execution_engine,
            status=status,
            detected_labels=detected_labels,
            custom_labels=custom_labels,
            parameters=parameters,
            container_image=container_image,
            container_digest=container_digest,
            owner=owner,
            maintainer=maintainer,
            previous_version=previous_version,
            version_notes=version_notes,
            change_summary=change_summary,
            approved_by=approved_by,
            approved_at=approved_at,
            expected_success_rate=expected_success_rate,
            expected_duration_seconds=expected_duration_seconds,
            created_by=created_by,
        )

        workflow_request.additional_properties = d
        return workflow_request

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
