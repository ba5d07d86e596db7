"""COPY as psycopg drives it."""

from __future__ import annotations

from typing import cast

import pytest
from psycopg.pq.abc import PGconn
from psycopg.waiting import Wait

from repository.copy_in import _flush


class Blocked:
    """A connection whose peer reads nothing until it was asked so many times."""

    def __init__(self, times: int) -> None:
        self.times = times
        self.consumed = 0

    def flush(self) -> int:
        self.times -= 1
        return int(self.times >= 0)

    def consume_input(self) -> None:
        self.consumed += 1


def test_a_copy_goes_on_when_the_driver_begins_to_wait_anew() -> None:
    """psycopg does so after its task was cancelled: it asks the server to cancel, then drives the same generator."""
    connection = Blocked(3)
    flushing = _flush(cast("PGconn", connection))
    assert next(flushing) is Wait.RW
    assert next(flushing) is Wait.RW
    assert flushing.send(Wait.R) is Wait.RW
    with pytest.raises(StopIteration):
        next(flushing)
    assert connection.consumed == 1
