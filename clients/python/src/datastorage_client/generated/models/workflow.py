from __future__ import annotations

import datetime
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any, TypeVar, cast
from uuid import UUID

from attrs import define as _attrs_define
from attrs import field as _attrs_field
from dateutil.parser import isoparse

from ..models.workflow_status import WorkflowStatus, check_workflow_status
from ..types import UNSET, Unset

if TYPE_CHECKING:
    from ..models.workflow_custom_labels import WorkflowCustomLabels
    from ..models.workflow_detected_labels import WorkflowDetectedLabels
    from ..models.workflow_labels import WorkflowLabels


T = TypeVar("T", bound="Workflow")


@_attrs_define
class Workflow:
    """One stored version.

    Attributes:
        workflow_id (UUID):
        workflow_name (str):
        version (str):
        name (str):
        description (str):
        content (str):
        content_hash (str):
        labels (WorkflowLabels): What the workflow is for; component, environment and priority may be `*`. Further
            labels are text.
        custom_labels (WorkflowCustomLabels):
        detected_labels (WorkflowDetectedLabels):
        execution_engine (str):
        status (WorkflowStatus):
        is_latest_version (bool): Whether no version of its name is higher.
        created_at (datetime.datetime):
        updated_at (datetime.datetime):
        parameters (Any | Unset): As sent.
        container_image (None | str | Unset):
        container_digest (None | str | Unset):
        owner (None | str | Unset):
        maintainer (None | str | Unset):
        status_reason (None | str | Unset):
        deprecation_notice (None | str | Unset):
        disabled_at (datetime.datetime | None | Unset):
        disabled_by (None | str | Unset):
        disabled_reason (None | str | Unset):
        previous_version (None | str | Unset):
        version_notes (None | str | Unset):
        change_summary (None | str | Unset):
        approved_by (None | str | Unset):
        approved_at (datetime.datetime | None | Unset):
        expected_success_rate (float | None | Unset):
        expected_duration_seconds (int | None | Unset):
        total_executions (int | Unset):
        successful_executions (int | Unset):
        actual_success_rate (float | None | Unset):
        created_by (None | str | Unset):
        updated_by (None | str | Unset):
    """

    workflow_id: UUID
    workflow_name: str
    version: str
    name: str
    description: str
    content: str
    content_hash: str
    labels: WorkflowLabels
    custom_labels: WorkflowCustomLabels
    detected_labels: WorkflowDetectedLabels
    execution_engine: str
    status: WorkflowStatus
    is_latest_version: bool
    created_at: datetime.datetime
    updated_at: datetime.datetime
    parameters: Any | Unset = UNSET
    container_image: None | str | Unset = UNSET
    container_digest: None | str | Unset = UNSET
    owner: None | str | Unset = UNSET
    maintainer: None | str | Unset = UNSET
    status_reason: None | str | Unset = UNSET
    deprecation_notice: None | str | Unset = UNSET
    disabled_at: datetime.datetime | None | Unset = UNSET
    disabled_by: None | str | Unset = UNSET
    disabled_reason: None | str | Unset = UNSET
    previous_version: None | str | Unset = UNSET
    version_notes: None | str | Unset = UNSET
    change_summary: None | str | Unset = UNSET
    approved_by: None | str | Unset = UNSET
    approved_at: datetime.datetime | None | Unset = UNSET
    expected_success_rate: float | None | Unset = UNSET
    expected_duration_seconds: int | None | Unset = UNSET
    total_executions: int | Unset = UNSET
    successful_executions: int | Unset = UNSET
    actual_success_rate: float | None | Unset = UNSET
    created_by: None | str | Unset = UNSET
    updated_by: None | str | Unset = UNSET
    additional_properties: dict[str, Any] = _attrs_field(init=False, factory=dict)

    def to_dict(self) -> dict[str, Any]:
        workflow_id = str(self.workflow_id)

        workflow_name = self.workflow_name

        version = self.version

        name = self.name

        description = self.description

        content = self.content

        content_hash = self.content_hash

        labels = self.labels.to_dict()

        custom_labels = self.custom_labels.to_dict()

        detected_labels = self.detected_labels.to_dict()

        execution_engine = self.execution_engine

        status: str = self.status

        is_latest_version = self.is_latest_version

        created_at = self.created_at.isoformat()

        updated_at = self.updated_at.isoformat()

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

        status_reason: None | str | Unset
        if isinstance(self.status_reason, Unset):
            status_reason = UNSET
        else:
            status_reason = self.status_reason

        deprecation_notice: None | str | Unset
        if isinstance(self.deprecation_notice, Unset):
            deprecation_notice = UNSET
        else:
            deprecation_notice = self.deprecation_notice

        disabled_at: None | str | Unset
        if isinstance(self.disabled_at, Unset):
            disabled_at = UNSET
        elif isinstance(self.disabled_at, datetime.datetime):
            disabled_at = self.disabled_at.isoformat()
        else:
            disabled_at = self.disabled_at

        disabled_by: None | str | Unset
        if isinstance(self.disabled_by, Unset):
            disabled_by = UNSET
        else:
            disabled_by = self.disabled_by

        disabled_reason: None | str | Unset
        if isinstance(self.disabled_reason, Unset):
            disabled_reason = UNSET
        else:
            disabled_reason = self.disabled_reason

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

        total_executions = self.total_executions

        successful_executions = self.successful_executions

        actual_success_rate: float | None | Unset
        if isinstance(self.actual_success_rate, Unset):
            actual_success_rate = UNSET
        else:
            actual_success_rate = self.actual_success_rate

        created_by: None | str | Unset
        if isinstance(self.created_by, Unset):
            created_by = UNSET
        else:
            created_by = self.created_by

        updated_by: None | str | Unset
        if isinstance(self.updated_by, Unset):
            updated_by = UNSET
        else:
            updated_by = self.updated_by

        field_dict: dict[str, Any] = {}
        field_dict.update(self.additional_properties)
        field_dict.update(
            {
                "workflow_id": workflow_id,
                "workflow_name": workflow_name,
                "version": version,
                "name": name,
                "description": description,
                "content": content,
                "content_hash": content_hash,
                "labels": labels,
                "custom_labels": custom_labels,
                "detected_labels": detected_labels,
                "execution_engine": execution_engine,
                "status": status,
                "is_latest_version": is_latest_version,
                "created_at": created_at,
                "updated_at": updated_at,
            }
        )
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
        if status_reason is not UNSET:
            field_dict["status_reason"] = status_reason
        if deprecation_notice is not UNSET:
            field_dict["deprecation_notice"] = deprecation_notice
        if disabled_at is not UNSET:
            field_dict["disabled_at"] = disabled_at
        if disabled_by is not UNSET:
            field_dict["disabled_by"] = disabled_by
        if disabled_reason is not UNSET:
            field_dict["disabled_reason"] = disabled_reason
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
        if total_executions is not UNSET:
            field_dict["total_executions"] = total_executions
        if successful_executions is not UNSET:
            field_dict["successful_executions"] = successful_executions
        if actual_success_rate is not UNSET:
            field_dict["actual_success_rate"] = actual_success_rate
        if created_by is not UNSET:
            field_dict["created_by"] = created_by
        if updated_by is not UNSET:
            field_dict["updated_by"] = updated_by

        return field_dict

    @classmethod
    def from_dict(cls: type[T], src_dict: Mapping[str, Any]) -> T:
        from ..models.workflow_custom_labels import WorkflowCustomLabels
        from ..models.workflow_detected_labels import WorkflowDetectedLabels
        from ..models.workflow_labels import WorkflowLabels

        d = dict(src_dict)
        workflow_id = UUID(d.pop("workflow_id"))

        workflow_name = d.pop("workflow_name")

        version = d.pop("version")

        name = d.pop("name")

        description = d.pop("description")

        content = d.pop("content")

        content_hash = d.pop("content_hash")

        labels = WorkflowLabels.from_dict(d.pop("labels"))

        custom_labels = WorkflowCustomLabels.from_dict(d.pop("custom_labels"))

        detected_labels = WorkflowDetectedLabels.from_dict(d.pop("detected_labels"))

        execution_engine = d.pop("execution_engine")

        status = check_workflow_status(d.pop("status"))

        is_latest_version = d.pop("is_latest_version")

        created_at = isoparse(d.pop("created_at"))

        updated_at = isoparse(d.pop("updated_at"))

        parameters = d.pop("parameters", UNSET)

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

        def _parse_status_reason(data: object) -> None | str | Unset:
            if data is None:
                return data
            if isinstance(data, Unset):
                return data
            return cast(None | str | Unset, data)

        status_reason = _parse_status_reason(d.pop("status_reason", UNSET))

        def _parse_deprecation_notice(data: object) -> None | str | Unset:
            if data is None:
                return data
            if isinstance(data, Unset):
                return data
            return cast(None | str | Unset, data)

        deprecation_notice = _parse_deprecation_notice(d.pop("deprecation_notice", UNSET))

        def _parse_disabled_at(data: object) -> datetime.datetime | None | Unset:
            if data is None:
                return data
            if isinstance(data, Unset):
                return data
            try:
                if not isinstance(data, str):
                    raise TypeError()
                disabled_at_type_0 = isoparse(data)

                return disabled_at_type_0
            except (TypeError, ValueError, AttributeError, KeyError):
                pass
            return cast(datetime.datetime | None | Unset, data)

        disabled_at = _parse_disabled_at(d.pop("disabled_at", UNSET))

        def _parse_disabled_by(data: object) -> None | str | Unset:
            if data is None:
                return data
            if isinstance(data, Unset):
                return data
            return cast(None | str | Unset, data)

        disabled_by = _parse_disabled_by(d.pop("disabled_by", UNSET))

        def _parse_disabled_reason(data: object) -> None | str | Unset:
            if data is None:
                return data
            if isinstance(data, Unset):
                return data
            return cast(None | str | Unset, data)

        disabled_reason = _parse_disabled_reason(d.pop("disabled_reason", UNSET))

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

        total_executions = d.pop("total_executions", UNSET)

        successful_executions = d.pop("successful_executions", UNSET)

        def _parse_actual_success_rate(data: object) -> float | None | Unset:
            if data is None:
                return data
            if isinstance(data, Unset):
                return data
            return cast(float | None | Unset, data)

        actual_success_rate = _parse_actual_success_rate(d.pop("actual_success_rate", UNSET))

        def _parse_created_by(data: object) -> None | str | Unset:
            if data is None:
                return data
            if isinstance(data, Unset):
                return data
            return cast(None | str | Unset, data)

        created_by = _parse_created_by(d.pop("created_by", UNSET))

        def _parse_updated_by(data: object) -> None | str | Unset:
            if data is None:
                return data
            if isinstance(data, Unset):
                return data
            return cast(None | str | Unset, data)

        updated_by = _parse_updated_by(d.pop("updated_by", UNSET))

        workflow = cls(
            workflow_id=workflow_id,
            workflow_name=workflow_name,
            version=version,
            name=name,
            description=description,
            content=content,
            content_hash=content_hash,
            labels=labels,
            custom_labels=custom_labels,
            detected_labels=detected_labels,
            execution_engine=execution_engine,
            status=status,
            is_latest_version=is_latest_version,
            created_at=created_at,
            updated_at=updated_at,
            parameters=parameters,
            container_image=container_image,
            container_digest=container_digest,
            owner=owner,
            maintainer=maintainer,
            status_reason=status_reason,
            deprecation_notice=deprecation_notice,
            disabled_at=disabled_at,
            disabled_by=disabled_by,
            disabled_reason=disabled_reason,
            previous_version=previous_version,
            version_notes=version_notes,
            change_summary=change_summary,
            approved_by=approved_by,
            approved_at=approved_at,
            expected_success_rate=expected_success_rate,
            expected_duration_seconds=expected_duration_seconds,
            total_executions=total_executions,
            successful_executions=successful_executions,
            actual_success_rate=actual_success_rate,
            created_by=created_by,
            updated_by=updated_by,
        )

        workflow.additional_properties = d
        return workflow

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
