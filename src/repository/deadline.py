"""Work on pooled connections, with a deadline: the one place where waiting for PostgreSQL ends.

A call that exceeds its deadline loses its connection, and nothing else happens to anybody: whether the server is down
is decided by its health, which probes it. While the health says that it is down, every call ends at once.
"""

from __future__ import annotations

import asyncio
import contextlib
import os
import socket
from collections.abc import AsyncIterator, Awaitable, Callable, Iterator
from contextlib import asynccontextmanager, contextmanager
from typing import Any, NamedTuple, Protocol, TypedDict, TypeVar

import psycopg
from psycopg_pool import PoolTimeout

from repository._translate import is_connection_failure, translated
from repository.errors import (
    ConnectionLostError,
    DatabaseUnavailableError,
    DeadlineExceededError,
    PoolExhaustedError,
)
from repository.measured_pool import Connection, MeasuredPool
from telemetry.logs import get_logger

__all__ = ["TCP_SETTINGS", "Connection", "Lease", "Server", "ServerHealth", "answered_within"]

#: SQLSTATE of a write in a read-only session.
_READ_ONLY = "25006"
Answer = TypeVar("Answer")
_log = get_logger(__name__)


class _TcpSettings(TypedDict):
    """Times in seconds, tcp_user_timeout in milliseconds."""

    keepalives_idle: int
    keepalives_interval: int
    keepalives_count: int
    tcp_user_timeout: int


#: For libpq: the kernel gives up a silent server after 25 s on an idle connection, 10 s after a statement was sent.
TCP_SETTINGS = _TcpSettings(keepalives_idle=10, keepalives_interval=5, keepalives_count=3, tcp_user_timeout=10_000)


class ServerHealth(Protocol):
    """Whether a server can be used: pipeline.health.Health, see there."""

    @property
    def is_down(self) -> bool:
        """Whether the server is considered down."""

    async def up(self) -> None:
        """Return as soon as the server is considered up."""

    def request_probe(self) -> None:
        """Something was slow or failed: probe the server now, in the background."""

    def on_down(self, act: Callable[[], None]) -> Callable[[], None]:
        """Call `act` when the server is considered down; returns what takes that back."""


class Lease(NamedTuple):
    """A connection of a pool, for the length of a call. extend: start the deadline anew, after each sign of life."""

    connection: Connection
    extend: Callable[[], None]


class Server:
    """One PostgreSQL behind one pool.

    wait: seconds that a caller waits for a connection. grace: seconds that a caller waits for a server that is
    considered down; longer than a probe's interval where nothing else takes what the server cannot. slow: seconds
    without an answer after which a call has the server probed, and again after as many.
    """

    def __init__(
        self, pool: MeasuredPool, health: ServerHealth, *, wait: float, slow: float, grace: float = 0.0
    ) -> None:
        self._pool = pool
        self._grace = grace
        self._health = health
        self._wait = wait
        self._slow = slow

    @property
    def name(self) -> str:
        """The pool's name: writes, reads, standby."""
        return self._pool.name

    @property
    def size(self) -> int:
        """Connections at the most."""
        return self._pool.max_size

    @property
    def is_down(self) -> bool:
        """Whether the server is considered down."""
        return self._health.is_down

    @property
    def is_busy(self) -> bool:
        """Whether all connections are in use."""
        return self._pool.exhausted

    async def run(self, work: Callable[[Connection], Awaitable[Answer]], *, deadline: float) -> Answer:
        """What `work` returns or raises, within `deadline` seconds. Raises as `lease` does."""
        async with self.lease(deadline) as (connection, _):
            return await work(connection)

    @asynccontextmanager
    async def lease(self, deadline: float) -> AsyncIterator[Lease]:
        """A connection, for at most `deadline` seconds after the last call of its `extend`.

        The driver's errors leave it as ours. Raises PoolExhaustedError when all connections are in use for too long,
        DatabaseUnavailableError when the server is considered down, DeadlineExceededError, ConnectionLostError,
        QueryTimeoutError, InvalidDataError.
        """
        connection = await self._take()
        watch = _Watch(connection, deadline, self._slow, self._health)
        try:
            with translated():
                yield Lease(connection, watch.extend)
        except DatabaseUnavailableError as error:
            if watch.expired or (connection.closed and self._health.is_down):
                raise DeadlineExceededError from error
            if connection.closed or is_connection_failure(error.__cause__):
                await self._lost()
                raise ConnectionLostError(sqlstate=error.sqlstate) from error.__cause__
            if error.sqlstate == _READ_ONLY:  # a demoted primary: it answers, and never takes a write again
                await self._lost()
            raise
        finally:
            watch.end()
            await self._pool.putconn(connection)

    async def _take(self) -> Connection:
        if self._health.is_down:
            await self._wait_until_up()
        try:
            async with asyncio.timeout(self._wait + 1) as limit:
                forget = self._health.on_down(lambda: _end_now(limit))
                try:
                    return await self._pool.getconn(self._wait)
                finally:
                    forget()
        except (PoolTimeout, TimeoutError):
            raise self._no_connection() from None

    async def _wait_until_up(self) -> None:
        if not self._grace:
            raise DatabaseUnavailableError
        try:
            async with asyncio.timeout(self._grace):
                await self._health.up()
        except TimeoutError:
            raise DatabaseUnavailableError from None

    def _no_connection(self) -> DatabaseUnavailableError:
        if not self._health.is_down and self._pool.exhausted:
            return PoolExhaustedError()
        self._health.request_probe()
        return DatabaseUnavailableError()

    async def _lost(self) -> None:
        """Others may have died with it: replace them all, and find out whether the server is there."""
        self._health.request_probe()
        await self.replace_connections()

    async def replace_connections(self) -> None:
        """Close idle connections and those that come back; new ones are made in the background."""
        await self._pool.drain()


def _end_now(limit: asyncio.Timeout) -> None:
    """One that has expired, and whose task has not run since, cannot be set anew."""
    if not limit.expired():
        limit.reschedule(asyncio.get_running_loop().time())


class _Watch:
    """The timers of one call."""

    __slots__ = ("_connection", "_deadline", "_forget", "_health", "_loop", "_probe", "_slow", "_timer", "expired")

    def __init__(self, connection: Connection, deadline: float, slow: float, health: ServerHealth) -> None:
        self._connection, self._deadline, self._slow, self._health = connection, deadline, slow, health
        self._loop = asyncio.get_running_loop()
        self.expired = False
        self._timer = self._loop.call_later(deadline, self._expire)
        self._probe = self._loop.call_later(slow, self._ask)
        self._forget = health.on_down(self._expire)

    def extend(self) -> None:
        """Start the deadline anew."""
        self._timer.cancel()
        self._probe.cancel()
        self._timer = self._loop.call_later(self._deadline, self._expire)
        self._probe = self._loop.call_later(self._slow, self._ask)

    def end(self) -> None:
        """Stop watching."""
        self._timer.cancel()
        self._probe.cancel()
        self._forget()

    def _ask(self) -> None:
        self._health.request_probe()
        self._probe = self._loop.call_later(self._slow, self._ask)

    def _expire(self) -> None:
        self.expired = True
        _log.info("deadline exceeded: connection discarded", seconds=self._deadline)
        _cut(self._connection)


@contextmanager
def answered_within(seconds: float, connection: psycopg.AsyncConnection[Any]) -> Iterator[Callable[[], None]]:
    """For connections outside a pool: one that is silent for so long is lost, and psycopg.OperationalError raised.

    The block calls what it is given whenever the server has answered.
    """
    loop = asyncio.get_running_loop()
    timer = loop.call_later(seconds, _cut, connection)

    def answered() -> None:
        nonlocal timer
        timer.cancel()
        timer = loop.call_later(seconds, _cut, connection)

    try:
        yield answered
    finally:
        timer.cancel()


def _cut(connection: psycopg.AsyncConnection[Any]) -> None:
    """Shut the socket down on our side, so that the driver reads its end at once.

    Cancelling the task would not do: psycopg asks the server to cancel too, and waits seconds for one that is gone.
    """
    with (
        contextlib.suppress(OSError, psycopg.OperationalError),
        socket.socket(fileno=os.dup(connection.fileno())) as wire,
    ):
        wire.shutdown(socket.SHUT_RDWR)
