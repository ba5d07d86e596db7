"""Connections to PostgreSQL: one pool for writes and one for reads, so that expensive queries never starve writes."""

from __future__ import annotations

import asyncio

import msgspec
import psycopg

from repository._translate import is_connection_failure
from repository.deadline import TCP_SETTINGS, Server, ServerHealth, answered_within
from repository.hosts import Hosts
from repository.json_text import RawJsonDumper
from repository.measured_pool import Connection, MeasuredPool
from repository.sql import load
from telemetry.metrics import DB_MAX_OPEN

__all__ = ["PLANNING", "Connection", "Database", "PoolLimits", "ReadOnlyError", "probe", "probe_writable"]

#: How reads are planned. Rows that are not cached make an index always the better plan; each query is planned for its
#: own values; a bitmap is built of every match before a count can stop at its ceiling (docs/decisions/0163).
PLANNING = "-c jit=off -c enable_seqscan=off -c enable_bitmapscan=off -c plan_cache_mode=auto"

#: Fails (SQLSTATE 25006) where the session is read-only.
_REQUIRE_WRITABLE = load("require_writable")
#: Seconds to have a connection for a probe, and to have it answered.
_PROBE_TIMEOUT = 2
#: Seconds that a read, or a write of the catalog, waits for a server that is considered down.
_GRACE = 0.4
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
    #: Seconds without an answer after which a write, or a read, has its server probed.
    slow_write: float
    slow_read: float = 1.0


class ReadOnlyError(Exception):
    """The server answers, but takes no writes."""


class Database:
    """The pools of one process. A read takes at most two thirds of the process' connections.

    primary, standby: what tells whether each server is down; they are shared by all that use it.
    """

    def __init__(
        self,
        hosts: Hosts,
        read_hosts: Hosts | None,
        limits: PoolLimits,
        *,
        primary: ServerHealth,
        reading: ServerHealth,
        standby: ServerHealth,
    ) -> None:
        self._limits = limits
        writes = max(1, limits.size // 3)
        waits = {"statement_timeout": limits.write_statement_timeout, "lock_timeout": limits.lock_timeout}
        options = f"{_options(waits)} -c datastorage.writes_ids=on"
        self._writes = self._pool(hosts, writes, limits.write_timeout, options, "writes")
        waits = {"statement_timeout": limits.read_statement_timeout, "lock_timeout": limits.lock_timeout}
        options = f"{_options(waits)} {PLANNING}"
        size = max(1, limits.size - writes)
        self._reads = self._pool(hosts, size, limits.read_timeout, options, "reads")
        self._standby = self._pool(read_hosts, size, limits.read_timeout, options, "standby") if read_hosts else None
        self.writes = Server(self._writes, primary, wait=limits.write_timeout, slow=limits.slow_write)
        self.reads = Server(self._reads, reading, wait=limits.read_timeout, slow=limits.slow_read, grace=_GRACE)
        #: For writes that no queue takes.
        self.catalog_writes = Server(
            self._writes, primary, wait=limits.write_timeout, slow=limits.slow_write, grace=_GRACE
        )
        self.standby = (
            Server(self._standby, standby, wait=limits.read_timeout, slow=limits.slow_read) if self._standby else None
        )
        #: Seconds after which a read is given up: PostgreSQL's own limit comes first where it works at all.
        self.read_deadline = limits.read_statement_timeout + limits.slow_read

    def _pool(self, hosts: Hosts, size: int, timeout: float, options: str, name: str) -> MeasuredPool:
        return MeasuredPool(
            hosts.address,
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
        return [pool for pool in (self._writes, self._reads, self._standby) if pool is not None]

    async def open(self) -> None:
        """Start the pools without waiting for PostgreSQL: it may be away."""
        for pool in self._pools:
            await pool.open(wait=False)
        DB_MAX_OPEN.set(self._limits.total)

    async def watch(self) -> None:
        """Publish the pools' gauges every second, until cancelled."""
        while True:
            self.publish()
            await asyncio.sleep(_LOOK)

    def publish(self) -> None:
        """Set the gauges of this process' pools to what is true now."""
        for pool in self._pools:
            pool.publish()

    async def close(self) -> None:
        """Close every connection, in bounded time."""
        await asyncio.gather(*(pool.close(timeout=_CLOSE_TIMEOUT) for pool in self._pools), return_exceptions=True)


async def probe_writable(hosts: Hosts) -> None:
    """Open one connection outside the pools and close it.

    Raises psycopg.Error if PostgreSQL does not take it, ReadOnlyError if it takes no writes (a standby, a demoted
    primary) or has no schema yet.
    """
    connection = await hosts.connect(autocommit=True, connect_timeout=_PROBE_TIMEOUT)
    try:
        with answered_within(_PROBE_TIMEOUT, connection):
            await connection.execute(_REQUIRE_WRITABLE)
    except psycopg.Error as error:
        if is_connection_failure(error):
            raise
        raise ReadOnlyError from error
    finally:
        await connection.close()


async def probe(hosts: Hosts) -> None:
    """Open one connection outside the pools and close it. Raises psycopg.Error if PostgreSQL does not take it."""
    connection = await hosts.connect(connect_timeout=_PROBE_TIMEOUT)
    await connection.close()


def _options(waits: dict[str, float]) -> str:
    timeouts = " ".join(f"-c {name}={round(seconds * 1000)}" for name, seconds in waits.items())
    return f"-c timezone=UTC -c idle_in_transaction_session_timeout=10000 {timeouts}"


async def _configure(connection: Connection) -> None:
    """Let JSON text pass as it is."""
    connection.adapters.register_dumper(msgspec.Raw, RawJsonDumper)
