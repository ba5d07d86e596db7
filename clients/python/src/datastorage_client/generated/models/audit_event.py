from __future__ import annotations

import datetime
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any, TypeVar, cast
from uuid import UUID

from attrs import define as _attrs_define
from attrs import field as _attrs_field
from dateutil.parser import isoparse

from ..models.event_category import EventCategory, check_event_category
from ..models.event_outcome import EventOutcome, check_event_outcome
from ..types import UNSET, Unset

if TYPE_CHECKING:
    from ..models.audit_event_event_data import AuditEventEventData
    from ..models.audit_event_event_metadata_type_0 import AuditEventEventMetadataType0


T = TypeVar("T", bound="AuditEvent")


@_attrs_define
class AuditEvent:
    """A stored event, every column of it.

    Attributes:
        event_id (UUID):
        version (str):
        event_timestamp (datetime.datetime):
        event_date (datetime.date): The UTC date of event_timestamp.
        event_type (str):
        event_category (EventCategory):
        event_action (str):
        event_outcome (EventOutcome):
        actor_type (str):
        actor_id (str):
        actor_ip (None | str):
        resource_type (str):
        resource_id (str):
        resource_name (None | str):
        correlation_id (str):
        parent_event_id (None | UUID):
        parent_event_date (datetime.date | None):
        trace_id (None | str):
        span_id (None | str):
        namespace (None | str):
        cluster_name (None | str):
        event_data (AuditEventEventData): As sent; key order is not kept.
        event_metadata (AuditEventEventMetadataType0 | None):
        severity (None | str):
        duration_ms (int | None):
        error_code (None | str):
        error_message (None | str):
        retention_days (int):
        is_sensitive (bool):
        recorded_at (datetime.datetime): When it was stored.
        recorded_by (None | str | Unset): Who sent it: the subject of the credentials. Set by the service; null where
            nobody was asked. Example: key:gateway.
    """

    event_id: UUID
    version: str
    event_timestamp: datetime.datetime
    event_date: datetime.date
    event_type: str
    event_category: EventCategory
    event_action: str
    event_outcome: EventOutcome
    actor_type: str
    actor_id: str
    actor_ip: None | str
    resource_type: str
    resource_id: str
    resource_name: None | str
    correlation_id: str
    parent_event_id: None | UUID
    parent_event_date: datetime.date | None
    trace_id: None | str
    span_id: None | str
    namespace: None | str
    cluster_name: None | str
    event_data: AuditEventEventData
    event_metadata: AuditEventEventMetadataType0 | None
    severity: None | str
    duration_ms: int | None
    error_code: None | str
    error_message: None | str
    retention_days: int
    is_sensitive: bool
    recorded_at: datetime.datetime
    recorded_by: None | str | Unset = UNSET
    additional_properties: dict[str, Any] = _attrs_field(init=False, factory=dict)

    def to_dict(self) -> dict[str, Any]:
        from ..models.audit_event_event_metadata_type_0 import (
            AuditEventEventMetadataType0,
        )

        event_id = str(self.event_id)

        version = self.version

        event_timestamp = self.event_timestamp.isoformat()

        event_date = self.event_date.isoformat()

        event_type = self.event_type

        event_category: str = self.event_category

        event_action = self.event_action

        event_outcome: str = self.event_outcome

        actor_type = self.actor_type

        actor_id = self.actor_id

        actor_ip: None | str
        actor_ip = self.actor_ip

        resource_type = self.resource_type

        resource_id = self.resource_id

        resource_name: None | str
        resource_name = self.resource_name

        correlation_id = self.correlation_id

        parent_event_id: None | str
        if isinstance(self.parent_event_id, UUID):
            parent_event_id = str(self.parent_event_id)
        else:
            parent_event_id = self.parent_event_id

        parent_event_date: None | str
        if isinstance(self.parent_event_date, datetime.date):
            parent_event_date = self.parent_event_date.isoformat()
        else:
            parent_event_date = self.parent_event_date

        trace_id: None | str
        trace_id = self.trace_id

        span_id: None | str
        span_id = self.span_id

        namespace: None | str
        namespace = self.namespace

        cluster_name: None | str
        cluster_name = self.cluster_name

        event_data = self.event_data.to_dict()

        event_metadata: dict[str, Any] | None
        if isinstance(self.event_metadata, AuditEventEventMetadataType0):
            event_metadata = self.event_metadata.to_dict()
        else:
            event_metadata = self.event_metadata

        severity: None | str
        severity = self.severity

        duration_ms: int | None
        duration_ms = self.duration_ms

        error_code: None | str
        error_code = self.error_code

        error_message: None | str
        error_message = self.error_message

        retention_days = self.retention_days

        is_sensitive = self.is_sensitive

        recorded_at = self.recorded_at.isoformat()

        recorded_by: None | str | Unset
        if isinstance(self.recorded_by, Unset):
            recorded_by = UNSET
        else:
            recorded_by = self.recorded_by

        field_dict: dict[str, Any] = {}
        field_dict.update(self.additional_properties)
        field_dict.update(
            {
                "event_id": event_id,
                "version": version,
                "event_timestamp": event_timestamp,
                "event_date": event_date,
                "event_type": event_type,
                "event_category": event_category,
                "event_action": event_action,
                "event_outcome": event_outcome,
                "actor_type": actor_type,
                "actor_id": actor_id,
                "actor_ip": actor_ip,
                "resource_type": resource_type,
                "resource_id": resource_id,
                "resource_name": resource_name,
                "correlation_id": correlation_id,
                "parent_event_id": parent_event_id,
                "parent_event_date": parent_event_date,
                "trace_id": trace_id,
                "span_id": span_id,
                "namespace": namespace,
                "cluster_name": cluster_name,
                "event_data": event_data,
                "event_metadata": event_metadata,
                "severity": severity,
                "duration_ms": duration_ms,
                "error_code": error_code,
                "error_message": error_message,
                "retention_days": retention_days,
                "is_sensitive": is_sensitive,
                "recorded_at": recorded_at,
            }
        )
        if recorded_by is not UNSET:
            field_dict["recorded_by"] = recorded_by

        return field_dict

    @classmethod
    def from_dict(cls: type[T], src_dict: Mapping[str, Any]) -> T:
        from ..models.audit_event_event_data import AuditEventEventData
        from ..models.audit_event_event_metadata_type_0 import (
            AuditEventEventMetadataType0,
        )

        d = dict(src_dict)
        event_id = UUID(d.pop("event_id"))

        version = d.pop("version")

        event_timestamp = isoparse(d.pop("event_timestamp"))

        event_date = isoparse(d.pop("event_date")).date()

        event_type = d.pop("event_type")

        event_category = check_event_category(d.pop("event_category"))

        event_action = d.pop("event_action")

        event_outcome = check_event_outcome(d.pop("event_outcome"))

        actor_type = d.pop("actor_type")

        actor_id = d.pop("actor_id")

        def _parse_actor_ip(data: object) -> None | str:
            if data is None:
                return data
            return cast(None | str, data)

        actor_ip = _parse_actor_ip(d.pop("actor_ip"))

        resource_type = d.pop("resource_type")

        resource_id = d.pop("resource_id")

        def _parse_resource_name(data: object) -> None | str:
            if data is None:
                return data
            return cast(None | str, data)

        resource_name = _parse_resource_name(d.pop("resource_name"))

        correlation_id = d.pop("correlation_id")

        def _parse_parent_event_id(data: object) -> None | UUID:
            if data is None:
                return data
            try:
                if not isinstance(data, str):
                    raise TypeError()
                parent_event_id_type_0 = UUID(data)

                return parent_event_id_type_0
            except (TypeError, ValueError, AttributeError, KeyError):
                pass
            return cast(None | UUID, data)

        parent_event_id = _parse_parent_event_id(d.pop("parent_event_id"))

        def _parse_parent_event_date(data: object) -> datetime.date | None:
            if data is None:
                return data
            try:
                if not isinstance(data, str):
                    raise TypeError()
                parent_event_date_type_0 = isoparse(data).date()

                return parent_event_date_type_0
            except (TypeError, ValueError, AttributeError, KeyError):
                pass
            return cast(datetime.date | None, data)

        parent_event_date = _parse_parent_event_date(d.pop("parent_event_date"))

        def _parse_trace_id(data: object) -> None | str:
            if data is None:
                return data
            return cast(None | str, data)

        trace_id = _parse_trace_id(d.pop("trace_id"))

        def _parse_span_id(data: object) -> None | str:
            if data is None:
                return data
            return cast(None | str, data)

        span_id = _parse_span_id(d.pop("span_id"))

        def _parse_namespace(data: object) -> None | str:
            if data is None:
                return data
            return cast(None | str, data)

        namespace = _parse_namespace(d.pop("namespace"))

        def _parse_cluster_name(data: object) -> None | str:
            if data is None:
                return data
            return cast(None | str, data)

        cluster_name = _parse_cluster_name(d.pop("cluster_name"))

        event_data = AuditEventEventData.from_dict(d.pop("event_data"))

        def _parse_event_metadata(data: object) -> AuditEventEventMetadataType0 | None:
            if data is None:
                return data
            try:
                if not isinstance(data, dict):
                    raise TypeError()
                event_metadata_type_0 = AuditEventEventMetadataType0.from_dict(data)

                return event_metadata_type_0
            except (TypeError, ValueError, AttributeError, KeyError):
                pass
            return cast(AuditEventEventMetadataType0 | None, data)

        event_metadata = _parse_event_metadata(d.pop("event_metadata"))

        def _parse_severity(data: object) -> None | str:
            if data is None:
                return data
            return cast(None | str, data)

        severity = _parse_severity(d.pop("severity"))

        def _parse_duration_ms(data: object) -> int | None:
            if data is None:
                return data
            return cast(int | None, data)

        duration_ms = _parse_duration_ms(d.pop("duration_ms"))

        def _parse_error_code(data: object) -> None | str:
            if data is None:
                return data
            return cast(None | str, data)

        error_code = _parse_error_code(d.pop("error_code"))

        def _parse_error_message(data: object) -> None | str:
            if data is None:
                return data
            return cast(None | str, data)

        error_message = _parse_error_message(d.pop("error_message"))

        retention_days = d.pop("retention_days")

        is_sensitive = d.pop("is_sensitive")

        recorded_at = isoparse(d.pop("recorded_at"))

        def _parse_recorded_by(data: object) -> None | str | Unset:
            if data is None:
                return data
            if isinstance(data, Unset):
                return data
            return cast(None | str | Unset, data)

        recorded_by = _parse_recorded_by(d.pop("recorded_by", UNSET))

        audit_event = cls(
            event_id=event_id,
            version=version,
            event_timestamp=event_timestamp,
            event_date=event_date,
            event_type=event_type,
            event_category=event_category,
            event_action=event_action,
            event_outcome=event_outcome,
            actor_type=actor_type,
            actor_id=actor_id,
            actor_ip=actor_ip,
            resource_type=resource_type,
            resource_id=resource_id,
            resource_name=resource_name,
            correlation_id=correlation_id,
            parent_event_id=parent_event_id,
            parent_event_date=parent_event_date,
            trace_id=trace_id,
            span_id=span_id,
            namespace=namespace,
            cluster_name=cluster_name,
            event_data=event_data,
            event_metadata=event_metadata,
            severity=severity,
            duration_ms=duration_ms,
            error_code=error_code,
            error_message=error_message,
            retention_days=retention_days,
            is_sensitive=is_sensitive,
            recorded_at=recorded_at,
            recorded_by=recorded_by,
        )

        audit_event.additional_properties = d
        return audit_event

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
