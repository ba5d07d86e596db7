"""The seam between the driver's errors and ours, and writing until the outcome is known."""

from __future__ import annotations

import psycopg
import pytest
from psycopg import errors

from repository._translate import is_connection_failure, translated
from repository.attempts import until_known
from repository.errors import (
    CommitUnknownError,
    ConnectionLostError,
    ContentionError,
    DatabaseUnavailableError,
    InvalidDataError,
    PoolExhaustedError,
    QueryTimeoutError,
    RepositoryError,
    TransientError,
)


@pytest.mark.parametrize(
    ("driver", "ours"),
    [
        (psycopg.OperationalError(), DatabaseUnavailableError),
        (errors.AdminShutdown(), DatabaseUnavailableError),
        (errors.DataCorrupted(), DatabaseUnavailableError),
        (errors.InsufficientPrivilege(), DatabaseUnavailableError),
        (errors.LockNotAvailable(), ContentionError),
        (errors.DeadlockDetected(), TransientError),
        (errors.QueryCanceled(), QueryTimeoutError),
        (errors.StringDataRightTruncation(), InvalidDataError),
        (errors.DatatypeMismatch(), RepositoryError),
    ],
    ids=lambda value: getattr(value, "__name__", type(value).__name__),
)
def test_each_error_of_the_driver_becomes_one_of_ours(driver: psycopg.Error, ours: type[RepositoryError]) -> None:
    with pytest.raises(RepositoryError) as caught, translated():
        raise driver
    assert type(caught.value) is ours


def test_only_the_end_of_a_session_is_the_connections_failure() -> None:
    """A corrupt page, a lock or a full disk fail a statement; the server and its other connections are well."""
    ended = (psycopg.OperationalError(), errors.AdminShutdown(), errors.CrashShutdown(), errors.ConnectionException())
    others = (
        errors.DataCorrupted(),
        errors.LockNotAvailable(),
        errors.DiskFull(),
        errors.QueryCanceled(),
        ValueError(),
    )
    assert all(map(is_connection_failure, ended))
    assert not any(map(is_connection_failure, others))


class Attempts:
    """Fails as told, one error for each try; remembers whether it was told that a try was lost."""

    def __init__(self, *failures: Exception) -> None:
        self.failures = list(failures)
        self.lost: list[bool] = []

    async def __call__(self, lost: bool) -> str:
        self.lost.append(lost)
        if self.failures:
            raise self.failures.pop(0)
        return "written"


async def test_a_lost_connection_is_replaced_once_and_the_next_try_looks_for_what_it_wrote() -> None:
    attempts = Attempts(ConnectionLostError(), TransientError())
    assert await until_known(attempts, alone=True) == "written"
    assert attempts.lost == [False, True, True]


@pytest.mark.parametrize(
    "later",
    [ConnectionLostError(), DatabaseUnavailableError(), ContentionError(), QueryTimeoutError(), RepositoryError()],
    ids=lambda error: type(error).__name__,
)
async def test_whatever_fails_after_a_lost_connection_leaves_it_unknown(later: Exception) -> None:
    with pytest.raises(CommitUnknownError):
        await until_known(Attempts(ConnectionLostError(), later), alone=True)


async def test_wrong_data_are_known_to_be_wrong_after_a_lost_connection_too() -> None:
    with pytest.raises(InvalidDataError):
        await until_known(Attempts(ConnectionLostError(), InvalidDataError()), alone=True)


async def test_a_busy_pool_is_waited_for_and_is_no_failure() -> None:
    attempts = Attempts(*[PoolExhaustedError()] * 20)
    assert await until_known(attempts, alone=False) == "written"


async def test_a_lock_is_waited_for_again_only_by_one_who_holds_up_nobody() -> None:
    assert await until_known(Attempts(ContentionError()), alone=True) == "written"
    for attempts, alone in ((Attempts(ContentionError()), False), (Attempts(*[ContentionError()] * 2), True)):
        with pytest.raises(ContentionError):
            await until_known(attempts, alone=alone)
