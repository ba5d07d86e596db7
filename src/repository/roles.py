"""Who may do what in the database: the owner makes tables, the writer inserts and reads, the reader reads."""

from __future__ import annotations

from typing import Any, LiteralString

import psycopg
from psycopg import sql

from repository._translate import translated
from repository.errors import RepositoryError
from repository.sql import load

__all__ = ["excess_rights", "grant_roles"]

_WRITER, _READER = load("grants_writer"), load("grants_reader")
_EXCESS = load("excess_rights")


def grant_roles(connection: psycopg.Connection[Any], *, writer: str = "", reader: str = "") -> None:
    """Give the logins `writer` and `reader` what they need and take from them what they do not; "" for none.

    Who owns the tables keeps every right on them, and gets none here. Raises RepositoryError for an unknown login.
    """
    owner = connection.info.user
    if writer and writer != owner:
        _grant(connection, _WRITER, writer)
    if reader and reader not in {owner, writer}:
        _grant(connection, _READER, reader)


def _grant(connection: psycopg.Connection[Any], statements: LiteralString, role: str) -> None:
    try:
        with connection.transaction():
            connection.execute(sql.SQL(statements).format(role=sql.Identifier(role)))
    except psycopg.errors.UndefinedObject as error:
        raise RepositoryError(
            f'PostgreSQL has no login "{role}", as which the service is to connect: create it (docs/security.md), and '
            "run this again",
            sqlstate=error.sqlstate,
        ) from error


def excess_rights(address: str) -> list[str]:
    """What the login of `address` could do to what is append-only; empty for a writer as `grant_roles` makes one.

    Raises RepositoryError.
    """
    with translated(), psycopg.connect(address, connect_timeout=2) as connection:
        return [row[0] for row in connection.execute(_EXCESS)]
