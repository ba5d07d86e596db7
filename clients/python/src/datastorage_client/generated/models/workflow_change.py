from __future__ import annotations

from collections.abc import Mapping
from typing import Any, TypeVar, cast

from attrs import define as _attrs_define

from ..models.workflow_status import WorkflowStatus, check_workflow_status
from ..types import UNSET, Unset

T = TypeVar("T", bound="WorkflowChange")


@_attrs_define
class WorkflowChange:
    """The members of the lifecycle; any other is an immutable-field-violation.

    Attributes:
        status (WorkflowStatus | Unset):
        status_reason (None | str | Unset):
        disabled_by (None | str | Unset):
        disabled_reason (None | str | Unset):
        deprecation_notice (None | str | Unset):
        updated_by (None | str | Unset):
    """

    status: WorkflowStatus | Unset = UNSET
    status_reason: None | str | Unset = UNSET
    disabled_by: None | str | Unset = UNSET
    disabled_reason: None | str | Unset = UNSET
    deprecation_notice: None | str | Unset = UNSET
    updated_by: None | str | Unset = UNSET

    def to_dict(self) -> dict[str, Any]:
        status: str | Unset = UNSET
        if not isinstance(self.status, Unset):
            status = self.status

        status_reason: None | str | Unset
        if isinstance(self.status_reason, Unset):
            status_reason = UNSET
        else:
            status_reason = self.status_reason

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

        deprecation_notice: None | str | Unset
        if isinstance(self.deprecation_notice, Unset):
            deprecation_notice = UNSET
        else:
            deprecation_notice = self.deprecation_notice

        updated_by: None | str | Unset
        if isinstance(self.updated_by, Unset):
            updated_by = UNSET
        else:
            updated_by = self.updated_by

        field_dict: dict[str, Any] = {}

        field_dict.update({})
        if status is not UNSET:
            field_dict["status"] = status
        if status_reason is not UNSET:
            field_dict["status_reason"] = status_reason
        if disabled_by is not UNSET:
            field_dict["disabled_by"] = disabled_by
        if disabled_reason is not UNSET:
            field_dict["disabled_reason"] = disabled_reason
        if deprecation_notice is not UNSET:
            field_dict["deprecation_notice"] = deprecation_notice
        if updated_by is not UNSET:
            field_dict["updated_by"] = updated_by

        return field_dict

    @classmethod
    def from_dict(cls: type[T], src_dict: Mapping[str, Any]) -> T:
        d = dict(src_dict)
        _status = d.pop("status", UNSET)
        status: WorkflowStatus | Unset
        if isinstance(_status, Unset):
            status = UNSET
        else:
            status = check_workflow_status(_status)

        def _parse_status_reason(data: object) -> None | str | Unset:
            if data is None:
                return data
            if isinstance(data, Unset):
                return data
            return cast(None | str | Unset, data)

        status_reason = _parse_status_reason(d.pop("status_reason", UNSET))

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

        def _parse_deprecation_notice(data: object) -> None | str | Unset:
            if data is None:
                return data
            if isinstance(data, Unset):
                return data
            return cast(None | str | Unset, data)

        deprecation_notice = _parse_deprecation_notice(d.pop("deprecation_notice", UNSET))

        def _parse_updated_by(data: object) -> None | str | Unset:
            if data is None:
                return data
            if isinstance(data, Unset):
                return data
            return cast(None | str | Unset, data)

        updated_by = _parse_updated_by(d.pop("updated_by", UNSET))

        workflow_change = cls(
            status=status,
            status_reason=status_reason,
            disabled_by=disabled_by,
            disabled_reason=disabled_reason,
            deprecation_notice=deprecation_notice,
            updated_by=updated_by,
        )

        return workflow_change
