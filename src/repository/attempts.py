"""Writing until the outcome is known: a lost connection is replaced once, a lost transaction repeated."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from typing import TypeVar

from repository.errors import (
    CommitUnknownError,
    ConnectionLostError,
    ContentionError,
    InvalidDataError,
    PoolExhaustedError,
    RepositoryError,
    TransientError,
)

__all__ = ["until_known"]

Answer = TypeVar("Answer")
#: Tries at one write; each failure but the last is of a kind that another try normally mends.
_TRIES = 4


async def until_known(attempt: Callable[[bool], Awaitable[Answer]], *, alone: bool) -> Answer:
    """What an attempt returns. It is told whether an earlier one may have been committed.

    Waits for a connection as long as the server is up: who waits is bounded elsewhere. alone: only then is a lock that
    somebody else holds waited for once more. Raises what the last attempt raises, and CommitUnknownError for a write
    that may have happened.
    """
    lost = False
    tries = 0
    while True:
        try:
            return await attempt(lost)
        except PoolExhaustedError:
            continue
        except ConnectionLostError as error:
            if lost or tries == _TRIES:
                raise CommitUnknownError(sqlstate=error.sqlstate) from error
            lost = True
        except ContentionError as error:
            if lost or not alone or tries:
                raise _of(error, lost=lost) from error
        except TransientError as error:
            if tries == _TRIES:
                raise _of(error, lost=lost) from error
        except RepositoryError as error:
            raise _of(error, lost=lost) from error
        tries += 1


def _of(error: RepositoryError, *, lost: bool) -> RepositoryError:
    """Nothing that fails later makes it known what became of a lost attempt, but for wrong data: it had them too."""
    if not lost or isinstance(error, InvalidDataError):
        return error
    return CommitUnknownError(sqlstate=error.sqlstate)
