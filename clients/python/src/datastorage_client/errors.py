"""Everything that this package raises."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, NamedTuple

from datastorage_client.generated.models import Problem

__all__ = [
    "BufferFullError",
    "ConflictError",
    "DataStorageError",
    "FieldError",
    "ForbiddenError",
    "InvalidEventError",
    "NoAnswerError",
    "NotFoundError",
    "OutcomeUnknownError",
    "PayloadTooLargeError",
    "PreconditionFailedError",
    "ProblemError",
    "RateLimitedError",
    "ServiceUnavailableError",
    "SpillError",
    "StoreClosedError",
    "UnauthorizedError",
    "ValidationError",
    "problem_error",
]


class DataStorageError(Exception):
    """Base of all errors of this package."""


class FieldError(NamedTuple):
    """One broken rule: a JSON Pointer into the body (`#/event_type`, `#/3/event_type`), and what is wrong there."""

    pointer: str
    detail: str


class InvalidEventError(DataStorageError, ValueError):
    """The event breaks the contract and was not taken. `errors` lists every violation."""

    def __init__(self, errors: Sequence[FieldError]) -> None:
        super().__init__("; ".join(error.detail for error in errors))
        self.errors = tuple(errors)


class BufferFullError(DataStorageError):
    """The buffer is full and the event was not taken."""


class StoreClosedError(DataStorageError):
    """The store is closed and takes no more events."""


class SpillError(DataStorageError):
    """The spill directory cannot be used."""


class NoAnswerError(DataStorageError):
    """No usable answer came: refused, broken off, timed out, or not from Data Storage. What was asked may be done."""


class ProblemError(DataStorageError):
    """The service answered with a problem (RFC 9457).

    `slug` says which kind, `errors` lists every violation, `problem` is the whole document.
    """

    def __init__(self, problem: Problem, *, retry_after: float | None = None) -> None:
        super().__init__(f"{problem.status} {problem.title}: {problem.detail}")
        self.problem = problem
        self.status = problem.status
        self.slug = problem.type_.rstrip("/").rpartition("/")[2]
        self.detail = problem.detail
        self.request_id = problem.request_id
        #: Seconds that the service asks to wait before the next try, if it said so.
        self.retry_after = retry_after
        self.errors = tuple(FieldError(one.pointer, one.detail) for one in problem.errors or ())


class ValidationError(ProblemError):
    """400: nothing was stored; `errors` says why."""


class UnauthorizedError(ProblemError):
    """401: send valid credentials."""


class ForbiddenError(ProblemError):
    """403: the credentials do not allow this."""


class NotFoundError(ProblemError):
    """404: there is no such record."""


class ConflictError(ProblemError):
    """409: the record exists with other content, or its state does not allow this."""


class PreconditionFailedError(ProblemError):
    """412: the record changed since it was read."""


class PayloadTooLargeError(ProblemError):
    """413: send less at once."""


class RateLimitedError(ProblemError):
    """429: too many requests; `retry_after` says when to try again."""


class ServiceUnavailableError(ProblemError):
    """503: nothing was changed; `retry_after` says when to try again."""


class OutcomeUnknownError(ServiceUnavailableError):
    """503 `outcome-unknown`: what was sent may be kept. Send it again with the same id."""


_BY_STATUS: dict[int, type[ProblemError]] = {
    400: ValidationError,
    401: UnauthorizedError,
    403: ForbiddenError,
    404: NotFoundError,
    409: ConflictError,
    412: PreconditionFailedError,
    413: PayloadTooLargeError,
    429: RateLimitedError,
    503: ServiceUnavailableError,
}


def problem_error(document: Mapping[str, Any], *, retry_after: float | None = None) -> ProblemError:
    """The exception that stands for a problem document. Raises KeyError, TypeError or ValueError where it is none."""
    problem = Problem.from_dict(document)
    kind = _BY_STATUS.get(problem.status, ProblemError)
    if problem.type_.endswith("/outcome-unknown"):
        kind = OutcomeUnknownError
    return kind(problem, retry_after=retry_after)
