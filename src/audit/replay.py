"""Replaying queued events through the code of the direct path, idempotently."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from datetime import date
from uuid import UUID

import msgspec

from audit.breaker import Breaker
from audit.delivery import Committing, decode_event
from dlq import EVENTS, Entry, Queue, QueueError, Verdict, VerdictKind
from repository.audit_events import Row
from repository.errors import DatabaseUnavailableError, InvalidDataError, RepositoryError
from repository.records import AuditEvent
from telemetry.logs import get_logger
from telemetry.metrics import DANGLING_PARENTS

__all__ = ["EventSink", "verdict_of"]

_log = get_logger(__name__)

#: Somebody stored the same id at the same moment; the next try finds it stored.
_UNIQUE_VIOLATION = "23505"
_HELD = Verdict(VerdictKind.HELD)
_VERDICTS = {
    "created": Verdict(VerdictKind.STORED),
    "duplicate": Verdict(VerdictKind.DUPLICATE),
    "conflict": Verdict(VerdictKind.REFUSED, "this event_id is stored with different content"),
}


class EventSink:
    """Implements dlq.Sink for audit events."""

    def __init__(self, committer: Committing, queue: Queue, breaker: Breaker) -> None:
        self._committer = committer
        self._queue = queue
        self._breaker = breaker

    async def ready(self) -> None:
        """Return when PostgreSQL is considered up."""
        await self._breaker.closed()

    async def store(self, entries: Sequence[Entry]) -> list[Verdict]:
        """A verdict for each entry; parents that stand in the same batch or in the queue count as there."""
        events = [_read(entry) for entry in entries]
        verdicts = await asyncio.gather(*(self._judge(event) for event in events))
        orphans = [place for place, verdict in enumerate(verdicts) if verdict is None]
        if orphans:
            again = await self._link_all([_event(events[place]) for place in orphans], events)
            verdicts = list(verdicts)
            for place, verdict in zip(orphans, again, strict=True):
                verdicts[place] = verdict
        return [verdict or _HELD for verdict in verdicts]

    async def _judge(self, event: AuditEvent | Verdict) -> Verdict | None:
        """Store one event; None if its parent is not stored."""
        return event if isinstance(event, Verdict) else await self._commit(Row(event=event, server_generated_id=False))

    async def _link_all(
        self, orphans: Sequence[AuditEvent], batch: Sequence[AuditEvent | Verdict]
    ) -> list[Verdict | None]:
        """Store events whose parent is not stored (yet); as long as the queue does not say where it is, they wait."""
        try:
            dates = await self._dates_of_parents(orphans, batch)
        except QueueError:
            return [_HELD] * len(orphans)
        return await asyncio.gather(*(self._link(event, dates) for event in orphans))

    async def _link(self, event: AuditEvent, dates: dict[UUID, date]) -> Verdict | None:
        """Store an event whose parent is not stored (yet): nothing that was acknowledged is refused for that."""
        parent = event.parent_event_id
        known = dates.get(parent) if parent else None
        linked = msgspec.structs.replace(event, parent_event_date=known)
        verdict = await self._commit(Row(event=linked, server_generated_id=False, linked=True))
        if known is None and verdict is not None and verdict.kind is VerdictKind.STORED:
            _log.warning("a replayed event's parent is nowhere", event_id=str(event.event_id), parent=str(parent))
            DANGLING_PARENTS.inc()
        return verdict

    async def _dates_of_parents(
        self, orphans: Sequence[AuditEvent], batch: Sequence[AuditEvent | Verdict]
    ) -> dict[UUID, date]:
        """The dates of parents that are in this batch or elsewhere in the queue. Raises QueueError."""
        dates = {event.event_id: event.event_date for event in batch if isinstance(event, AuditEvent)}
        absent = {str(parent) for event in orphans if (parent := event.parent_event_id) and parent not in dates}
        located = await self._queue.locate(sorted(absent)) if absent else {}
        for one in located.values():
            if one.state == "queued":
                event = decode_event(one.payload)
                dates[event.event_id] = event.event_date
        return dates

    async def _commit(self, row: Row) -> Verdict | None:
        try:
            (word,) = await self._committer.commit([row])
        except RepositoryError as error:
            return verdict_of(error)
        return _VERDICTS.get(word)


def _read(entry: Entry) -> AuditEvent | Verdict:
    if entry.type != EVENTS.entry_type:
        _log.error("an entry of a type that this version does not know stays queued", type=entry.type[:64])
        return Verdict(VerdictKind.UNKNOWN, f"unknown type {entry.type[:64]!r}")
    try:
        return decode_event(entry.payload)
    except (msgspec.MsgspecError, UnicodeError):
        return Verdict(VerdictKind.REFUSED, "its payload is not an audit event")


def _event(event: AuditEvent | Verdict) -> AuditEvent:
    if isinstance(event, Verdict):
        raise TypeError("only an event can lack its parent")
    return event


def verdict_of(error: RepositoryError) -> Verdict:
    """What a failed write means for the entry: kept while PostgreSQL is away, given up where its data are refused."""
    if isinstance(error, DatabaseUnavailableError):
        return _HELD
    if isinstance(error, InvalidDataError):
        return _HELD if error.sqlstate == _UNIQUE_VIOLATION else Verdict(VerdictKind.REFUSED, _refusal(error))
    return Verdict(VerdictKind.FAILED, f"PostgreSQL failed at it (SQLSTATE {error.sqlstate or 'unknown'})")


def _refusal(error: InvalidDataError) -> str:
    where = f" in {error.column}" if error.column else ""
    return f"PostgreSQL refuses a value{where} (SQLSTATE {error.sqlstate or 'none'})"
