"""One whole incident: each of the known event types once, linked as causes and effects."""

from __future__ import annotations

from datetime import datetime, timedelta
from importlib import resources
from typing import Any
from uuid import UUID

import msgspec

from telemetry.clock import IdFactory

__all__ = ["EventType", "event_types", "incident"]

#: Seconds between two events of the incident.
_PACE = 2


class EventType(msgspec.Struct, frozen=True):
    """A known event type: a sample payload, and the members of it that clients query by."""

    event_type: str
    event_category: str
    event_action: str
    sample_event_data: dict[str, Any]
    queried_by: list[str]


class _Document(msgspec.Struct, frozen=True):
    event_types: list[EventType]


def event_types() -> list[EventType]:
    """The event types that every release accepts, stores and queries."""
    text = (resources.files(__name__) / "event-types.json").read_bytes()
    return msgspec.json.decode(text, type=_Document).event_types


def incident(correlation_id: str, until: datetime, new_id: IdFactory) -> list[dict[str, Any]]:
    """Bodies for POST /api/v1/audit/events, oldest first, the last one at `until`; each names its cause as parent."""
    known = event_types()
    start = until - timedelta(seconds=_PACE * (len(known) - 1))
    parent: UUID | None = None
    bodies = []
    for number, kind in enumerate(known):
        event_id = new_id()
        bodies.append(_body(kind, correlation_id, start + timedelta(seconds=_PACE * number), event_id, parent))
        parent = event_id
    return bodies


def _body(kind: EventType, correlation_id: str, at: datetime, event_id: UUID, parent: UUID | None) -> dict[str, Any]:
    failed = any(word in kind.event_type for word in ("error", "failed", "rejected"))
    return {
        "version": "1.0",
        "event_id": str(event_id),
        "event_type": kind.event_type,
        "event_category": kind.event_category,
        "event_action": kind.event_action,
        "event_outcome": "failure" if failed else "success",
        "event_timestamp": at.isoformat(),
        "correlation_id": correlation_id,
        "event_data": kind.sample_event_data,
        **({"parent_event_id": str(parent)} if parent else {}),
    }
