"""Exceptions of the floors below as problems: the one place where they meet."""

from __future__ import annotations

from collections.abc import Callable

from audit.cursors import InvalidCursorError
from audit.holds import HoldReleasedError, SecondPersonError, UnknownHoldError
from audit.query import InvalidQueryError
from catalog.errors import (
    CatalogError,
    ContentHashError,
    ImmutableFieldError,
    LabelsTooLargeError,
    StaleWorkflowError,
    TransitionError,
    UnknownWorkflowError,
    WorkflowExistsError,
)
from dlq import QueueError, QueueUnknownError
from repository.errors import CommitUnknownError, DatabaseUnavailableError, QueryTimeoutError
from web.problems import Problem, Violation, validation_problem

__all__ = ["problem_of"]


def _unavailable(_error: Exception) -> Problem:
    return Problem(
        "service-unavailable",
        "The stores do not answer now. Nothing was changed; ask again.",
        headers={"Retry-After": "1"},
    )


def _outcome_unknown(_error: Exception) -> Problem:
    return Problem(
        "outcome-unknown",
        "A store was lost while it changed this, so it may be changed or not. Read it, then decide whether to ask "
        "again.",
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


def _stale(error: Exception) -> Problem:
    return Problem("precondition-failed", str(error))


def _not_found(error: Exception) -> Problem:
    return Problem("not-found", str(error))


def _conflict(error: Exception) -> Problem:
    return Problem("conflict", str(error))


def _immutable(error: Exception) -> Problem:
    names = error.names if isinstance(error, ImmutableFieldError) else ()
    faults = [Violation(f"#/{name}", f"{name} cannot be changed after creation", name, "immutable") for name in names]
    return Problem("immutable-field-violation", str(error), errors=faults)


def _content_hash(error: Exception) -> Problem:
    return validation_problem([Violation(f"#{_place(error)}/content_hash", _named(error), "content_hash", "hash")])


def _labels_too_large(error: Exception) -> Problem:
    return validation_problem([Violation(f"#{_place(error)}/custom_labels", _named(error), "custom_labels", "size")])


def _exists(error: Exception) -> Problem:
    version = error.version if isinstance(error, WorkflowExistsError) else ""
    return Problem(
        "conflict",
        _named(error),
        title="Workflow Already Exists",
        extensions={"resource": "workflow", "field": "version", "value": version},
    )


def _place(error: Exception) -> str:
    return "" if not isinstance(error, CatalogError) or error.index is None else f"/{error.index}"


def _named(error: Exception) -> str:
    place = _place(error)
    return f"workflow at index {place[1:]}: {error}" if place else str(error)


#: The first entry whose class fits is taken; an exception that is not here is a defect (500).
_TABLE: tuple[tuple[type[Exception], Callable[[Exception], Problem]], ...] = (
    (QueryTimeoutError, _query_timeout),
    (CommitUnknownError, _outcome_unknown),
    (QueueUnknownError, _outcome_unknown),
    (DatabaseUnavailableError, _unavailable),
    (QueueError, _unavailable),
    (InvalidQueryError, _invalid_query),
    (InvalidCursorError, _invalid_query),
    (StaleWorkflowError, _stale),
    (UnknownWorkflowError, _not_found),
    (TransitionError, _conflict),
    (UnknownHoldError, _not_found),
    (HoldReleasedError, _conflict),
    (SecondPersonError, _conflict),
    (ImmutableFieldError, _immutable),
    (ContentHashError, _content_hash),
    (LabelsTooLargeError, _labels_too_large),
    (WorkflowExistsError, _exists),
)


def problem_of(error: Exception) -> Problem | None:
    """The problem that stands for `error`; None where it is not foreseen."""
    if isinstance(error, Problem):
        return error
    return next((make(error) for kind, make in _TABLE if isinstance(error, kind)), None)
