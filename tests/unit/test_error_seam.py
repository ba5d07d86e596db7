"""The seam between the driver's errors and ours."""

from __future__ import annotations

from types import SimpleNamespace
from typing import Any, cast

import psycopg
import pytest

from repository._translate import copied, written
from repository.errors import CommitUnknownError


def connection(*, closed: bool) -> Any:
    return cast("Any", SimpleNamespace(closed=closed))


def test_two_results_at_the_end_of_a_copy_mean_that_the_commit_is_unknown() -> None:
    """A soak met it: PostgreSQL killed while a COPY ended."""
    with pytest.raises(CommitUnknownError), written(), copied(connection(closed=True)):
        raise ValueError("too many values to unpack (expected 1)")


def test_a_value_error_on_a_connection_that_works_is_a_defect() -> None:
    with pytest.raises(ValueError, match="ours"), written(), copied(connection(closed=False)):
        raise ValueError("ours")


def test_a_lost_connection_leaves_a_write_unknown() -> None:
    with pytest.raises(CommitUnknownError), written():
        raise psycopg.OperationalError("server closed the connection unexpectedly")
