"""A pool whose use is measured: waits as they happen, sizes whenever somebody looks."""

from __future__ import annotations

from collections.abc import Callable
from time import monotonic
from typing import Any

import psycopg
from psycopg_pool import AsyncConnectionPool, PoolTimeout

from telemetry.logs import get_logger
from telemetry.metrics import DB_IDLE, DB_IN_USE, DB_OPEN, DB_POOL_MAX, DB_TIMEOUTS, DB_WAIT, DB_WAITING

__all__ = ["Connection", "MeasuredPool"]

Connection = psycopg.AsyncConnection[Any]
_log = get_logger(__name__)
#: Seconds between two pairs of log lines of one pool about its exhaustion.
_QUIET = 60.0


class MeasuredPool(AsyncConnectionPool[Connection]):
    """A pool that observes how long its callers wait, and logs, at most once a minute, that all connections are in use.

    address: a callable is asked before each connection. clock: seconds, from any start.
    """

    def __init__(
        self, address: str | Callable[[], str], *, clock: Callable[[], float] = monotonic, **options: Any
    ) -> None:
        super().__init__(address, **options)
        self._clock = clock
        self._held = self._queued = 0
        self._said_at = float("-inf")
        self._wait = DB_WAIT.labels(self.name)
        self._timeouts = DB_TIMEOUTS.labels(self.name)
        gauges = (DB_OPEN, DB_IN_USE, DB_IDLE, DB_WAITING, DB_POOL_MAX)
        self._gauges = [gauge.labels(self.name) for gauge in gauges]

    async def getconn(self, timeout: float | None = None) -> Connection:  # noqa: ASYNC109 - its base class says so
        """A connection; see AsyncConnectionPool.getconn."""
        if self.exhausted:
            self._say_exhausted()
        began = self._clock()
        try:
            connection = await super().getconn(timeout)
        except PoolTimeout:
            self._timeouts.inc()
            raise
        finally:
            self._wait.observe(self._clock() - began)
        self._held += 1
        return connection

    async def putconn(self, conn: Connection) -> None:
        """Take a connection back; see AsyncConnectionPool.putconn."""
        self._held -= 1
        await super().putconn(conn)

    @property
    def exhausted(self) -> bool:
        """Whether all connections are in use."""
        return self._held >= self.max_size

    def publish(self) -> None:
        """Set the gauges to what is true now."""
        idle = len(self._pool)
        found = (self._held + idle, self._held, idle, len(self._waiting), self.max_size)
        for gauge, value in zip(self._gauges, found, strict=True):
            gauge.set(value)

    def _say_exhausted(self) -> None:
        self._queued += 1
        now = self._clock()
        if now - self._said_at < _QUIET:
            return
        self._said_at = now
        _log.warning(f"connection pool exhausted ({self._held}/{self.max_size} in use)", pool=self.name)
        _log.warning("request queued, waiting for available connection", pool=self.name, count=self._queued)
        self._queued = 0
