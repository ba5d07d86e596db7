"""What lists can be filtered by. Absent and None mean: any."""

from __future__ import annotations

import json
from collections.abc import Mapping
from datetime import datetime
from typing import Any, Literal, TypedDict

from datastorage_client.generated.models.event_outcome import EventOutcome
from datastorage_client.generated.models.notification_channel import NotificationChannel
from datastorage_client.generated.models.notification_status import NotificationStatus
from datastorage_client.generated.models.workflow_priority import WorkflowPriority
from datastorage_client.generated.models.workflow_severity import WorkflowSeverity
from datastorage_client.generated.models.workflow_status import WorkflowStatus

__all__ = ["EventFilters", "NotificationFilters", "WorkflowFilters", "event_parameters"]


class EventFilters(TypedDict, total=False):
    """Filters of events, all of which must hold. Times: datetime, `24h`, `7d`, `2025-12-01` …, inclusive."""

    correlation_id: str | None
    #: Exactly this type, or all that start with the text before a final `*`.
    event_type: str | None
    event_category: str | None
    event_outcome: EventOutcome | None
    severity: str | None
    actor_id: str | None
    resource_type: str | None
    resource_id: str | None
    namespace: str | None
    cluster_name: str | None
    since: str | datetime | None
    until: str | datetime | None
    #: Members that event_data contains, with these values.
    data: Mapping[str, Any] | None
    #: By event_timestamp; `desc` (newest first) if absent.
    order: Literal["asc", "desc"] | None


class NotificationFilters(TypedDict, total=False):
    """Filters of notifications."""

    remediation_id: str
    channel: NotificationChannel
    status: NotificationStatus
    since: str
    until: str


class WorkflowFilters(TypedDict, total=False):
    """Filters of workflows."""

    status: WorkflowStatus
    name: str
    signal_type: str
    severity: WorkflowSeverity
    component: str
    environment: str
    priority: WorkflowPriority
    latest_only: bool


def event_parameters(filters: Mapping[str, Any], **more: Any) -> dict[str, Any]:
    """The query parameters of these filters. Raises TypeError naming a filter that does not exist."""
    if unknown := sorted(filters.keys() - EventFilters.__annotations__.keys()):
        raise TypeError(f"there is no filter {', '.join(unknown)}; there are {', '.join(EventFilters.__annotations__)}")
    parameters: dict[str, Any] = {}
    for name, value in {**filters, **more}.items():
        if isinstance(value, datetime):
            if value.tzinfo is None:
                raise ValueError(f"{name} must have a time zone")
            parameters[name] = value.isoformat()
        elif isinstance(value, Mapping):
            parameters[name] = json.dumps(value, separators=(",", ":"))
        elif value is not None:
            parameters[name] = value
    return parameters
