"""Group commit: what arrives while a commit is under way shares the next one; an idle service commits at once."""

from __future__ import annotations

import asyncio
from collections import deque
from collections.abc import Collection, Sequence
from datetime import date
from time import monotonic
from typing import Protocol
from uuid import UUID

from audit.breaker import Breaker
from audit.partition_health import PartitionHealth
from audit.patience import PatientWrites
from repository.audit_events import Entry, Verdict
from repository.errors import (
    DatabaseUnavailableError,
    InvalidDataError,
    PartitionUnavailableError,
    QueryTimeoutError,
    RepositoryError,
)
from repository.records import months_of
from telemetry.logs import get_logger
from telemetry.metrics import GROUP_SIZE, WRITE_DURATION

__all__ = ["Committer", "EventTable"]

_log = get_logger(__name__)
#: In how many rounds of the event loop a request that has arrived at the socket comes to the committer.
_ROUNDS_OF_A_REQUEST = 3
_ALONE, _BATCH = WRITE_DURATION.labels("audit_events"), WRITE_DURATION.labels("audit_events_batch")
_ROWS = GROUP_SIZE.labels("audit_events")


class EventTable(Protocol):
    """Where groups are written: repository.audit_events.AuditEvents, see there."""

    async def write(self, entries: Sequence[Entry], *, avoid: Collection[date] = ()) -> list[list[Verdict]]:
        """Write the entries in one transaction; a verdict for each row of each entry."""


class _Waiting:
    """An entry, and who waits for what becomes of it."""

    __slots__ = ("arrived", "entry", "result")

    def __init__(self, entry: Entry, result: asyncio.Future[list[Verdict]], arrived: float) -> None:
        self.entry = entry
        self.result = result
        self.arrived = arrived

    def settle(self, verdicts: list[Verdict]) -> None:
        (_ALONE if len(self.entry) == 1 else _BATCH).observe(monotonic() - self.arrived)
        if not self.result.done():  # its request may be gone: the event is stored all the same
            self.result.set_result(verdicts)

    def fail(self, error: Exception) -> None:
        if not self.result.done():
            self.result.set_exception(error)


class Committer:
    """One per process. Entries are committed in order of arrival, in groups of at most `group_rows` rows.

    queue_rows: rows that may wait; who comes with more waits in turn until there is room. A failing entry never fails
    its neighbours: the group is written in halves until the guilty one stands alone. Entries of a month that does not
    work fail without being tried, and so does everything while the breaker is open.

    patience: seconds after which a write that hangs has PostgreSQL probed. A write that hangs when the breaker opens is
    left to itself.
    """

    def __init__(
        self,
        table: EventTable,
        *,
        breaker: Breaker,
        months: PartitionHealth,
        patience: float,
        group_rows: int,
        queue_rows: int,
    ) -> None:
        self._table = table
        self._breaker = breaker
        self._months = months
        self._writes = PatientWrites(breaker, patience)
        self._group_rows = group_rows
        self._queue_rows = queue_rows
        self._queue: deque[_Waiting] = deque()
        self._rows = 0
        self._door = asyncio.Lock()  # fair: those who wait pass in order
        self._at_the_door = 0
        self._room = asyncio.Event()
        self._task: asyncio.Task[None] | None = None

    async def commit(self, entry: Entry) -> list[Verdict]:
        """Hand an entry over and wait for what becomes of it.

        A caller that is cancelled takes nothing back: once handed over, the entry is committed.
        Raises DatabaseUnavailableError and its kinds, InvalidDataError.
        """
        await self._wait_for_room(len(entry))
        waiting = _Waiting(entry, asyncio.get_running_loop().create_future(), monotonic())
        self._queue.append(waiting)
        self._rows += len(entry)
        if self._task is None:
            self._task = asyncio.create_task(self._run(), name="committer")
        return await waiting.result

    async def flush(self) -> None:
        """Wait until everything handed over is settled."""
        while self._task is not None:
            await asyncio.wait([self._task])

    def _full(self, rows: int) -> bool:
        """An entry larger than the whole queue is let in when the queue is empty."""
        return self._rows > 0 and self._rows + rows > self._queue_rows

    async def _wait_for_room(self, rows: int) -> None:
        """Wait in order of arrival until the queue has room."""
        if not self._at_the_door and not self._full(rows):
            return
        self._at_the_door += 1
        try:
            async with self._door:
                while self._full(rows):
                    self._room.clear()
                    await self._room.wait()
        finally:
            self._at_the_door -= 1

    async def _run(self) -> None:
        """Commit group after group until nobody waits; the next entry starts the task anew."""
        try:
            while self._queue:
                group = self._next_group()
                await self._settle(group)
                self._rows -= sum(len(waiting.entry) for waiting in group)
                self._room.set()
                await self._let_others_join()
        finally:
            self._task = None

    async def _let_others_join(self) -> None:
        """Under load, let requests that are already here join the next group, which costs little more for each of them.

        Ends as soon as the event loop has gone round without another arrival: nobody waits for what may never come.
        """
        rows = -1
        while rows != self._rows and self._rows < self._group_rows:
            rows = self._rows
            for _ in range(_ROUNDS_OF_A_REQUEST):
                await asyncio.sleep(0)

    def _next_group(self) -> list[_Waiting]:
        """What fits into one transaction, in order; an id that is in the group already ends it."""
        group: list[_Waiting] = []
        rows = 0
        ids: set[UUID] = set()
        while self._queue:
            entry = self._queue[0].entry
            named = {row.event.event_id for row in entry if not row.server_generated_id}
            if group and (rows + len(entry) > self._group_rows or not ids.isdisjoint(named)):
                break
            group.append(self._queue.popleft())
            rows += len(entry)
            ids |= named
        return group

    async def _settle(self, group: Sequence[_Waiting]) -> None:
        group = self._without_broken_months(group)
        if not group:
            return
        try:
            entries = [waiting.entry for waiting in group]
            verdicts = await self._writes.run(
                lambda: self._table.write(entries, avoid=tuple(self._months.broken)),
            )
        except PartitionUnavailableError as error:
            if error.month in self._months.broken:  # it was avoided, and still it fails: not that month's fault
                self._fail(group, error)
            else:
                self._months.failed(error.month)
                await self._settle(group)
        except (DatabaseUnavailableError, QueryTimeoutError) as error:
            self._fail(group, error)
        except RepositoryError as error:
            await self._split(group, error)
        except Exception as error:  # noqa: BLE001 - whatever it is, those who wait must learn it
            self._fail(group, error)
        else:
            self._breaker.success()
            _ROWS.observe(sum(map(len, entries)))
            self._months.wrote(set().union(*(_months_of(waiting.entry) for waiting in group)))
            for waiting, line in zip(group, verdicts, strict=True):
                waiting.settle(line)

    def _fail(self, group: Sequence[_Waiting], error: Exception) -> None:
        if isinstance(error, DatabaseUnavailableError):
            self._breaker.failure()
        elif not isinstance(error, InvalidDataError):
            _log.exception("commit failed", exc_info=error)
        for waiting in group:
            waiting.fail(error)

    def _without_broken_months(self, group: Sequence[_Waiting]) -> Sequence[_Waiting]:
        """Fail the entries that touch a month that does not work; the others are returned."""
        if not self._months.broken:
            return group
        works = []
        for waiting in group:
            broken = _months_of(waiting.entry).intersection(self._months.broken)
            if broken:
                waiting.fail(PartitionUnavailableError(min(broken)))
            else:
                works.append(waiting)
        return works

    async def _split(self, group: Sequence[_Waiting], error: RepositoryError) -> None:
        """PostgreSQL refused something of the group and wrote nothing of it: who is to blame stands alone at last."""
        if len(group) == 1:
            self._fail(group, error)
            return
        middle = len(group) // 2
        await self._settle(group[:middle])
        await self._settle(group[middle:])


def _months_of(entry: Entry) -> set[date]:
    return months_of([row.event for row in entry])
