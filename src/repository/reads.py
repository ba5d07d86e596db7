"""Where reads go: a standby if there is one, the primary otherwise and when the standby does not answer."""

from __future__ import annotations

from collections.abc import AsyncIterator, Awaitable, Callable, Sequence
from contextlib import asynccontextmanager
from typing import TypeVar

from repository.deadline import Connection, Lease, Server
from repository.errors import ConnectionLostError, DatabaseUnavailableError, DeadlineExceededError
from telemetry.metrics import READ_FALLBACKS

__all__ = ["Connection", "Reads"]

Answer = TypeVar("Answer")
#: Seconds in which a server must answer before a read of many round trips begins on it.
_GREETING = 2.0


class Reads:
    """Runs reads on the first server that answers: the standby, if any, then the primary.

    deadline: seconds after which a read is given up, and its connection discarded.
    """

    def __init__(self, primary: Server, standby: Server | None = None, *, deadline: float) -> None:
        self.primary = primary
        self.standby = standby
        self._deadline = deadline

    @property
    def _servers(self) -> Sequence[Server]:
        return (self.standby, self.primary) if self.standby else (self.primary,)

    async def run(self, work: Callable[[Connection], Awaitable[Answer]], *, fresh: bool = False) -> Answer:
        """What `work` returns; it may be called more than once, since it only reads.

        fresh: ask the primary alone, for what a standby may not have received yet.
        Raises what `work` raises, and DatabaseUnavailableError if no server answers.
        """
        for server in () if fresh else self._servers[:-1]:
            try:
                return await self._ask(server, work)
            except DatabaseUnavailableError:
                READ_FALLBACKS.labels(server.name).inc()
        return await self._ask(self.primary, work)

    async def _ask(self, server: Server, work: Callable[[Connection], Awaitable[Answer]]) -> Answer:
        try:
            return await server.run(work, deadline=self._deadline)
        except DeadlineExceededError:
            raise
        except ConnectionLostError:  # a pooled connection that had died with an earlier PostgreSQL
            return await server.run(work, deadline=self._deadline)

    @asynccontextmanager
    async def lease(self, deadline: float) -> AsyncIterator[Lease]:
        """A connection of the first server that answers, for a read of many round trips.

        deadline: seconds without a call of the lease's `extend` after which the connection is discarded.
        Raises DatabaseUnavailableError if none answers; a server that fails later is not replaced.
        """
        server = await self._first_that_answers()
        async with server.lease(deadline) as lease:
            yield lease

    async def _first_that_answers(self) -> Server:
        for server in self._servers[:-1]:
            try:
                await server.run(_greet, deadline=_GREETING)
            except DatabaseUnavailableError:
                READ_FALLBACKS.labels(server.name).inc()
                continue
            return server
        await self._ask(self.primary, _greet)
        return self.primary


async def _greet(connection: Connection) -> None:
    await connection.execute("SELECT")
