"""Hearing of changes by LISTEN and NOTIFY, on a connection of its own."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

import psycopg
from psycopg import sql

from repository._translate import translated
from repository.deadline import TCP_SETTINGS, answered_within

__all__ = ["heard", "listening"]

#: Seconds after which a server is gone that has not answered a trivial statement.
_PATIENCE = 2.0


@asynccontextmanager
async def listening(address: str, channel: str) -> AsyncIterator[psycopg.AsyncConnection[Any]]:
    """A connection that hears of `channel`; `heard` waits for what is told. The driver's errors leave it as ours."""
    with translated():
        connection = await psycopg.AsyncConnection.connect(
            address, autocommit=True, connect_timeout=2, options="-c timezone=UTC", **TCP_SETTINGS
        )
        async with connection:
            with answered_within(_PATIENCE, connection):
                await connection.execute(sql.SQL("LISTEN {}").format(sql.Identifier(channel)))
            yield connection


async def heard(connection: psycopg.AsyncConnection[Any], seconds: float) -> set[str]:
    """The payloads told; waits for the first at most `seconds`, then makes sure that the server is there.

    Raises DatabaseUnavailableError when it does not answer within 2 s.
    """
    with translated():
        told = {one.payload async for one in connection.notifies(timeout=seconds, stop_after=1)}
        if not told:
            with answered_within(_PATIENCE, connection):
                await connection.execute("SELECT 1")
        return told | {one.payload async for one in connection.notifies(timeout=0)}
