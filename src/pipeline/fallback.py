"""Commit, or queue: what PostgreSQL cannot take now goes into the queue, or is refused, or is unknown.

The way of every record: `Pipeline.record`. Nothing here turns an unknown outcome into another one, but for a record
that the queue has taken: replay stores it once, whether or not it was stored before.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from datetime import date
from typing import Generic, TypeVar

from dlq import Located, Queue, QueueConflictError, QueueError, QueueFullError, QueueUnknownError
from pipeline.committer import Committer
from pipeline.health import Health
from pipeline.kinds import Kind
from pipeline.outcome import Outcome, State
from pipeline.partitions import PartitionHealth
from repository.records import Row, Unit
from telemetry.logs import get_logger

__all__ = ["Pipeline"]

Record = TypeVar("Record")
_log = get_logger(__name__)
_NOT_REPLICATED = "it is in the queue, but perhaps on no replica"
_PARTLY = "a part of this is stored and the rest is not"


class Pipeline(Generic[Record]):
    """Makes units of one kind durable. primary, queue_health: of the two stores."""

    def __init__(
        self,
        kind: Kind[Record],
        committer: Committer[Record],
        queue: Queue,
        *,
        primary: Health,
        queue_health: Health,
        months: PartitionHealth | None = None,
    ) -> None:
        self._kind = kind
        self._committer = committer
        self._queue = queue
        self._primary = primary
        self._queue_health = queue_health
        self._months = months

    async def record(self, unit: Unit[Record]) -> list[Outcome]:
        """Make every row of the unit durable, or none; what became of each.

        Where one is refused or no store takes them, none is kept, and the outcomes of the others mean nothing. Where
        one is UNKNOWN, all are. Raises RepositoryError for failures that nobody foresaw; then nothing was kept.
        """
        located = await self._locate(unit)
        if located is None:
            return [_undecided(outcome) for outcome in await self._commit_or_queue(unit, ())]
        if not located:
            return await self._commit_or_queue(unit, ())
        known = self._outcomes_of_queued(unit, located)
        if any(outcome.state is State.CONFLICT for outcome in known.values()):
            return [known.get(self._id(row)) or Outcome(state=State.STORED, record=row.record) for row in unit]
        if not await self._are_replicated([row for row in unit if self._id(row) in known]):
            return [Outcome(state=State.UNKNOWN, record=row.record, cause=_NOT_REPLICATED) for row in unit]
        fresh = [row for row in unit if self._id(row) not in known]
        recorded = await self._commit_or_queue(fresh, located)
        found = known | {self._id(row): outcome for row, outcome in zip(fresh, recorded, strict=True)}
        return [found[self._id(row)] for row in unit]

    def _id(self, row: Row[Record]) -> str:
        return self._kind.id_of(row.record)

    async def _locate(self, unit: Unit[Record]) -> dict[str, Located] | None:
        """Which of the rows that clients named, and of the parents, are in the queue; None if it does not say.

        A queue that is down is not asked: replay compares once more.
        """
        named = {self._id(row) for row in unit if not row.server_generated_id}
        named |= {str(parent) for row in unit if (parent := self._kind.parent_of(row.record))}
        if not named:
            return {}
        if self._queue_health.is_down:
            return None
        try:
            found = await self._queue.locate(sorted(named))
        except QueueError:
            self._queue_health.went_down("it did not answer")
            return None
        return {record: one for record, one in found.items() if one.state == "queued"}

    def _outcomes_of_queued(self, unit: Unit[Record], located: Mapping[str, Located]) -> dict[str, Outcome]:
        """What became of the rows whose ids are queued already."""
        outcomes: dict[str, Outcome] = {}
        for row in unit:
            if not row.server_generated_id and (one := located.get(self._id(row))):
                equal = one.digest == self._kind.digest_of(row.record)
                state = State.QUEUED if equal else State.CONFLICT
                outcomes[self._id(row)] = Outcome(state=state, record=row.record)
        return outcomes

    async def _are_replicated(self, rows: Sequence[Row[Record]]) -> bool:
        """Whether rows in the queue are there for good: queueing them again changes nothing, and waits for replicas."""
        if not rows or not self._queue.replicas:
            return True
        return all(outcome.state.is_kept for outcome in await self._enqueue(rows, ()))

    async def _commit_or_queue(self, rows: Sequence[Row[Record]], queued: Collection[str]) -> list[Outcome]:
        """Commit what can be committed, then queue the rest: a broken month's rows, descendants of queued ones.

        queued: the ids of the rows' parents that are in the queue.
        """
        tried: list[Outcome] = []
        while rows and not self._primary.is_down:
            broken = set(self._months.broken) if self._months is not None else set()
            now, later = self._split(rows, queued, broken)
            if not now:
                break
            if later and (refusal := await self._refusal_of_queue(len(later))):
                return [Outcome(state=State.UNAVAILABLE, record=row.record, cause=refusal) for row in rows]
            tried = await self._committer.commit(now)
            state = _of_all(tried)
            if state is State.STORED:
                return await self._queue_rest(rows, now, later, tried) if later else tried
            if state is not State.UNAVAILABLE and state is not State.UNKNOWN:
                stored = [Outcome(state=State.STORED, record=row.record) for row in later]
                return self._in_order(rows, [*now, *later], [*tried, *stored])
            month = next((outcome.month for outcome in tried), None)
            if state is State.UNKNOWN or month is None or month in broken:
                break
        return await self._enqueue(rows, tried)

    def _split(
        self, rows: Sequence[Row[Record]], queued: Collection[str], broken: Collection[date]
    ) -> tuple[Sequence[Row[Record]], Sequence[Row[Record]]]:
        """Those that can be committed now, and those that only the queue can take."""
        if not queued and not broken:
            return rows, ()
        now: list[Row[Record]] = []
        later: list[Row[Record]] = []
        held = set(queued)
        for row in rows:
            parent = self._kind.parent_of(row.record)
            if str(parent) in held or self._kind.month_of(row.record) in broken:
                held.add(self._id(row))
                later.append(row)
            else:
                now.append(row)
        return now, later

    def _in_order(
        self, rows: Sequence[Row[Record]], of: Sequence[Row[Record]], outcomes: Sequence[Outcome]
    ) -> list[Outcome]:
        """`outcomes`, which belong to the rows `of`, in the order of `rows`."""
        found = dict(zip(map(self._id, of), outcomes, strict=True))
        return [found[self._id(row)] for row in rows]

    async def _queue_rest(
        self,
        rows: Sequence[Row[Record]],
        now: Sequence[Row[Record]],
        later: Sequence[Row[Record]],
        committed: Sequence[Outcome],
    ) -> list[Outcome]:
        """`now` is committed: whatever the queue says, the unit is kept in part."""
        queued = await self._enqueue(later, ())
        if not all(outcome.state.is_kept for outcome in queued):
            return [Outcome(state=State.UNKNOWN, record=row.record, cause=_PARTLY) for row in rows]
        return self._in_order(rows, [*now, *later], [*committed, *queued])

    async def _refusal_of_queue(self, count: int) -> str:
        """Why the queue will not take so many: a part must not be committed and the rest find no room."""
        try:
            state = await self._queue.state()
        except QueueError as error:
            return str(error)
        return str(QueueFullError()) if state.depth + count > state.capacity else ""

    async def _enqueue(self, rows: Sequence[Row[Record]], tried: Sequence[Outcome]) -> list[Outcome]:
        """Queue the rows, all or none. tried: what became of them in PostgreSQL."""
        if not rows:
            return []
        unknown = next((outcome for outcome in tried if outcome.state is State.UNKNOWN), None)
        try:
            await self._queue.enqueue([self._kind.item_of(row.record) for row in rows])
        except QueueConflictError as error:
            if unknown is None:
                return [
                    Outcome(state=State.CONFLICT if self._id(row) in error.ids else State.STORED, record=row.record)
                    for row in rows
                ]
            refusal = str(error)
        except QueueUnknownError as error:
            return [Outcome(state=State.UNKNOWN, record=row.record, cause=str(error)) for row in rows]
        except QueueError as error:
            refusal = both_stores_unavailable(self._kind.noun, error)
        else:
            return [Outcome(state=State.QUEUED, record=row.record) for row in rows]
        state, cause = (State.UNKNOWN, unknown.cause) if unknown else (State.UNAVAILABLE, refusal)
        return [Outcome(state=state, record=row.record, cause=cause) for row in rows]


def _undecided(outcome: Outcome) -> Outcome:
    """Nobody can say that a parent is stored nowhere while the queue, which may hold it, does not answer."""
    if not outcome.lacks_parent:
        return outcome
    cause = "its parent is not stored, and the queue does not say whether it holds it"
    return Outcome(state=State.UNAVAILABLE, record=outcome.record, cause=cause)


def _of_all(outcomes: Collection[Outcome]) -> State:
    """What became of a unit: STORED, a refusal, UNAVAILABLE, or UNKNOWN."""
    states = {outcome.state for outcome in outcomes}
    for state in (State.UNKNOWN, State.UNAVAILABLE, State.CONFLICT, State.REJECTED):
        if state in states:
            return state
    return State.STORED


def both_stores_unavailable(noun: str, error: QueueError) -> str:
    """What operators and clients learn when neither store takes a record."""
    _log.warning("refused: neither PostgreSQL nor the queue takes it", record=noun, cause=str(error))
    return f"PostgreSQL does not take records now, and the queue neither: {error}"
