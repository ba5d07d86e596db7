"""Exports of any size, few at a time, so that they never take the connections that other reads need."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncGenerator, Sequence
from contextlib import aclosing

import msgspec

from repository.audit_queries import AuditQueries
from repository.errors import DatabaseUnavailableError, QueryTimeoutError
from repository.event_filters import EventQuery
from repository.event_pages import size_of
from repository.stored_events import StoredEvent
from telemetry.metrics import EXPORTS_CUT

__all__ = ["ExportCutError", "ExportLimits", "Exports"]

_Portion = Sequence[StoredEvent]


class ExportLimits(msgspec.Struct, frozen=True, kw_only=True):
    """at_once: exports that run together. wait: seconds that a further one waits for its turn.

    seconds: that one may take altogether. least_rate: bytes a second that its reader takes, when it has had `patience`
    seconds more than that.
    """

    at_once: int
    wait: float
    seconds: float
    least_rate: int
    patience: float = 10.0


class ExportCutError(QueryTimeoutError):
    """The export ended before its last event: its time was over, or its reader too slow."""


class Exports:
    """Runs exports within `limits`.

    The query belongs to a task of its own, one portion ahead of the reader: whoever does not read holds neither a turn
    nor a connection beyond the limits.
    """

    def __init__(self, queries: AuditQueries, limits: ExportLimits) -> None:
        self._queries = queries
        self._limits = limits
        self._turns = asyncio.Semaphore(limits.at_once)

    async def run(self, query: EventQuery, *, limit: int | None) -> AsyncGenerator[_Portion, None]:
        """The events of `query` in portions, see AuditQueries.export; close it to stop the query.

        Raises DatabaseUnavailableError if all turns are taken for too long, ExportCutError.
        """
        try:
            async with asyncio.timeout(self._limits.wait):
                await self._turns.acquire()
        except TimeoutError:
            raise DatabaseUnavailableError("as many exports as allowed are running") from None
        ready: asyncio.Queue[_Portion] = asyncio.Queue(1)
        reading = asyncio.create_task(self._read(query, limit, ready), name="export")
        reading.add_done_callback(lambda _: self._turns.release())
        try:
            while (portion := await _next(ready, reading)) is not None:
                yield portion
        finally:
            reading.cancel()
            await asyncio.wait([reading])

    async def _read(self, query: EventQuery, limit: int | None, ready: asyncio.Queue[_Portion]) -> None:
        pace = _Pace(self._limits)
        try:
            async with (
                asyncio.timeout(self._limits.seconds),
                aclosing(self._queries.export(query, limit=limit)) as all_,
            ):
                async for portion in all_:
                    await pace.hand_over(portion, ready)
        except TimeoutError:
            reason = "slow_reader" if pace.is_slow else "deadline"
            EXPORTS_CUT.labels(reason).inc()
            raise ExportCutError(f"the export was cut: {reason}") from None


class _Pace:
    """How much a reader took, and how long the query waited for it."""

    def __init__(self, limits: ExportLimits) -> None:
        self._limits = limits
        self._waited = 0.0
        self._taken = 0
        self.is_slow = False

    async def hand_over(self, portion: _Portion, ready: asyncio.Queue[_Portion]) -> None:
        """Wait for room. Raises TimeoutError when the reader has been slower than allowed."""
        clock = asyncio.get_running_loop().time
        began = clock()
        try:
            async with asyncio.timeout(
                self._limits.patience + self._taken / self._limits.least_rate - self._waited
            ) as at:
                await ready.put(portion)
        finally:
            self.is_slow = at.expired()
            self._waited += clock() - began
        self._taken += sum(map(size_of, portion))


async def _next(ready: asyncio.Queue[_Portion], reading: asyncio.Task[None]) -> _Portion | None:
    """The next portion; None behind the last. Raises what ended the reading."""
    if ready.empty() and not reading.done():
        getting = asyncio.ensure_future(ready.get())
        try:
            await asyncio.wait((getting, reading), return_when=asyncio.FIRST_COMPLETED)
            if getting.done():
                return getting.result()
        finally:
            getting.cancel()
    if reading.done() and (error := reading.exception()):
        raise error
    return None if ready.empty() else ready.get_nowait()
