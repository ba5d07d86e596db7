"""Errors of the PostgreSQL floor: one tree, the docstring is the default message, no driver text in it."""

from __future__ import annotations

from datetime import date

__all__ = [
    "CommitUnknownError",
    "ConnectionLostError",
    "ContentionError",
    "DatabaseUnavailableError",
    "DeadlineExceededError",
    "DuplicateRecordError",
    "InvalidDataError",
    "PartitionUnavailableError",
    "PoolExhaustedError",
    "QueryTimeoutError",
    "RepositoryError",
    "TransientError",
]


class RepositoryError(Exception):
    """PostgreSQL did not do what was asked.

    row: which of the rows that were written together is to blame, counted from 0; None where that is not known.
    """

    def __init__(self, message: str | None = None, *, sqlstate: str | None = None, row: int | None = None) -> None:
        self.sqlstate = sqlstate
        self.row = row
        super().__init__(message or (self.__doc__ or "").partition("\n")[0])


class DatabaseUnavailableError(RepositoryError):
    """PostgreSQL cannot take this now; the same call may succeed later."""


class PoolExhaustedError(DatabaseUnavailableError):
    """All connections are in use; the server is not to blame."""


class ConnectionLostError(DatabaseUnavailableError):
    """The connection was lost during the call; what it was doing may have happened."""


class DeadlineExceededError(ConnectionLostError):
    """There was no answer in time, and the connection was discarded; what it was doing may have happened."""


class CommitUnknownError(DatabaseUnavailableError):
    """It is not known whether the write happened, or will. Repeating it must be idempotent."""


class TransientError(DatabaseUnavailableError):
    """The transaction lost against another one, or its plan is outdated: doing it again at once normally works."""


class ContentionError(TransientError):
    """Another transaction holds a lock that this one needs; neither the server nor a partition is to blame."""


class PartitionUnavailableError(DatabaseUnavailableError):
    """One month's partition is missing or broken; other months are unaffected."""

    def __init__(
        self, month: date, message: str | None = None, *, sqlstate: str | None = None, row: int | None = None
    ) -> None:
        self.month = month
        super().__init__(message, sqlstate=sqlstate, row=row)

    @property
    def missing(self) -> bool:
        """Whether no partition takes the month's rows, instead of one that does not work."""
        return self.sqlstate == "23514"


class QueryTimeoutError(RepositoryError):
    """The query took longer than its statement timeout."""


class UnreadableRowError(RepositoryError):
    """PostgreSQL cannot give a stored row back (SQLSTATE class 54): its text would be larger than it can make."""


class InvalidDataError(RepositoryError):
    """PostgreSQL refused the data itself (SQLSTATE class 22 or 23): trying again cannot help."""

    def __init__(
        self,
        message: str | None = None,
        *,
        sqlstate: str | None = None,
        row: int | None = None,
        column: str | None = None,
        constraint: str | None = None,
    ) -> None:
        self.column = column
        self.constraint = constraint
        super().__init__(message, sqlstate=sqlstate, row=row)


class DuplicateRecordError(InvalidDataError):
    """A record with this unique key exists already."""
