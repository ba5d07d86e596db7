"""Group commit: what arrives while a commit is under way shares the next one; an idle service commits at once."""

from __future__ import annotations

import asyncio
from collections import deque
from collections.abc import Sequence
from time import monotonic
from typing import Protocol
from uuid import UUID

from repository.audit_events import Entry, Verdict
from repository.errors import DatabaseUnavailableError, InvalidDataError, PartitionUnavailableError
from telemetry.logs import get_logger
from telemetry.metrics import WRITE_DURATION

__all__ = ["Committer", "EventTable"]

_log = get_logger(__name__)


class EventTable(Protocol):
    """Where groups are written: repository.audit_events.AuditEvents, see there."""

    async def write(self, entries: Sequence[Entry]) -> list[list[Verdict]]:
        """Write the entries in one transaction; a verdict for each row of each entry."""


class _Waiting:
    """An entry, and who waits for what becomes of it."""

    __slots__ = ("arrived", "entry", "result")

    def __init__(self, entry: Entry, result: asyncio.Future[list[Verdict]], arrived: float) -> None:
        self.entry = entry
        self.result = result
        self.arrived = arrived

    def settle(self, verdicts: list[Verdict]) -> None:
        WRITE_DURATION.labels("audit_events").observe(monotonic() - self.arrived)
        if not self.result.done():  # its request may be gone: the event is stored all the same
            self.result.set_result(verdicts)

    def fail(self, error: Exception) -> None:
        if not self.result.done():
            self.result.set_exception(error)


class Committer:
    """One per process. Entries are committed in order of arrival, in groups of at most `group_rows` rows.

    queue_rows: rows that may wait; who comes with more waits in turn until there is room. A failing entry never fails
    its neighbours: the group is written in halves until the guilty one stands alone.
    """

    def __init__(self, table: EventTable, *, group_rows: int, queue_rows: int) -> None:
        self._table = table
        self._group_rows = group_rows
        self._queue_rows = queue_rows
        self._queue: deque[_Waiting] = deque()
        self._rows = 0
        self._door = asyncio.Lock()  # fair: those who wait pass in order
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
        async with self._door:
            while self._full(rows):
                self._room.clear()
                await self._room.wait()

    async def _run(self) -> None:
        """Commit group after group until nobody waits; the next entry starts the task anew."""
        try:
            while self._queue:
                group = self._next_group()
                await self._settle(group)
                self._rows -= sum(len(waiting.entry) for waiting in group)
                self._room.set()
        finally:
            self._task = None

    def _next_group(self) -> list[_Waiting]:
        """What fits into one transaction, in order; an id that is in the group already ends it."""
        group: list[_Waiting] = []
        rows = 0
        ids: set[UUID] = set()
        while self._queue:
            entry = self._queue[0].entry
            named = {row.event.event_id for row in entry if not row.minted}
            if group and (rows + len(entry) > self._group_rows or not ids.isdisjoint(named)):
                break
            group.append(self._queue.popleft())
            rows += len(entry)
            ids |= named
        return group

    async def _settle(self, group: Sequence[_Waiting]) -> None:
        try:
            verdicts = await self._table.write([waiting.entry for waiting in group])
        except (InvalidDataError, PartitionUnavailableError) as error:
            await self._split(group, error)
        except Exception as error:  # noqa: BLE001 - whatever it is, those who wait must learn it
            if not isinstance(error, DatabaseUnavailableError):
                _log.exception("commit failed")
            for waiting in group:
                waiting.fail(error)
        else:
            for waiting, line in zip(group, verdicts, strict=True):
                waiting.settle(line)

    async def _split(self, group: Sequence[_Waiting], error: Exception) -> None:
        if len(group) == 1:
            group[0].fail(error)
            return
        middle = len(group) // 2
        await self._settle(group[:middle])
        await self._settle(group[middle:])
