"""The one seam between the driver's errors and ours."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import date
from typing import Any

import psycopg
from psycopg_pool import PoolTimeout

from repository.errors import (
    CommitUnknownError,
    DatabaseUnavailableError,
    InvalidDataError,
    LookupUnavailableError,
    PartitionUnavailableError,
    QueryTimeoutError,
    RepositoryError,
    TransientError,
)

__all__ = ["blamed_on", "copied", "looked_up", "translated", "written"]

#: SQLSTATE classes of a server that cannot take this now; 42501 is a privilege that somebody took away.
_UNAVAILABLE_CLASSES = ("08", "25", "40", "53", "55", "57", "58", "XX")
#: Serialization failure, deadlock, cached plan that an ALTER TABLE made useless.
_TRANSIENT = ("40001", "40P01", "0A000")
#: A table is missing: a database that nobody has migrated yet.
_NO_SCHEMA = "42P01"
#: Lock timeout, missing privilege, missing table: with a COPY into one month they mean that month.
_OF_A_MONTH = ("55P03", "42501", "42P01")
_OF_A_MONTH_CLASSES = ("58", "XX")


@contextmanager
def translated() -> Iterator[None]:
    """Raise our own error for each of the driver's; no driver text in it."""
    try:
        yield
    except PoolTimeout as error:
        raise DatabaseUnavailableError from error
    except psycopg.Error as error:
        raise _ours(error) from error


@contextmanager
def written() -> Iterator[None]:
    """As `translated`, around a write: a connection that is lost leaves open whether the write happened."""
    try:
        with translated():
            yield
    except DatabaseUnavailableError as error:
        cause = error.__cause__
        if isinstance(cause, psycopg.Error) and (cause.sqlstate is None or cause.sqlstate.startswith(("08", "57"))):
            raise CommitUnknownError(sqlstate=cause.sqlstate) from cause
        raise


@contextmanager
def copied(connection: psycopg.AsyncConnection[Any]) -> Iterator[None]:
    """Around a COPY: psycopg takes exactly one result for its end, and fails with ValueError at the two of a crash."""
    try:
        yield
    except ValueError as error:
        if not connection.closed:
            raise
        raise psycopg.OperationalError("the connection was lost at the end of a COPY") from error


@contextmanager
def blamed_on(month: date) -> Iterator[None]:
    """Around a statement that touches one month only: its failure may be that month's alone."""
    try:
        yield
    except psycopg.Error as error:
        if _concerns_partition(error):
            raise PartitionUnavailableError(month, sqlstate=error.sqlstate) from error
        raise


@contextmanager
def looked_up() -> Iterator[None]:
    """Around a statement over several months: one of them may have made it fail."""
    try:
        yield
    except psycopg.Error as error:
        if _concerns_partition(error):
            raise LookupUnavailableError(sqlstate=error.sqlstate) from error
        raise


def _concerns_partition(error: psycopg.Error) -> bool:
    state = error.sqlstate or ""
    if state == "23514":  # a missing partition has the class of bad values, but names no constraint
        return error.diag.constraint_name is None
    return state in _OF_A_MONTH or state[:2] in _OF_A_MONTH_CLASSES


def _ours(error: psycopg.Error) -> RepositoryError:
    state = error.sqlstate
    if isinstance(error, psycopg.errors.QueryCanceled):
        return QueryTimeoutError(sqlstate=state)
    if state is None:
        wrong = isinstance(error, psycopg.DataError)
        return InvalidDataError() if wrong else DatabaseUnavailableError()
    if state in _TRANSIENT:
        return TransientError(sqlstate=state)
    if state[:2] in _UNAVAILABLE_CLASSES or state == _NO_SCHEMA:
        return DatabaseUnavailableError(sqlstate=state)
    if state[:2] in {"22", "23"}:
        return InvalidDataError(sqlstate=state, column=error.diag.column_name, constraint=error.diag.constraint_name)
    return RepositoryError(sqlstate=state)
