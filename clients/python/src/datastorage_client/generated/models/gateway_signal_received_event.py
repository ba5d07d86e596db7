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
from ..models.gateway_signal_received_event_event_type import (
    GatewaySignalReceivedEventEventType,
    check_gateway_signal_received_event_event_type,
)
from ..types import UNSET, Unset

if TYPE_CHECKING:
    from ..models.gateway_signal_received import GatewaySignalReceived


T = TypeVar("T", bound="GatewaySignalReceivedEvent")


@_attrs_define
class GatewaySignalReceivedEvent:
    """
    Attributes:
        version (str): Version of the event's schema. Example: 1.0.
        event_timestamp (datetime.datetime): When it happened: RFC 3339 with a time zone, stored in UTC to the
            microsecond. Not later than 5 minutes from
            now and not earlier than 7 days ago.
             Example: 2025-12-01T10:00:00Z.
        event_category (EventCategory):
        event_action (str): What was done. Example: received.
        event_outcome (EventOutcome):
        correlation_id (str): The incident or request that the event belongs to. Example: rr-2025-001.
        event_type (GatewaySignalReceivedEventEventType):
        event_data (GatewaySignalReceived): event_data of `gateway.signal.received` (category gateway, action received).
        actor_type (str | Unset): Kind of actor; `service` if absent. Example: service.
        actor_id (str | Unset): Who did it; `<event_category>-service` if absent. Example: gateway-service.
        resource_type (str | Unset): Kind of resource; the event_category if absent. Example: signal.
        resource_id (str | Unset): Which resource; the correlation_id if absent. Example: fp-abc123.
        severity (None | str | Unset): Severity; `info` if absent. Default: 'info'. Example: info.
        namespace (None | str | Unset): Kubernetes namespace. Example: production.
        cluster_name (None | str | Unset): Kubernetes cluster. Example: prod-us-east-1.
        duration_ms (int | None | Unset): How long it took in milliseconds. Example: 1500.
        error_code (None | str | Unset):  Example: E_TIMEOUT.
        error_message (None | str | Unset):  Example: connection refused after 3 attempts.
        parent_event_id (None | Unset | UUID): The event that led to this one: stored, or earlier in the same batch.
        trace_id (None | str | Unset): W3C trace id; from `traceparent` if absent. Example:
            4bf92f3577b34da6a3ce929d0e0e4736.
        span_id (None | str | Unset): W3C span id; from `traceparent` if absent. Example: 00f067aa0ba902b7.
        event_id (UUID | Unset): For clients that generate their own ids (UUIDv7 recommended): makes the request
            idempotent. The service generates one if absent.
    """

    version: str
    event_timestamp: datetime.datetime
    event_category: EventCategory
    event_action: str
    event_outcome: EventOutcome
    correlation_id: str
    event_type: GatewaySignalReceivedEventEventType
    event_data: GatewaySignalReceived
    actor_type: str | Unset = UNSET
    actor_id: str | Unset = UNSET
    resource_type: str | Unset = UNSET
    resource_id: str | Unset = UNSET
    severity: None | str | Unset = "info"
    namespace: None | str | Unset = UNSET
    cluster_name: None | str | Unset = UNSET
    duration_ms: int | None | Unset = UNSET
    error_code: None | str | Unset = UNSET
    error_message: None | str | Unset = UNSET
    parent_event_id: None | Unset | UUID = UNSET
    trace_id: None | str | Unset = UNSET
    span_id: None | str | Unset = UNSET
    event_id: UUID | Unset = UNSET
    additional_properties: dict[str, Any] = _attrs_field(init=False, factory=dict)

    def to_dict(self) -> dict[str, Any]:
        version = self.version

        event_timestamp = self.event_timestamp.isoformat()

        event_category: str = self.event_category

        event_action = self.event_action

        event_outcome: str = self.event_outcome

        correlation_id = self.correlation_id

        event_type: str = self.event_type

        event_data = self.event_data.to_dict()

        actor_type = self.actor_type

        actor_id = self.actor_id

        resource_type = self.resource_type

        resource_id = self.resource_id

        severity: None | str | Unset
        if isinstance(self.severity, Unset):
            severity = UNSET
        else:
            severity = self.severity

        namespace: None | str | Unset
        if isinstance(self.namespace, Unset):
            namespace = UNSET
        else:
            namespace = self.namespace

        cluster_name: None | str | Unset
        if isinstance(self.cluster_name, Unset):
            cluster_name = UNSET
        else:
            cluster_name = self.cluster_name

        duration_ms: int | None | Unset
        if isinstance(self.duration_ms, Unset):
            duration_ms = UNSET
        else:
            duration_ms = self.duration_ms

        error_code: None | str | Unset
        if isinstance(self.error_code, Unset):
            error_code = UNSET
        else:
            error_code = self.error_code

        error_message: None | str | Unset
        if isinstance(self.error_message, Unset):
            error_message = UNSET
        else:
            error_message = self.error_message

        parent_event_id: None | str | Unset
        if isinstance(self.parent_event_id, Unset):
            parent_event_id = UNSET
        elif isinstance(self.parent_event_id, UUID):
            parent_event_id = str(self.parent_event_id)
        else:
            parent_event_id = self.parent_event_id

        trace_id: None | str | Unset
        if isinstance(self.trace_id, Unset):
            trace_id = UNSET
        else:
            trace_id = self.trace_id

        span_id: None | str | Unset
        if isinstance(self.span_id, Unset):
            span_id = UNSET
        else:
            span_id = self.span_id

        event_id: str | Unset = UNSET
        if not isinstance(self.event_id, Unset):
            event_id = str(self.event_id)

        field_dict: dict[str, Any] = {}
        field_dict.update(self.additional_properties)
        field_dict.update(
            {
                "version": version,
                "event_timestamp": event_timestamp,
                "event_category": event_category,
                "event_action": event_action,
                "event_outcome": event_outcome,
                "correlation_id": correlation_id,
                "event_type": event_type,
                "event_data": event_data,
            }
        )
        if actor_type is not UNSET:
            field_dict["actor_type"] = actor_type
        if actor_id is not UNSET:
            field_dict["actor_id"] = actor_id
        if resource_type is not UNSET:
            field_dict["resource_type"] = resource_type
        if resource_id is not UNSET:
            field_dict["resource_id"] = resource_id
        if severity is not UNSET:
            field_dict["severity"] = severity
        if namespace is not UNSET:
            field_dict["namespace"] = namespace
        if cluster_name is not UNSET:
            field_dict["cluster_name"] = cluster_name
        if duration_ms is not UNSET:
            field_dict["duration_ms"] = duration_ms
        if error_code is not UNSET:
            field_dict["error_code"] = error_code
        if error_message is not UNSET:
            field_dict["error_message"] = error_message
        if parent_event_id is not UNSET:
            field_dict["parent_event_id"] = parent_event_id
        if trace_id is not UNSET:
            field_dict["trace_id"] = trace_id
        if span_id is not UNSET:
            field_dict["span_id"] = span_id
        if event_id is not UNSET:
            field_dict["event_id"] = event_id

        return field_dict

    @classmethod
    def from_dict(cls: type[T], src_dict: Mapping[str, Any]) -> T:
        from ..models.gateway_signal_received import GatewaySignalReceived

        d = dict(src_dict)
        version = d.pop("version")

        event_timestamp = isoparse(d.pop("event_timestamp"))

        event_category = check_event_category(d.pop("event_category"))

        event_action = d.pop("event_action")

        event_outcome = check_event_outcome(d.pop("event_outcome"))

        correlation_id = d.pop("correlation_id")

        event_type = check_gateway_signal_received_event_event_type(d.pop("event_type"))

        event_data = GatewaySignalReceived.from_dict(d.pop("event_data"))

        actor_type = d.pop("actor_type", UNSET)

        actor_id = d.pop("actor_id", UNSET)

        resource_type = d.pop("resource_type", UNSET)

        resource_id = d.pop("resource_id", UNSET)

        def _parse_severity(data: object) -> None | str | Unset:
            if data is None:
                return data
            if isinstance(data, Unset):
                return data
            return cast(None | str | Unset, data)

        severity = _parse_severity(d.pop("severity", UNSET))

        def _parse_namespace(data: object) -> None | str | Unset:
            if data is None:
                return data
            if isinstance(data, Unset):
                return data
            return cast(None | str | Unset, data)

        namespace = _parse_namespace(d.pop("namespace", UNSET))

        def _parse_cluster_name(data: object) -> None | str | Unset:
            if data is None:
                return data
            if isinstance(data, Unset):
                return data
            return cast(None | str | Unset, data)

        cluster_name = _parse_cluster_name(d.pop("cluster_name", UNSET))

        def _parse_duration_ms(data: object) -> int | None | Unset:
            if data is None:
                return data
            if isinstance(data, Unset):
                return data
            return cast(int | None | Unset, data)

        duration_ms = _parse_duration_ms(d.pop("duration_ms", UNSET))

        def _parse_error_code(data: object) -> None | str | Unset:
            if data is None:
                return data
            if isinstance(data, Unset):
                return data
            return cast(None | str | Unset, data)

        error_code = _parse_error_code(d.pop("error_code", UNSET))

        def _parse_error_message(data: object) -> None | str | Unset:
            if data is None:
                return data
            if isinstance(data, Unset):
                return data
            return cast(None | str | Unset, data)

        error_message = _parse_error_message(d.pop("error_message", UNSET))

        def _parse_parent_event_id(data: object) -> None | Unset | UUID:
            if data is None:
                return data
            if isinstance(data, Unset):
                return data
            try:
                if not isinstance(data, str):
                    raise TypeError()
                parent_event_id_type_0 = UUID(data)

                return parent_event_id_type_0
            except (TypeError, ValueError, AttributeError, KeyError):
                pass
            return cast(None | Unset | UUID, data)

        parent_event_id = _parse_parent_event_id(d.pop("parent_event_id", UNSET))

        def _parse_trace_id(data: object) -> None | str | Unset:
            if data is None:
                return data
            if isinstance(data, Unset):
                return data
            return cast(None | str | Unset, data)

        trace_id = _parse_trace_id(d.pop("trace_id", UNSET))

        def _parse_span_id(data: object) -> None | str | Unset:
            if data is None:
                return data
            if isinstance(data, Unset):
                return data
            return cast(None | str | Unset, data)

        span_id = _parse_span_id(d.pop("span_id", UNSET))

        _event_id = d.pop("event_id", UNSET)
        event_id: UUID | Unset
        if isinstance(_event_id, Unset):
            event_id = UNSET
        else:
            event_id = UUID(_event_id)

        gateway_signal_received_event = cls(
            version=version,
            event_timestamp=event_timestamp,
            event_category=event_category,
            event_action=event_action,
            event_outcome=event_outcome,
            correlation_id=correlation_id,
            event_type=event_type,
            event_data=event_data,
            actor_type=actor_type,
            actor_id=actor_id,
            resource_type=resource_type,
            resource_id=resource_id,
            severity=severity,
            namespace=namespace,
            cluster_name=cluster_name,
            duration_ms=duration_ms,
            error_code=error_code,
            error_message=error_message,
            parent_event_id=parent_event_id,
            trace_id=trace_id,
            span_id=span_id,
            event_id=event_id,
        )

        gateway_signal_received_event.additional_properties = d
        return gateway_signal_received_event

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
