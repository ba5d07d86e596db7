"""Which host of an address to ask: the one that worked last comes first, and a silent one delays nobody."""

from __future__ import annotations

import asyncio
from typing import Any

import psycopg
from psycopg.conninfo import make_conninfo

from addresses import postgres

__all__ = ["Hosts"]

Connection = psycopg.AsyncConnection[Any]


class Hosts:
    """The hosts that one address names.

    libpq and psycopg try hosts in order, each for the whole connect timeout: behind a primary that hangs, every new
    connection to its successor would take that long, and a probe would never get to it.
    """

    def __init__(self, address: str) -> None:
        self._address = address
        self._each = postgres.hosts(address)
        self._best = 0

    def address(self) -> str:
        """The address, its hosts in the order in which to try them."""
        if len(self._each) == 1:
            return self._address
        ordered = [self._each[self._best], *(one for n, one in enumerate(self._each) if n != self._best)]
        columns = {name: ",".join(one[name] for one in ordered) for name in ("host", "hostaddr", "port")}
        return make_conninfo(self._address, **{name: value for name, value in columns.items() if value.strip(",")})

    async def connect(self, **options: Any) -> Connection:
        """A connection to the first host that gives one that meets target_session_attrs; all are asked at once.

        options: as psycopg.AsyncConnection.connect takes them. Raises the last psycopg.Error if no host gives one.
        """
        asking = [asyncio.create_task(self._ask(number, options)) for number in range(len(self._each))]
        failure: BaseException | None = None
        try:
            for answer in asyncio.as_completed(asking):
                try:
                    self._best, connection = await answer
                except psycopg.Error as error:
                    failure = error
                else:
                    asking = [task for task in asking if not (task.done() and _gave(task, connection))]
                    return connection
        finally:
            for task in asking:
                task.cancel()
                task.add_done_callback(_close)
        raise failure or psycopg.OperationalError("no host to ask")

    async def _ask(self, number: int, options: dict[str, Any]) -> tuple[int, Connection]:
        one = {name: value for name, value in self._each[number].items() if value}
        return number, await psycopg.AsyncConnection.connect(**{**one, **options})


def _gave(task: asyncio.Task[tuple[int, Connection]], connection: Connection) -> bool:
    return not task.cancelled() and task.exception() is None and task.result()[1] is connection


def _close(task: asyncio.Task[tuple[int, Connection]]) -> None:
    """Close what came too late; its error, if it is one, is nobody's."""
    if not task.cancelled() and task.exception() is None:
        task.result()[1].pgconn.finish()
