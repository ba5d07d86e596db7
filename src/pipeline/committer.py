"""Group commit: what arrives while a commit is under way shares the next one; an idle service commits at once."""

from __future__ import annotations

import asyncio
from collections import deque
from collections.abc import Collection, Sequence
from datetime import date
from time import monotonic
from typing import Any, Generic, Protocol, TypeVar

from pipeline.admission import Admission
from pipeline.kinds import Kind
from pipeline.outcome import Flaw, Outcome, State
from pipeline.partitions import PartitionHealth
from repository.errors import (
    CommitUnknownError,
    ContentionError,
    DatabaseUnavailableError,
    InvalidDataError,
    PartitionUnavailableError,
    QueryTimeoutError,
    RepositoryError,
)
from repository.records import Unit, Written
from telemetry import spans
from telemetry.logs import get_logger
from telemetry.metrics import GROUP_SIZE, WRITE_DURATION

__all__ = ["Committer", "Table"]

Record = TypeVar("Record")
_log = get_logger(__name__)
#: In how many rounds of the event loop a request that has arrived at the socket comes to the committer.
_ROUNDS_OF_A_REQUEST = 3
#: Rows waiting for which a second group is committed beside the first.
_OVERLAP_ROWS = 500
#: Locks that somebody else holds for which a group waits one after the other, before the queue takes what is left.
_LOCKS = 2
#: Seconds after which a commit no longer holds up those behind it, and bytes from which on it never does.
_STALLED, _LARGE = 0.1, 512 * 1024


class Table(Protocol[Record]):
    """Where groups are written: repository.audit_events, repository.notifications, see there."""

    async def write(self, units: Sequence[Unit[Record]], *, avoid: Collection[date] = ()) -> list[list[Written]]:
        """Write the units in one transaction; what became of each row of each unit."""


class _Waiting(Generic[Record]):
    """A unit, and who waits for what becomes of it."""

    __slots__ = ("arrived", "bytes", "ids", "months", "result", "span", "unit")

    def __init__(self, unit: Unit[Record], kind: Kind[Record], bytes_: int) -> None:
        self.unit = unit
        self.bytes = bytes_
        self.ids = {kind.id_of(row.record) for row in unit if not row.server_generated_id}
        self.months = {month for row in unit if (month := kind.month_of(row.record))}
        self.result: asyncio.Future[list[Outcome]] = asyncio.get_running_loop().create_future()
        self.arrived = monotonic()
        self.span = spans.current()

    def settle(self, outcomes: list[Outcome]) -> None:
        if not self.result.done():  # its request may be gone: the record is stored all the same
            self.result.set_result(outcomes)

    def settle_all(self, state: State, **members: Any) -> None:
        self.settle([Outcome(state=state, record=row.record, **members) for row in self.unit])

    def fail(self, error: Exception) -> None:
        if not self.result.done():
            self.result.set_exception(error)


class Committer(Generic[Record]):
    """One per process and kind. Units are committed in order of arrival, in groups of at most `group_rows` rows.

    Two groups run side by side when enough rows wait, more only beside groups that are slow. A failing unit never
    fails its neighbours: PostgreSQL names it, or the group is halved until it stands alone. Units of a month that does
    not work fail without being tried.
    lanes: groups at a time at the most; no more than there are connections.
    """

    def __init__(
        self,
        kind: Kind[Record],
        table: Table[Record],
        admission: Admission,
        *,
        months: PartitionHealth | None = None,
        lanes: int,
        group_rows: int,
    ) -> None:
        self._kind = kind
        self._table = table
        self._admission = admission
        self._months = months
        self._lanes = lanes
        self._group_rows = group_rows
        self._queue: deque[_Waiting[Record]] = deque()
        self._queued_rows = 0
        self._running: set[asyncio.Task[None]] = set()
        self._stalled = 0
        self._rows = GROUP_SIZE.labels(kind.name)
        self._alone = WRITE_DURATION.labels(kind.name)
        self._batch = WRITE_DURATION.labels(f"{kind.name}_batch") if months is not None else self._alone

    @property
    def _broken(self) -> Collection[date]:
        return self._months.broken if self._months is not None else ()

    async def commit(self, unit: Unit[Record]) -> list[Outcome]:
        """Hand a unit over and wait for what becomes of each row: any state but QUEUED.

        A caller that is cancelled takes nothing back: once handed over, the unit is committed.
        Raises RepositoryError for failures that nobody foresaw; then nothing was stored.
        """
        size = sum(self._kind.size_of(row.record) for row in unit)
        await self._admission.acquire(len(unit), size)
        waiting = _Waiting(unit, self._kind, size)
        self._queue.append(waiting)
        self._queued_rows += len(unit)
        self._open_lane()
        return await waiting.result

    async def flush(self) -> None:
        """Wait until everything handed over is settled."""
        while self._running:
            await asyncio.wait(self._running)

    def _open_lane(self) -> None:
        busy = len(self._running) - self._stalled
        wanted = busy == 0 or (busy == 1 and self._queued_rows >= _OVERLAP_ROWS)
        if self._queue and wanted and len(self._running) < self._lanes:
            lane = asyncio.create_task(self._run(), name=f"commit {self._kind.name}")
            self._running.add(lane)
            lane.add_done_callback(self._close_lane)

    def _close_lane(self, lane: asyncio.Task[None]) -> None:
        self._running.discard(lane)
        if not lane.cancelled() and (error := lane.exception()):
            _log.error("commit failed", exc_info=error)
        self._open_lane()

    async def _run(self) -> None:
        """Commit group after group until nobody waits, or another lane is enough."""
        while self._queue:
            group = self._next_group()
            try:
                await self._commit(group)
            except Exception as error:  # noqa: BLE001 - whatever it is, those who wait must learn it
                _log.exception("commit failed", exc_info=error)
                for waiting in group:
                    waiting.fail(error)
            finally:
                self._admission.release(sum(len(one.unit) for one in group), sum(one.bytes for one in group))
            await self._let_others_join()
            if len(self._running) - self._stalled > 1 and self._queued_rows < _OVERLAP_ROWS:
                return

    async def _commit(self, group: Sequence[_Waiting[Record]]) -> None:
        """Settle a group; once it is slow, another lane may begin beside it."""
        stalled = False

        def stall() -> None:
            nonlocal stalled
            stalled = True
            self._stalled += 1
            self._open_lane()

        is_large = sum(one.bytes for one in group) > _LARGE
        timer = asyncio.get_running_loop().call_later(0 if is_large else _STALLED, stall)
        try:
            with spans.group(
                f"commit {self._kind.name}",
                [one.span for one in group],
                rows=sum(len(one.unit) for one in group),
                units=len(group),
            ):
                await self._settle(group)
        finally:
            timer.cancel()
            self._stalled -= stalled

    async def _let_others_join(self) -> None:
        """Under load, let requests that are already here join the next group, which costs little more for each of them.

        Ends as soon as the event loop has gone round without another arrival: nobody waits for what may never come.
        """
        rows = -1
        while rows != self._queued_rows and self._queued_rows < self._group_rows:
            rows = self._queued_rows
            for _ in range(_ROUNDS_OF_A_REQUEST):
                await asyncio.sleep(0)

    def _next_group(self) -> list[_Waiting[Record]]:
        """What fits into one transaction, in order; an id that is in the group already ends it.

        What is large goes alone: the others must not wait for it.
        """
        group: list[_Waiting[Record]] = []
        rows = bytes_ = 0
        ids: set[str] = set()
        while self._queue:
            waiting = self._queue[0]
            is_full = rows + len(waiting.unit) > self._group_rows or bytes_ + waiting.bytes > _LARGE
            if group and (is_full or not ids.isdisjoint(waiting.ids)):
                break
            group.append(self._queue.popleft())
            rows += len(waiting.unit)
            bytes_ += waiting.bytes
            ids |= waiting.ids
        self._queued_rows -= rows
        return group

    async def _settle(self, group: Sequence[_Waiting[Record]], locks: int = 0) -> None:
        """locks: how many locks that somebody else holds were waited for on the way to this part of a group."""
        group = self._without_broken_months(group)
        if not group:
            return
        try:
            written = await self._table.write([one.unit for one in group], avoid=tuple(self._broken))
        except PartitionUnavailableError as error:
            await self._blame_month(group, error)
        except ContentionError as error:
            if locks == _LOCKS:  # each costs all the others its time-out
                _settle_all(group, error)
            else:
                await self._blame(group, error, locks + 1)
        except DatabaseUnavailableError as error:
            _settle_all(group, error)
        except Exception as error:  # noqa: BLE001 - a defect that one unit meets is not its neighbours'
            await self._blame(group, error)
        else:
            self._succeed(group, written)

    def _succeed(self, group: Sequence[_Waiting[Record]], written: Sequence[Sequence[Written]]) -> None:
        self._rows.observe(sum(len(one.unit) for one in group))
        if self._months is not None:
            self._months.wrote(set().union(*(one.months for one in group)))
        now = monotonic()
        for waiting, line in zip(group, written, strict=True):
            (self._alone if len(waiting.unit) == 1 else self._batch).observe(
                now - waiting.arrived, spans.exemplar(waiting.span)
            )
            waiting.settle([_outcome(row.record, one) for row, one in zip(waiting.unit, line, strict=True)])

    async def _blame_month(self, group: Sequence[_Waiting[Record]], error: PartitionUnavailableError) -> None:
        """A month is broken: its units fail, the others are tried again."""
        if self._months is not None and error.month not in self._broken:
            self._months.failed(error.month)
            await self._settle(group)
        elif error.row is not None:  # what is stored under its id is in that month
            await self._blame(group, error)
        else:
            _settle_all(group, error)

    def _without_broken_months(self, group: Sequence[_Waiting[Record]]) -> Sequence[_Waiting[Record]]:
        """Fail the units that touch a month that does not work; the others are returned."""
        broken = set(self._broken)
        if not broken:
            return group
        for waiting in group:
            if touched := waiting.months & broken:
                waiting.settle_all(State.UNAVAILABLE, cause="a month's partition does not work", month=min(touched))
        return [waiting for waiting in group if waiting.months.isdisjoint(broken)]

    async def _blame(self, group: Sequence[_Waiting[Record]], error: Exception, locks: int = 0) -> None:
        """Something of the group failed and nothing of it was written: who is to blame stands alone at last."""
        if len(group) == 1:
            _settle_alone(group[0], error)
            return
        guilty = _at_row(group, error.row if isinstance(error, RepositoryError) else None)
        parts = [group[: len(group) // 2], group[len(group) // 2 :]]
        if guilty is not None:
            parts = [[*group[:guilty], *group[guilty + 1 :]], [group[guilty]]]
        for part in parts:
            await self._settle(part, locks)


def _at_row(group: Sequence[_Waiting[Any]], row: int | None) -> int | None:
    """The place of the unit that this row of the group belongs to."""
    if row is None:
        return None
    for place, waiting in enumerate(group):
        if row < len(waiting.unit):
            return place
        row -= len(waiting.unit)
    return None


def _settle_all(group: Sequence[_Waiting[Any]], error: DatabaseUnavailableError) -> None:
    state = State.UNKNOWN if isinstance(error, CommitUnknownError) else State.UNAVAILABLE
    month = error.month if isinstance(error, PartitionUnavailableError) else None
    for waiting in group:
        waiting.settle_all(state, cause=str(error), month=month)


def _settle_alone(waiting: _Waiting[Any], error: Exception) -> None:
    """One unit failed by itself. Failures that nobody foresaw are its caller's to see."""
    if isinstance(error, DatabaseUnavailableError):
        _settle_all([waiting], error)
    elif isinstance(error, InvalidDataError):
        pointer = f"/{error.column}" if error.column else ""
        flaw = Flaw(pointer=pointer, message="PostgreSQL cannot hold a value of this record", reason="storage")
        waiting.settle_all(State.REJECTED, flaws=(flaw,), cause=_refusal(error))
    elif isinstance(error, QueryTimeoutError):
        waiting.settle_all(State.UNAVAILABLE, cause="PostgreSQL took too long for it (SQLSTATE 57014)", alone=True)
    else:
        _log.error("commit failed", exc_info=error)
        waiting.fail(error)


def _refusal(error: InvalidDataError) -> str:
    where = f" in {error.column}" if error.column else ""
    return f"PostgreSQL refuses a value{where} (SQLSTATE {error.sqlstate or 'none'})"


_STATES: dict[str, State] = {"stored": State.STORED, "duplicate": State.DUPLICATE, "conflict": State.CONFLICT}


def _outcome(record: Any, written: Written) -> Outcome:
    if written.state == "no_parent":
        return Outcome(
            state=State.REJECTED, record=record, flaws=(_no_parent(record),), cause="its parent is not stored"
        )
    return Outcome(state=_STATES[written.state], record=record if written.record is None else written.record)


def _no_parent(record: Any) -> Flaw:
    message = f"parent_event_id {record.parent_event_id} names no event: record the parent event first"
    return Flaw(pointer="/parent_event_id", message=message, reason="no_parent")
