"""Connections to PostgreSQL: one pool for writes and one for reads, so that expensive queries never starve writes."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable

import msgspec
import psycopg

from repository._translate import is_connection_failure
from repository.deadline import TCP_SETTINGS, Server, ServerHealth, answered_within
from repository.hosts import Hosts
from repository.json_text import RawJsonDumper
from repository.local_settings import LocalSettings, set_local
from repository.measured_pool import Connection, MeasuredPool
from repository.sql import load
from telemetry.metrics import DB_MAX_OPEN

__all__ = ["PLANNING", "Connection", "Database", "PoolLimits", "ReadOnlyError", "probe", "probe_writable"]

_Values = dict[str, str | int]
#: How reads are planned. Rows that are not cached make an index always the better plan; each query is planned for its
#: own values; a bitmap is built of every match before a count can stop at its ceiling (docs/decisions/0163).
_PLANNING: _Values = {"jit": "off", "enable_seqscan": "off", "enable_bitmapscan": "off", "plan_cache_mode": "auto"}
#: The same as options of a session.
PLANNING = " ".join(f"-c {name}={value}" for name, value in _PLANNING.items())
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
    #: The addresses lead to a pooler that gives each transaction another session.
    pooled: bool = False


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
        settings = _settings(limits.write_statement_timeout, limits.lock_timeout)
        self._writes = self._pool(
            hosts, writes, limits.write_timeout, settings | {"datastorage.writes_ids": "on"}, "writes"
        )
        settings = _settings(limits.read_statement_timeout, limits.lock_timeout)
        settings |= _PLANNING
        size = max(1, limits.size - writes)
        self._reads = self._pool(hosts, size, limits.read_timeout, settings, "reads")
        self._standby = self._pool(read_hosts, size, limits.read_timeout, settings, "standby") if read_hosts else None
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

    def _pool(self, hosts: Hosts, size: int, timeout: float, settings: _Values, name: str) -> MeasuredPool:
        pooled = self._limits.pooled
        how = {"prepare_threshold": None} if pooled else {"options": _options(settings)}
        return MeasuredPool(
            hosts.address,
            min_size=min(size, max(1, self._limits.minimum // 2)),
            max_size=size,
            timeout=timeout,
            name=name,
            open=False,
            connection_class=LocalSettings if pooled else psycopg.AsyncConnection,
            configure=_configured(set_local(settings)),
            reconnect_timeout=0.1,  # gives up soon: who asks next starts a new try instead of waiting for an old one
            kwargs={
                "autocommit": True,
                "connect_timeout": max(2, round(self._limits.connect_timeout)),
                **TCP_SETTINGS,
                "application_name": f"datastorage {name}",
                **how,
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
    """Open one connection outside the pools, ask something and close it.

    Raises psycopg.Error if PostgreSQL does not take it, or does not answer: a pooler takes connections without it.
    """
    connection = await hosts.connect(autocommit=True, connect_timeout=_PROBE_TIMEOUT)
    try:
        with answered_within(_PROBE_TIMEOUT, connection):
            await connection.execute("SELECT")
    finally:
        await connection.close()


def _settings(statement_timeout: float, lock_timeout: float) -> _Values:
    """Settings of a session, times in milliseconds."""
    return {
        "timezone": "UTC",
        "idle_in_transaction_session_timeout": 10_000,
        "statement_timeout": round(statement_timeout * 1000),
        "lock_timeout": round(lock_timeout * 1000),
    }


def _options(settings: _Values) -> str:
    return " ".join(f"-c {name}={value}" for name, value in settings.items())


def _configured(local: list[str]) -> Callable[[Connection], Awaitable[None]]:
    async def configure(connection: Connection) -> None:
        """Let JSON text pass as it is."""
        connection.adapters.register_dumper(msgspec.Raw, RawJsonDumper)
        if isinstance(connection, LocalSettings):
            connection.settings = local

    return configure
