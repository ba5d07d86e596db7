"""Exceptions of the floors below as problems: the one place where they meet."""

from __future__ import annotations

from collections.abc import Callable

from audit.cursors import InvalidCursorError
from audit.query import InvalidQueryError
from dlq import QueueError
from handlers.problems import Problem, Violation, validation_problem
from repository.errors import CommitUnknownError, DatabaseUnavailableError, QueryTimeoutError

__all__ = ["problem_of"]


def _unavailable(_error: Exception) -> Problem:
    return Problem(
        "service-unavailable",
        "The stores do not answer now. Nothing was changed; ask again.",
        headers={"Retry-After": "1"},
    )


def _commit_unknown(_error: Exception) -> Problem:
    return Problem(
        "service-unavailable",
        "The connection to PostgreSQL was lost while it stored this, so it may be stored or not. Send it again with "
        "the same event_id or Idempotency-Key: it will not be stored twice.",
        headers={"Retry-After": "1"},
    )


def _query_timeout(_error: Exception) -> Problem:
    return Problem(
        "query-timeout",
        "The query took too long. Narrow it: a shorter time range, or one correlation_id.",
        headers={"Retry-After": "1"},
    )


def _invalid_query(error: Exception) -> Problem:
    faults = error.errors if isinstance(error, InvalidQueryError) else (("cursor", str(error)),)
    return validation_problem([Violation(f"#/query/{name}", detail, name) for name, detail in faults])


#: The first entry whose class fits is taken; an exception that is not here is a defect (500).
_TABLE: tuple[tuple[type[Exception], Callable[[Exception], Problem]], ...] = (
    (QueryTimeoutError, _query_timeout),
    (CommitUnknownError, _commit_unknown),
    (DatabaseUnavailableError, _unavailable),
    (QueueError, _unavailable),
    (InvalidQueryError, _invalid_query),
    (InvalidCursorError, _invalid_query),
)


def problem_of(error: Exception) -> Problem | None:
    """The problem that stands for `error`; None where it is not foreseen."""
    if isinstance(error, Problem):
        return error
    return next((make(error) for kind, make in _TABLE if isinstance(error, kind)), None)
