"""The one seam between the driver's errors and ours."""

from __future__ import annotations

import re
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import date

import psycopg
from psycopg_pool import PoolTimeout

from repository.errors import (
    ContentionError,
    DatabaseUnavailableError,
    InvalidDataError,
    PartitionUnavailableError,
    QueryTimeoutError,
    RepositoryError,
    TransientError,
    UnreadableRowError,
)

__all__ = ["blamed_on", "concerns_partition", "is_connection_failure", "row_of", "translated"]

#: SQLSTATE classes of a server that cannot take this now; 42501 is a privilege that somebody took away.
_UNAVAILABLE_CLASSES = ("08", "25", "40", "53", "55", "57", "58", "XX")
#: Serialization failure, deadlock, cached plan that an ALTER TABLE made useless.
_TRANSIENT = ("40001", "40P01", "0A000")
#: A lock was not had within lock_timeout.
_LOCKED = "55P03"
#: What a row needs is more than PostgreSQL can do, whenever it is asked.
_LIMIT_EXCEEDED = "54"
#: A table is missing, a privilege is missing.
_UNUSABLE = ("42P01", "42501")
#: Lock timeout, missing privilege, missing table: with a statement on one month they mean that month.
_OF_A_MONTH = ("55P03", "42501", "42P01")
_OF_A_MONTH_CLASSES = ("58", "XX")
#: The server ended the session, or refused one: class 08, and of class 57 all but a cancelled query.
_SESSION_ENDED = ("57P01", "57P02", "57P03", "57P05")
#: In the context of an error of COPY, whatever the language of the server's messages: "COPY table, line 7".
_LINE = re.compile(r"\bCOPY \w+, \D*(\d+)")


@contextmanager
def translated() -> Iterator[None]:
    """Raise our own error for each of the driver's; no driver text in it."""
    try:
        yield
    except PoolTimeout as error:
        raise DatabaseUnavailableError from error
    except psycopg.Error as error:
        raise _ours(error) from error


def is_connection_failure(error: BaseException | None) -> bool:
    """Whether an error of the driver says that the connection is lost, or that the server takes none."""
    if not isinstance(error, psycopg.Error):
        return False
    state = error.sqlstate
    if state is None:
        return isinstance(error, (psycopg.OperationalError, psycopg.InterfaceError))
    return state.startswith("08") or state in _SESSION_ENDED


@contextmanager
def blamed_on(month: date) -> Iterator[None]:
    """Around a statement that touches one month only: its failure may be that month's alone."""
    try:
        yield
    except psycopg.Error as error:
        if concerns_partition(error):
            raise PartitionUnavailableError(month, sqlstate=error.sqlstate) from error
        raise


def concerns_partition(error: psycopg.Error) -> bool:
    """Whether the failure of a statement on one month can be the month's fault."""
    state = error.sqlstate or ""
    if state == "23514":  # a missing partition has the class of bad values, but names no constraint
        return error.diag.constraint_name is None
    return state in _OF_A_MONTH or state[:2] in _OF_A_MONTH_CLASSES


def row_of(error: psycopg.Error) -> int | None:
    """Which row of a COPY is to blame, counted from 0; None where PostgreSQL does not say."""
    found = _LINE.search(error.diag.context or "")
    return int(found[1]) - 1 if found else None


def _ours(error: psycopg.Error) -> RepositoryError:
    state = error.sqlstate
    if isinstance(error, psycopg.errors.QueryCanceled):
        return QueryTimeoutError(sqlstate=state)
    if state is None:
        wrong = isinstance(error, psycopg.DataError)
        return InvalidDataError() if wrong else DatabaseUnavailableError()
    if state in {*_TRANSIENT, _LOCKED}:
        return (ContentionError if state == _LOCKED else TransientError)(sqlstate=state, row=row_of(error))
    if state[:2] in _UNAVAILABLE_CLASSES or state in _UNUSABLE:
        return DatabaseUnavailableError(sqlstate=state)
    if state[:2] in {"22", "23"}:
        return InvalidDataError(
            sqlstate=state,
            row=row_of(error),
            column=error.diag.column_name,
            constraint=error.diag.constraint_name,
        )
    return (UnreadableRowError if state[:2] == _LIMIT_EXCEEDED else RepositoryError)(sqlstate=state, row=row_of(error))
