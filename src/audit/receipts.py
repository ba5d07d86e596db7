"""Where an event is between acknowledgement and table."""

from __future__ import annotations

from datetime import datetime
from typing import Literal, Protocol
from uuid import UUID

import msgspec

from audit.queued_records import is_readable
from dlq import Located, Queue, QueueError
from repository.errors import DatabaseUnavailableError
from repository.event_filters import EVERYWHERE, Within
from repository.stored_events import StoredEvent

__all__ = ["Receipt", "Receipts"]


class Receipt(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """The state of one event, and since when. attempts and last_error are there once a replay failed."""

    event_id: UUID
    state: Literal["stored", "queued", "dead_letter"]
    since: datetime
    attempts: int = 0
    last_error: str = ""


class StoredEvents(Protocol):
    """The stored events: repository.audit_queries.AuditQueries, see there."""

    async def get(self, event_id: UUID, within: Within = EVERYWHERE) -> StoredEvent | None:
        """The event with this id, if it is there."""


class Receipts:
    """Finds events. An entry leaves the queue after its commit: who asks the queue first misses nothing."""

    def __init__(self, queue: Queue, stored: StoredEvents) -> None:
        self._queue = queue
        self._stored = stored

    async def find(self, event_id: UUID, within: Within = EVERYWHERE) -> Receipt | None:
        """The receipt of the event; None if it is not there, was never taken, or discarded as a dead letter.

        One store is enough where it knows the event. Raises DatabaseUnavailableError where the other may know it.
        """
        try:
            located = (await self._queue.locate([str(event_id)])).get(str(event_id))
        except QueueError as error:
            return await self._find_stored(event_id, within, otherwise=error)
        if located is None:
            return await self._find_stored(event_id, within, otherwise=None)
        return _of_queue(event_id, located) if is_readable(located.payload, within) else None

    async def _find_stored(self, event_id: UUID, within: Within, *, otherwise: QueueError | None) -> Receipt | None:
        event = await self._stored.get(event_id, within)
        if event is not None:
            return Receipt(event_id=event_id, state="stored", since=event.recorded_at)
        if otherwise is not None:
            raise DatabaseUnavailableError("the queue does not answer, and the event is not stored") from otherwise
        return None


def _of_queue(event_id: UUID, located: Located) -> Receipt:
    return Receipt(
        event_id=event_id,
        state="dead_letter" if located.state == "dead_letter" else "queued",
        since=located.since,
        attempts=located.attempts,
        last_error=located.last_error,
    )
