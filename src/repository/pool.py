"""Connections to PostgreSQL: one pool for writes and one for reads, so that expensive queries never starve writes."""

from __future__ import annotations

import asyncio

import msgspec
import psycopg

from repository.json_text import RawJsonDumper
from repository.measured_pool import Connection, MeasuredPool
from repository.silence import TCP_SETTINGS, answered_within
from repository.sql import load
from telemetry.metrics import DB_MAX_OPEN

__all__ = ["Connection", "Database", "PoolLimits"]

#: Fails (SQLSTATE 25006) where the session is read-only.
_REQUIRE_WRITABLE = load("require_writable")
#: Seconds in which a probe must be answered once it has a connection.
_PROBE_TIMEOUT = 2.0
#: Seconds that closing a pool may take.
_CLOSE_TIMEOUT = 2.0
#: Seconds between two looks at how the pools are used.
_LOOK = 1.0


class PoolLimits(msgspec.Struct, frozen=True, kw_only=True):
    """Sizes in connections of this process, times in seconds. total: connections of all processes together."""

    total: int
    size: int
    minimum: int
    read_timeout: float
    write_timeout: float
    connect_timeout: float
    write_statement_timeout: float
    read_statement_timeout: float
    lock_timeout: float


class Database:
    """The pools of one process over one PostgreSQL. A read takes at most two thirds of the process' connections."""

    def __init__(self, address: str, read_address: str | None, limits: PoolLimits) -> None:
        self._address = address
        self._limits = limits
        self._watching: asyncio.Task[None] | None = None
        writes = max(1, limits.size // 3)
        self.read_size = max(1, limits.size - writes)
        waits = {"statement_timeout": limits.write_statement_timeout, "lock_timeout": limits.lock_timeout}
        self.writes = self._pool(address, writes, limits.write_timeout, _options(waits), "writes")
        # Rows that are not cached make an index always the better plan; each query is planned for its own values.
        reading = _options({"statement_timeout": limits.read_statement_timeout})
        reading += " -c jit=off -c enable_seqscan=off -c plan_cache_mode=auto"
        self.reads = self._pool(address, self.read_size, limits.read_timeout, reading, "reads")
        self.standby = (
            self._pool(read_address, self.read_size, limits.read_timeout, reading, "standby") if read_address else None
        )

    def _pool(self, address: str, size: int, timeout: float, options: str, name: str) -> MeasuredPool:
        return MeasuredPool(
            address,
            min_size=min(size, max(1, self._limits.minimum // 2)),
            max_size=size,
            timeout=timeout,
            name=name,
            open=False,
            configure=_configure,
            reconnect_timeout=0.1,  # gives up soon: who asks next starts a new try instead of waiting for an old one
            kwargs={
                "autocommit": True,
                "options": options,
                "connect_timeout": max(2, round(self._limits.connect_timeout)),
                **TCP_SETTINGS,
                "application_name": f"datastorage {name}",
            },
        )

    @property
    def _pools(self) -> list[MeasuredPool]:
        return [pool for pool in (self.writes, self.reads, self.standby) if pool is not None]

    async def open(self) -> None:
        """Start the pools without waiting for PostgreSQL: it may be away."""
        for pool in self._pools:
            await pool.open(wait=False)
        DB_MAX_OPEN.set(self._limits.total)
        self._watching = asyncio.create_task(self._watch(), name="watch the pools")

    async def _watch(self) -> None:
        while True:
            self.publish()
            await asyncio.sleep(_LOOK)

    def publish(self) -> None:
        """Set the gauges of this process' pools to what is true now."""
        for pool in self._pools:
            pool.publish()

    async def close(self) -> None:
        """Close every connection, in bounded time."""
        if self._watching is not None:
            self._watching.cancel()
        await asyncio.gather(*(pool.close(timeout=_CLOSE_TIMEOUT) for pool in self._pools), return_exceptions=True)

    async def probe_writable(self) -> None:
        """Open one connection outside the pools and close it.

        Raises psycopg.Error if PostgreSQL does not take it, takes no writes (a standby, a demoted primary), or has no
        schema yet.
        """
        connection = await psycopg.AsyncConnection.connect(self._address, autocommit=True, connect_timeout=2)
        try:
            with answered_within(_PROBE_TIMEOUT, connection):
                await connection.execute(_REQUIRE_WRITABLE)
        finally:
            await connection.close()

    async def probe(self, address: str | None = None) -> None:
        """Open one connection outside the pools and close it. Raises psycopg.Error if PostgreSQL does not take it."""
        timeout = max(2, round(self._limits.connect_timeout))
        connection = await psycopg.AsyncConnection.connect(address or self._address, connect_timeout=timeout)
        await connection.close()


def _options(waits: dict[str, float]) -> str:
    timeouts = " ".join(f"-c {name}={round(seconds * 1000)}" for name, seconds in waits.items())
    return f"-c timezone=UTC -c idle_in_transaction_session_timeout=10000 {timeouts}"


async def _configure(connection: Connection) -> None:
    """Let JSON text pass as it is."""
    connection.adapters.register_dumper(msgspec.Raw, RawJsonDumper)
