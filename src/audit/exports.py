"""Exports of any size, few at a time, so that they never take the connections that other reads need."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncGenerator, Sequence
from contextlib import aclosing

from repository.audit_queries import AuditQueries
from repository.errors import DatabaseUnavailableError
from repository.event_filters import EventQuery
from repository.stored_events import StoredEvent

__all__ = ["Exports"]


class Exports:
    """Runs at most `at_once` exports; a further one waits `wait` seconds for its turn."""

    def __init__(self, queries: AuditQueries, *, at_once: int, wait: float) -> None:
        self._queries = queries
        self._turns = asyncio.Semaphore(at_once)
        self._wait = wait

    async def run(self, query: EventQuery, *, limit: int | None) -> AsyncGenerator[Sequence[StoredEvent], None]:
        """The events of `query` in portions, see AuditQueries.export; close it to stop the query.

        Raises DatabaseUnavailableError if all turns are taken for longer than that.
        """
        try:
            async with asyncio.timeout(self._wait):
                await self._turns.acquire()
        except TimeoutError:
            raise DatabaseUnavailableError("as many exports as allowed are running") from None
        try:
            async with aclosing(self._queries.export(query, limit=limit)) as portions:
                async for portion in portions:
                    yield portion
        finally:
            self._turns.release()
