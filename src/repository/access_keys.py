"""The access_keys table: every statement on it, and how its changes are heard."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from contextlib import AbstractAsyncContextManager
from datetime import datetime
from typing import Any, NamedTuple

import psycopg
from psycopg.rows import class_row

from repository._translate import translated
from repository.deadline import answered_within
from repository.errors import DuplicateRecordError
from repository.listening import listening
from repository.sql import load

__all__ = ["AccessKeyTable", "KeyRow", "end_keys", "insert_key", "list_keys", "replace_key"]

_CHANNEL = "access_keys"
_ALL = load("access_keys_all")
_INSERT = load("access_key_insert")
_USED = load("access_key_used")
_END = load("access_key_end")
_IN_FORCE = load("access_key_in_force")
#: Seconds after which a server is gone that has not answered.
_PATIENCE = 5.0
_OWN: Any = {"connect_timeout": 5, "options": "-c timezone=UTC"}


class KeyRow(NamedTuple):
    """A stored key. Lists are None where the key has no limit of that kind."""

    key_id: str
    name: str
    secret_sha256: bytes
    scopes: Sequence[str]
    categories: Sequence[str] | None
    namespaces: Sequence[str] | None
    clusters: Sequence[str] | None
    requests_per_second: float | None
    burst: int
    created_at: datetime
    created_by: str
    expires_at: datetime | None
    revoked_at: datetime | None
    last_used_at: datetime | None


class AccessKeyTable:
    """The keys as the running service sees them."""

    def __init__(self, address: str) -> None:
        self._address = address

    def listening(self) -> AbstractAsyncContextManager[psycopg.AsyncConnection[Any]]:
        """A connection of its own that hears of changes."""
        return listening(self._address, _CHANNEL)

    async def read(self, connection: psycopg.AsyncConnection[Any]) -> list[KeyRow]:
        """Every key. Raises DatabaseUnavailableError."""
        with translated(), answered_within(_PATIENCE, connection):
            async with connection.cursor(row_factory=class_row(KeyRow)) as cursor:
                await cursor.execute(_ALL)
                return await cursor.fetchall()

    async def note_use(self, connection: psycopg.AsyncConnection[Any], uses: Mapping[str, datetime]) -> None:
        """Note when keys were used last. Raises DatabaseUnavailableError."""
        with translated(), answered_within(_PATIENCE, connection):
            await connection.execute(_USED, {"key_ids": list(uses), "times": list(uses.values())})


def list_keys(address: str) -> list[KeyRow]:
    """Every key, on a connection of its own. Raises RepositoryError."""
    with translated(), psycopg.connect(address, **_OWN) as connection:
        return connection.cursor(row_factory=class_row(KeyRow)).execute(_ALL).fetchall()


def insert_key(address: str, values: Mapping[str, Any]) -> None:
    """Store the first key of a name.

    Raises DuplicateRecordError if the name has a key that is in force, RepositoryError.
    """
    with translated(), psycopg.connect(address, **_OWN) as connection:
        if connection.execute(_IN_FORCE, {"name": values["name"]}).fetchone():
            raise DuplicateRecordError
        connection.execute(_INSERT, values)


def replace_key(address: str, name: str, until: datetime, key_id: str, secret_sha256: bytes) -> KeyRow | None:
    """Store a key like the newest one of `name` that is in force, and let those in force end at `until`, together.

    Returns the key that was replaced; None where the name has none in force. Raises RepositoryError.
    """
    with translated(), psycopg.connect(address, **_OWN) as connection:
        cursor = connection.cursor(row_factory=class_row(KeyRow))
        newest = cursor.execute(_IN_FORCE, {"name": name}).fetchone()
        if newest is not None:
            connection.execute(_END, {"which": name, "at": until})
            values = {**newest._asdict(), "key_id": key_id, "secret_sha256": secret_sha256}
            connection.execute(_INSERT, values)
        return newest


def end_keys(address: str, which: str) -> list[str]:
    """Revoke the keys with this name or id; returns the ids of those that were in force. Raises RepositoryError."""
    with translated(), psycopg.connect(address, **_OWN) as connection:
        return [row[0] for row in connection.execute(_END, {"which": which, "at": None}).fetchall()]
