"""Replaying queued records through the committer of the direct path, idempotently."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from datetime import date
from typing import Any, Generic, TypeVar
from uuid import UUID

import msgspec

from dlq import Disposition, DispositionKind, Entry, Queue, QueueError
from pipeline.committer import Committer
from pipeline.health import Health
from pipeline.kinds import Kind
from pipeline.outcome import Outcome, State
from repository.errors import RepositoryError
from repository.records import Row
from telemetry.logs import get_logger
from telemetry.metrics import DANGLING_PARENTS
from telemetry.spans import replay

__all__ = ["ReplaySink"]

Record = TypeVar("Record")
_log = get_logger(__name__)
#: Seconds without another entry stored after which the rest of a batch is not waited for.
_STRAGGLING = 0.5
_KEEP = Disposition(DispositionKind.KEEP)


class ReplaySink(Generic[Record]):
    """Implements dlq.Sink for one kind of record. Every entry is a unit of its own: none is charged for another."""

    def __init__(self, kind: Kind[Record], committer: Committer[Record], queue: Queue, primary: Health) -> None:
        self._kind = kind
        self._committer = committer
        self._queue = queue
        self._primary = primary
        self._stragglers: set[asyncio.Task[Disposition]] = set()

    async def ready(self) -> None:
        """Return when PostgreSQL is considered up."""
        await self._primary.up()

    async def store(self, entries: Sequence[Entry]) -> list[Disposition]:
        """What is to be done with each entry; parents that stand in the same batch or in the queue count as there."""
        with replay(f"replay {self._kind.queue.name}", [entry.trace for entry in entries], entries=len(entries)):
            return await self._store_all(entries)

    async def _store_all(self, entries: Sequence[Entry]) -> list[Disposition]:
        read = [self._read(entry) for entry in entries]
        batch = [one for one in read if not isinstance(one, Disposition)]
        storing = {
            place: asyncio.create_task(self._store(one, batch), name="replay one")
            for place, one in enumerate(read)
            if not isinstance(one, Disposition)
        }
        await self._wait(set(storing.values()))
        return [self._disposed(storing[place]) if place in storing else one for place, one in enumerate(read)]

    async def _wait(self, storing: set[asyncio.Task[Disposition]]) -> None:
        """Wait for all, but not for stragglers once the others are done: they are kept, and found again later."""
        waiting, done = storing, set[asyncio.Task[Disposition]]()
        while waiting:
            done, waiting = await asyncio.wait(
                waiting,
                timeout=_STRAGGLING if len(waiting) < len(storing) else None,
                return_when=asyncio.FIRST_COMPLETED,
            )
            if not done:
                return

    def _disposed(self, storing: asyncio.Task[Disposition]) -> Disposition:
        if storing.done():
            return storing.result()
        self._stragglers.add(storing)  # it goes on: storing an entry twice is harmless
        storing.add_done_callback(self._stragglers.discard)
        return _KEEP

    def _read(self, entry: Entry) -> Any:
        """The record of an entry, or what is to be done with an entry that has none."""
        if entry.type != self._kind.queue.entry_type:
            _log.error("an entry of a type that this version does not know stays queued", type=entry.type[:64])
            return Disposition(DispositionKind.POSTPONE, f"unknown type {entry.type[:64]!r}")
        try:
            return self._kind.decode(entry.payload)
        except (msgspec.MsgspecError, UnicodeError):
            return Disposition(DispositionKind.DEAD_LETTER, f"its payload is not {self._kind.noun}")

    async def _store(self, record: Record, batch: Sequence[Record]) -> Disposition:
        outcome = await self._commit(Row(record=record))
        if isinstance(outcome, Outcome) and outcome.lacks_parent:
            outcome = await self._link(record, batch)
        return outcome if isinstance(outcome, Disposition) else _disposition(outcome)

    async def _commit(self, row: Row[Record]) -> Outcome | Disposition:
        try:
            (outcome,) = await self._committer.commit([row])
        except RepositoryError as error:
            return Disposition(
                DispositionKind.DELAY, f"PostgreSQL failed at it (SQLSTATE {error.sqlstate or 'unknown'})"
            )
        return outcome

    async def _link(self, record: Any, batch: Sequence[Record]) -> Outcome | Disposition:
        """Store an event whose parent is not stored (yet): nothing that was acknowledged is refused for that."""
        try:
            known = await self._date_of(record.parent_event_id, batch)
        except QueueError:  # it does not say whether it holds the parent
            return _KEEP
        linked = msgspec.structs.replace(record, parent_event_date=known)
        outcome = await self._commit(Row(record=linked, linked=True))
        if known is None and isinstance(outcome, Outcome) and outcome.state is State.STORED:
            parent = str(record.parent_event_id)
            _log.warning(
                "a replayed event's parent is stored nowhere", event_id=self._kind.id_of(record), parent=parent
            )
            DANGLING_PARENTS.inc()
        return outcome

    async def _date_of(self, parent: UUID, batch: Sequence[Any]) -> date | None:
        """The date of a parent that is in this batch or elsewhere in the queue. Raises QueueError."""
        for record in batch:
            if record.event_id == parent:
                return record.event_date  # type: ignore[no-any-return]  # only events have parents
        one = (await self._queue.locate([str(parent)])).get(str(parent))
        if one is None or one.state != "queued":
            return None
        event: Any = self._kind.decode(one.payload)
        return event.event_date  # type: ignore[no-any-return]  # as above


def _disposition(outcome: Outcome) -> Disposition:
    """What an outcome means for the entry: kept while no store takes it, given up where the record is at fault."""
    match outcome.state:
        case State.STORED:
            return Disposition(DispositionKind.STORED)
        case State.DUPLICATE:
            return Disposition(DispositionKind.DUPLICATE)
        case State.CONFLICT:
            return Disposition(DispositionKind.DEAD_LETTER, "its id is stored with different content")
        case State.REJECTED:
            return Disposition(DispositionKind.DEAD_LETTER, outcome.cause)
        case _ if outcome.alone:
            return Disposition(DispositionKind.DELAY, outcome.cause)
        case _:
            return _KEEP
