"""Where reads go: a standby if there is one, the primary otherwise and when the standby does not answer."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable, Sequence
from contextlib import asynccontextmanager
from typing import Any, TypeVar

import psycopg
from psycopg_pool import AsyncConnectionPool, PoolTimeout

from repository._translate import translated
from repository.errors import DatabaseUnavailableError
from telemetry.logs import get_logger
from telemetry.metrics import READ_FALLBACKS

__all__ = ["Connection", "ReadServer", "Reads"]

Connection = psycopg.AsyncConnection[Any]
#: Opens one connection outside the pool, or raises psycopg.Error soon: how a server that failed is tried again.
Probe = Callable[[], Awaitable[None]]
Answer = TypeVar("Answer")
_log = get_logger(__name__)


class ReadServer:
    """One PostgreSQL that answers reads, with a breaker of its own.

    A pool makes its callers wait for a server that is away. So once a call failed, the server is probed before the
    pool is asked again, at most once in `rest` seconds, and until a probe succeeds all calls fail at once.
    A server that hangs says nothing at all: each time that a call has taken `patience` seconds more, the server is
    probed, and the call is left to itself if not even a connection can be had. A slow query goes on.
    monotonic: seconds, from any start. suspect: probe it before the first call too, where another server can answer.
    """

    def __init__(
        self,
        name: str,
        pool: AsyncConnectionPool[Connection],
        *,
        probe: Probe,
        monotonic: Callable[[], float],
        rest: float = 0.5,
        patience: float = 1.0,
        suspect: bool = False,
    ) -> None:
        self.name = name
        self._pool = pool
        self._probe = probe
        self._monotonic = monotonic
        self._rest = rest
        self._patience = patience
        self._suspect, self._busy = suspect, False
        self._probe_at = self._alive_at = float("-inf")
        self._left_alone: set[asyncio.Task[Any]] = set()

    @property
    def may_be_back(self) -> bool:
        """Whether a connection was lost just now, so that another may well be had."""
        return self._suspect and not self._busy and self._monotonic() >= self._probe_at

    @asynccontextmanager
    async def connection(self) -> AsyncIterator[Connection]:
        """A connection of the pool; the driver's errors leave it as ours.

        Raises DatabaseUnavailableError, QueryTimeoutError, InvalidDataError.
        """
        if self._suspect:
            await self._require_answer()
        try:
            with translated():
                async with self._pool.connection() as connection:
                    yield connection
        except DatabaseUnavailableError as error:
            self._suspect, self._busy = True, isinstance(error.__cause__, PoolTimeout)
            _log.warning("reads: server failed", server=self.name, busy=self._busy)
            raise

    async def run(self, work: Callable[[Connection], Awaitable[Answer]]) -> Answer:
        """What `work` returns or raises.

        Raises as `connection` does, and DatabaseUnavailableError for a server that hangs.
        """
        asking = asyncio.create_task(self._ask(work), name="read")
        try:
            while not (await asyncio.wait([asking], timeout=self._patience))[0]:
                await self._require_life()
            return asking.result()
        finally:
            if not asking.done():
                self._leave_alone(asking)

    async def _ask(self, work: Callable[[Connection], Awaitable[Answer]]) -> Answer:
        async with self.connection() as connection:
            return await work(connection)

    async def _require_life(self) -> None:
        if self._monotonic() - self._alive_at < self._patience:
            return
        try:
            await self._probe()
        except psycopg.errors.ConnectionTimeout as error:
            self._suspect, self._busy, self._probe_at = True, False, self._monotonic() + self._rest
            _log.warning("reads: server hangs", server=self.name)
            raise DatabaseUnavailableError from error
        except psycopg.Error:
            pass  # it answers, if only with a refusal: the read hears the rest itself
        self._alive_at = self._monotonic()

    def _leave_alone(self, asking: asyncio.Task[Any]) -> None:
        self._left_alone.add(asking)
        asking.add_done_callback(self._forget)
        asking.cancel()  # psycopg asks the server to cancel, and closes the connection if that is not answered either

    def _forget(self, asking: asyncio.Task[Any]) -> None:
        self._left_alone.discard(asking)
        if not asking.cancelled() and (error := asking.exception()):
            _log.info("a read that was left to itself has ended", cause=type(error).__name__)

    async def _require_answer(self) -> None:
        now = self._monotonic()
        if now < self._probe_at:
            raise DatabaseUnavailableError
        self._probe_at = now + self._rest
        with translated():
            await self._probe()
            await self._pool.check()  # its other connections died with the one that failed
        self._suspect, self._probe_at = False, float("-inf")


class Reads:
    """Runs reads on the first server that answers: the standby, if any, then the primary."""

    def __init__(self, primary: ReadServer, standby: ReadServer | None = None) -> None:
        self.primary = primary
        self.standby = standby

    @property
    def _servers(self) -> Sequence[ReadServer]:
        return (self.standby, self.primary) if self.standby else (self.primary,)

    async def run(self, work: Callable[[Connection], Awaitable[Answer]], *, fresh: bool = False) -> Answer:
        """What `work` returns; it may be called more than once, since it only reads.

        fresh: ask the primary alone, for what a standby may not have received yet.
        Raises what `work` raises, and DatabaseUnavailableError if no server answers.
        """
        servers = (self.primary,) if fresh else self._servers
        for server in servers[:-1]:
            try:
                return await server.run(work)
            except DatabaseUnavailableError:
                READ_FALLBACKS.labels(server.name).inc()
        last = servers[-1]
        try:
            return await last.run(work)
        except DatabaseUnavailableError:
            if not last.may_be_back:
                raise
        return await last.run(work)  # a pooled connection that had died with an earlier PostgreSQL

    @asynccontextmanager
    async def connection(self) -> AsyncIterator[Connection]:
        """A connection of the first server that answers, for a read of many round trips.

        Raises DatabaseUnavailableError if none answers; a server that fails later is not replaced.
        """
        server = await self._first_that_answers()
        async with server.connection() as connection:
            yield connection

    async def _first_that_answers(self) -> ReadServer:
        for server in self._servers[:-1]:
            try:
                await server.run(_say_something)
            except DatabaseUnavailableError:
                READ_FALLBACKS.labels(server.name).inc()
                continue
            return server
        await self._servers[-1].run(_say_something)
        return self._servers[-1]


async def _say_something(connection: Connection) -> None:
    await connection.execute("SELECT")
