"""Whether the two stores answer now, for health checks."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from typing import Any

from redis.asyncio import Redis

from pipeline.health import Health
from repository.pool import Connection, Database

__all__ = ["StoreAnswers"]

#: Seconds that a health check waits for a store.
_TIMEOUT = 1.0


class StoreAnswers:
    """Asks the stores; never raises, and takes no longer than a second."""

    def __init__(self, database: Database, queue: Redis, primary: Health) -> None:
        self._database = database
        self._queue = queue
        self._primary = primary

    async def database(self) -> bool:
        """Whether PostgreSQL takes writes now; what its health knows is not asked again."""
        writes = self._database.writes
        answered = not self._primary.is_down and await _within(lambda: writes.run(_ask, deadline=_TIMEOUT))
        return answered or (writes.is_busy and not self._primary.is_down)  # a busy pool is no outage

    async def queue(self) -> bool:
        """Whether Redis answers now."""
        return await _within(self._queue.ping)


async def _ask(connection: Connection) -> None:
    await connection.execute("SELECT 1")


async def _within(ask: Callable[[], Awaitable[Any]]) -> bool:
    try:
        async with asyncio.timeout(_TIMEOUT):
            await ask()
    except Exception:  # noqa: BLE001 - whatever keeps a store from answering, it did not answer
        return False
    return True
