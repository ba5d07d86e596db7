"""Errors of the PostgreSQL floor: one tree, the docstring is the default message, no driver text in it."""

from __future__ import annotations

from datetime import date

__all__ = [
    "CommitUnknownError",
    "DatabaseUnavailableError",
    "DuplicateRecordError",
    "InvalidDataError",
    "LookupUnavailableError",
    "PartitionUnavailableError",
    "QueryTimeoutError",
    "RepositoryError",
    "TransientError",
]


class RepositoryError(Exception):
    """PostgreSQL did not do what was asked."""

    def __init__(self, message: str | None = None, *, sqlstate: str | None = None) -> None:
        self.sqlstate = sqlstate
        super().__init__(message or (self.__doc__ or "").partition("\n")[0])


class DatabaseUnavailableError(RepositoryError):
    """PostgreSQL cannot take this now; the same call may succeed later."""


class CommitUnknownError(DatabaseUnavailableError):
    """The connection was lost during COMMIT: the write may have happened. Repeating it must be idempotent."""


class TransientError(DatabaseUnavailableError):
    """The transaction lost against another one, or its plan is outdated: doing it again at once normally works."""


class PartitionUnavailableError(DatabaseUnavailableError):
    """One month's partition is missing or broken; other months are unaffected."""

    def __init__(self, month: date, message: str | None = None, *, sqlstate: str | None = None) -> None:
        self.month = month
        super().__init__(message, sqlstate=sqlstate)

    @property
    def missing(self) -> bool:
        """Whether no partition takes the month's rows, instead of one that does not work."""
        return self.sqlstate == "23514"


class LookupUnavailableError(DatabaseUnavailableError):
    """A look-up over several months failed; one of them may be broken."""


class QueryTimeoutError(RepositoryError):
    """The query took longer than its statement timeout."""


class InvalidDataError(RepositoryError):
    """PostgreSQL refused the data itself (SQLSTATE class 22 or 23): trying again cannot help."""

    def __init__(
        self,
        message: str | None = None,
        *,
        sqlstate: str | None = None,
        column: str | None = None,
        constraint: str | None = None,
    ) -> None:
        self.column = column
        self.constraint = constraint
        super().__init__(message, sqlstate=sqlstate)


class DuplicateRecordError(InvalidDataError):
    """A record with this unique key exists already."""
