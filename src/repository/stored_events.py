"""Audit events as they are read back: every column of the table, and how its rows become records."""

from __future__ import annotations

from datetime import date, datetime
from typing import LiteralString
from uuid import UUID

import msgspec
from psycopg import sql
from psycopg.abc import Buffer
from psycopg.adapt import Loader
from psycopg.pq import Format

from repository.keyset import Position

__all__ = ["COLUMNS", "RawJsonLoader", "StoredEvent"]


class StoredEvent(msgspec.Struct, frozen=True, kw_only=False, gc=False):
    """One stored event, in the order in which it is shown. event_data and event_metadata are jsonb's own text."""

    event_id: UUID
    version: str
    event_timestamp: datetime
    event_date: date
    event_type: str
    event_category: str
    event_action: str
    event_outcome: str
    actor_type: str
    actor_id: str
    actor_ip: str | None
    resource_type: str
    resource_id: str
    resource_name: str | None
    correlation_id: str
    parent_event_id: UUID | None
    parent_event_date: date | None
    trace_id: str | None
    span_id: str | None
    namespace: str | None
    cluster_name: str | None
    event_data: msgspec.Raw
    event_metadata: msgspec.Raw | None
    severity: str | None
    duration_ms: int | None
    error_code: str | None
    error_message: str | None
    retention_days: int
    is_sensitive: bool
    recorded_at: datetime
    recorded_by: str | None = None

    @property
    def position(self) -> Position:
        """Where the event stands in the order of events."""
        return Position(self.event_timestamp, self.event_id)


#: Members whose column has another name, or another type than the member.
_EXPRESSIONS: dict[str, LiteralString] = {"version": "event_version", "actor_ip": "host(actor_ip)"}

#: The columns of audit_events in the order of StoredEvent's members.
COLUMNS = sql.Composed([sql.SQL(_EXPRESSIONS.get(name, name)) for name in StoredEvent.__struct_fields__]).join(", ")


class RawJsonLoader(Loader):
    """Takes jsonb's text as it is: no digit passes through a float, and nothing is parsed only to be written again."""

    format = Format.BINARY

    def load(self, data: Buffer) -> msgspec.Raw:
        """Drop the version byte of the binary format (PostgreSQL's jsonb_send) and keep the text."""
        return msgspec.Raw(bytes(data)[1:])
