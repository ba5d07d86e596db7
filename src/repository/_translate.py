"""The one seam between the driver's errors and ours."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

import psycopg
from psycopg_pool import PoolTimeout

from repository.errors import DatabaseUnavailableError, InvalidDataError, QueryTimeoutError, RepositoryError

__all__ = ["translated"]

_UNAVAILABLE_CLASSES = ("08", "25", "40", "53", "55", "57", "58", "XX")


@contextmanager
def translated() -> Iterator[None]:
    """Raise our own error for each of the driver's; no driver text in it."""
    try:
        yield
    except PoolTimeout as error:
        raise DatabaseUnavailableError from error
    except psycopg.Error as error:
        raise _ours(error) from error


def _ours(error: psycopg.Error) -> RepositoryError:
    state = error.sqlstate
    if isinstance(error, psycopg.errors.QueryCanceled):
        return QueryTimeoutError(sqlstate=state)
    if state is None:
        wrong = isinstance(error, psycopg.DataError)
        return InvalidDataError() if wrong else DatabaseUnavailableError()
    if state[:2] in _UNAVAILABLE_CLASSES:
        return DatabaseUnavailableError(sqlstate=state)
    return InvalidDataError(sqlstate=state) if state[:2] in {"22", "23"} else RepositoryError(sqlstate=state)
