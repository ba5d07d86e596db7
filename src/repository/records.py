"""The records as the tables keep them: what travels between the floors, and what the queue serialises.

They live on the lowest floor that needs them; the rules about them live in `audit`.
"""

from collections.abc import Iterable, Sequence
from datetime import date, datetime
from functools import lru_cache
from typing import Generic, Literal, NamedTuple, TypeVar
from uuid import UUID

import msgspec

__all__ = ["AuditEvent", "Notification", "Row", "Unit", "Written", "month_of", "months_of"]

Record = TypeVar("Record")


class AuditEvent(msgspec.Struct, frozen=True, kw_only=True):
    """One row of audit_events, every default applied.

    event_timestamp is aware and in UTC; event_data is JSON text, kept as it was sent so that no digit is lost.
    recorded_by: subject of the credentials that it came with.
    """

    event_id: UUID
    event_version: str
    event_timestamp: datetime
    event_type: str
    event_category: str
    event_action: str
    event_outcome: str
    actor_type: str
    actor_id: str
    resource_type: str
    resource_id: str
    correlation_id: str
    event_data: msgspec.Raw
    severity: str | None = None
    namespace: str | None = None
    cluster_name: str | None = None
    duration_ms: int | None = None
    error_code: str | None = None
    error_message: str | None = None
    parent_event_id: UUID | None = None
    parent_event_date: date | None = None
    trace_id: str | None = None
    span_id: str | None = None
    recorded_by: str | None = None

    @property
    def event_date(self) -> date:
        """The partition key: the UTC date of event_timestamp."""
        return self.event_timestamp.date()


class Notification(msgspec.Struct, frozen=True, kw_only=True):
    """What is known of one notification when it is recorded. sent_at is aware and in UTC."""

    notification_id: str
    remediation_id: str
    recipient: str
    channel: str
    message_summary: str
    status: str
    sent_at: datetime
    delivery_status: str | None = None
    error_message: str | None = None
    escalation_level: int = 0
    recorded_by: str | None = None


class Row(msgspec.Struct, Generic[Record], frozen=True, kw_only=True):
    """A record to write. server_generated_id: nothing stored can have its id.

    linked: its parent is settled; it is not looked up again, and parent_event_date is stored as it is.
    """

    record: Record
    server_generated_id: bool = False
    linked: bool = False


#: Rows that are written together or not at all; no id twice.
Unit = Sequence[Row[Record]]


class Written(NamedTuple):
    """What a table did with a row. no_parent: its parent is not stored. Only `stored` rows were written now.

    record: the row as it stands in the table, where the table returns it.
    """

    state: Literal["stored", "duplicate", "conflict", "no_parent"]
    record: object = None


@lru_cache(maxsize=1024)  # asked several times for each row, and rows are of few days
def month_of(day: date) -> date:
    """The first day of the month of `day`."""
    return date(day.year, day.month, 1)


def months_of(events: Iterable[AuditEvent]) -> set[date]:
    """The months that the events are in, by their first days."""
    return {month_of(day) for day in {event.event_timestamp.date() for event in events}}
