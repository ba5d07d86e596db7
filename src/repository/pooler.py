"""Whether a pooler stands between an address and PostgreSQL's sessions, and whether the addresses allow for it."""

from __future__ import annotations

from typing import NamedTuple

from psycopg.rows import class_row

from repository._translate import translated
from repository.deadline import Connection, answered_within
from repository.hosts import Hosts
from repository.sql import load

__all__ = ["NO_DIRECT", "is_pooled", "wrong_way"]

#: What is wrong where a pooler is found and there is no address past it.
NO_DIRECT = (
    "DATABASE_URL leads to a pooler, which loses what a session is told at its start: give DATABASE_DIRECT_URL "
    "the address of PostgreSQL itself (docs/high-availability.md)"
)
_SESSION = load("session")
#: Seconds to have a connection, and to have it answered.
_PATIENCE = 2


class _Session(NamedTuple):
    """What `session.sql` says."""

    backend: int
    login: str
    database: str
    system_identifier: int


class _Way(NamedTuple):
    """What is at the end of an address, and whether a pooler is on the way."""

    place: tuple[str, int]
    login: str
    pooled: bool


async def wrong_way(address: str, direct: str | None) -> str:
    """What is wrong with DATABASE_URL `address` and DATABASE_DIRECT_URL `direct`; "" where nothing is.

    Takes up to 4 s for each. Raises DatabaseUnavailableError and other RepositoryError.
    """
    way = await _way(address)
    if direct is None:
        return NO_DIRECT if way.pooled else ""
    straight = await _way(direct)
    if straight.pooled:
        return "DATABASE_DIRECT_URL leads to a pooler: LISTEN and the sealer's lock need PostgreSQL itself"
    if straight.place != way.place:
        return "DATABASE_DIRECT_URL leads to another database than DATABASE_URL"
    if straight.login != way.login:
        return "DATABASE_DIRECT_URL logs in as another role than DATABASE_URL"
    return ""


async def is_pooled(connection: Connection) -> bool:
    """Whether a pooler is between `connection` and PostgreSQL."""
    return (await _session(connection)).backend != connection.info.backend_pid


async def _session(connection: Connection) -> _Session:
    found = await connection.cursor(row_factory=class_row(_Session)).execute(_SESSION)
    session = await found.fetchone()
    assert session is not None  # noqa: S101 - it has no condition
    return session


async def _way(address: str) -> _Way:
    with translated():
        connection = await Hosts(address).connect(autocommit=True, connect_timeout=_PATIENCE)
        try:
            shown = connection.info.backend_pid
            with answered_within(_PATIENCE, connection):
                session = await _session(connection)
        finally:
            await connection.close()
    return _Way((session.database, session.system_identifier), session.login, pooled=session.backend != shown)
