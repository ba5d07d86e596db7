"""Commit or queue: an event that PostgreSQL cannot take now goes into the queue, and never into both for ever."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from datetime import date
from time import monotonic
from typing import Literal, Protocol
from uuid import UUID

import msgspec

from audit.breaker import Breaker
from audit.content import digest_of
from audit.partition_health import PartitionHealth
from dlq import Item, Located, Queue, QueueConflictError, QueueError, QueueFullError
from repository.audit_events import Entry, Row, Verdict
from repository.errors import (
    CommitUnknownError,
    DatabaseUnavailableError,
    PartitionUnavailableError,
    QueryTimeoutError,
)
from repository.records import AuditEvent, month_of
from telemetry.logs import get_logger

__all__ = ["Delivery", "Fate", "both_stores_unavailable", "decode_event", "encode_event"]

_log = get_logger(__name__)

#: Seconds for which a queue that did not answer is not asked again what it holds: a hung Redis must not slow writes.
_BLIND = 1.0

#: What became of a row; `queued` is as durable as `created`.
Fate = Verdict | Literal["queued"]

encode_event = msgspec.json.Encoder().encode
decode_event = msgspec.json.Decoder(AuditEvent).decode


class Committing(Protocol):
    """Where entries go first: audit.committer.Committer, see there."""

    async def commit(self, entry: Entry) -> list[Verdict]:
        """Hand an entry over and wait for what becomes of it."""


class Delivery:
    """Implements audit.recorder.Commits: what the committer cannot take now is queued."""

    def __init__(self, committer: Committing, queue: Queue, breaker: Breaker, months: PartitionHealth) -> None:
        self._committer = committer
        self._queue = queue
        self._breaker = breaker
        self._months = months
        self._blind_until = 0.0

    async def commit(self, entry: Entry) -> list[Fate]:
        """Make every row of the entry durable, or none; a fate for each.

        Raises DatabaseUnavailableError when nothing was stored anywhere, CommitUnknownError when a part may be stored,
        InvalidDataError.
        """
        located = await self._located(entry)
        fates = _fates_of_queued(entry, located) if located else {}
        if not fates:
            fates = await self._deliver(entry, _orphans(entry, located) if located else ())
        elif "conflict" not in fates.values():
            fresh = [row for row in entry if row.event.event_id not in fates]
            fates |= await self._deliver(fresh, _orphans(fresh, located))
        return [fates.get(row.event.event_id, "created") for row in entry]

    async def _located(self, entry: Entry) -> dict[str, Located]:
        """Which of the rows that clients named, and of the parents, are in the queue.

        A queue that does not answer is taken for empty: replay compares once more.
        """
        named = {str(row.event.event_id) for row in entry if not row.server_generated_id}
        named |= {str(parent) for row in entry if (parent := row.event.parent_event_id)}
        if not named or monotonic() < self._blind_until:
            return {}
        try:
            found = await self._queue.locate(sorted(named))
        except QueueError:
            self._blind_until = monotonic() + _BLIND
            return {}
        return {record: one for record, one in found.items() if one.state == "queued"}

    async def _deliver(self, rows: Sequence[Row], orphans: Collection[UUID]) -> dict[UUID, Fate]:
        """Commit what can be committed, then queue the rest: a broken month's events, children of queued parents."""
        while rows and not self._breaker.is_open:
            broken = set(self._months.broken)
            later: Sequence[Row] = []
            now = rows
            if broken or orphans:
                later = [row for row in rows if row.event.event_id in orphans or _month(row) in broken]
                now = [row for row in rows if row.event.event_id not in orphans and _month(row) not in broken]
            if not now:
                break
            try:
                await self._require_room(len(later))
                verdicts = await self._committer.commit(now)
            except PartitionUnavailableError as error:
                if error.month in broken:
                    break
            except (DatabaseUnavailableError, QueryTimeoutError):
                break
            else:
                return await self._finish(now, verdicts, later)
        return await self._enqueue(rows)

    async def _finish(self, now: Sequence[Row], verdicts: Sequence[Verdict], later: Sequence[Row]) -> dict[UUID, Fate]:
        fates: dict[UUID, Fate] = {row.event.event_id: word for row, word in zip(now, verdicts, strict=True)}
        if not later or not {"conflict", "no_parent"}.isdisjoint(verdicts):
            return fates
        try:
            return fates | await self._enqueue(later)
        except DatabaseUnavailableError as error:
            raise CommitUnknownError("A part of this is stored and the rest is not.") from error

    async def _require_room(self, count: int) -> None:
        """Make it unlikely that a part is committed and the rest finds the queue full or gone."""
        if not count:
            return
        try:
            state = await self._queue.state()
        except QueueError as error:
            raise both_stores_unavailable(error) from error
        if state.depth + count > state.capacity:
            raise both_stores_unavailable(QueueFullError())

    async def _enqueue(self, rows: Sequence[Row]) -> dict[UUID, Fate]:
        if not rows:
            return {}
        items = [_item(row.event) for row in rows]
        try:
            await self._queue.enqueue(items)
        except QueueConflictError as error:
            return {row.event.event_id: _conflict_or_new(row, error.ids) for row in rows}
        except QueueError as error:
            raise both_stores_unavailable(error) from error
        return {row.event.event_id: "queued" for row in rows}


def _month(row: Row) -> date:
    return month_of(row.event.event_date)


def _item(event: AuditEvent) -> Item:
    return Item(id=str(event.event_id), digest=digest_of(event), payload=encode_event(event))


def _fates_of_queued(rows: Sequence[Row], located: Mapping[str, Located]) -> dict[UUID, Fate]:
    """The fates of the rows whose ids are queued already."""
    fates: dict[UUID, Fate] = {}
    for row in rows:
        if not row.server_generated_id and (one := located.get(str(row.event.event_id))):
            fates[row.event.event_id] = "queued" if one.digest == digest_of(row.event) else "conflict"
    return fates


def _orphans(rows: Sequence[Row], located: Mapping[str, Located]) -> set[UUID]:
    """Rows whose parent is in the queue, and their descendants in the same entry: they follow it there."""
    orphans: set[UUID] = set()
    for row in rows:
        parent = row.event.parent_event_id
        if parent is not None and (parent in orphans or str(parent) in located):
            orphans.add(row.event.event_id)
    return orphans


def _conflict_or_new(row: Row, conflicts: Collection[str]) -> Fate:
    return "conflict" if str(row.event.event_id) in conflicts else "created"


def both_stores_unavailable(error: QueueError) -> DatabaseUnavailableError:
    """What a client learns when neither store takes its record."""
    _log.warning("a record was refused: neither PostgreSQL nor the queue takes it", cause=str(error))
    return DatabaseUnavailableError(f"PostgreSQL does not take records now, and the queue neither: {error}")
