"""What the console says of the transparency log."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

import msgspec
import pytest

from console.api import Answer
from console.evidence import log_state

NOW = datetime(2026, 3, 1, tzinfo=UTC)


def answer(status: int = 200, **members: Any) -> Answer:
    told = {"origin": "o", "size": 7, "root": "r", "sealed_at": NOW, "pending": 0, "pending_since": None, "keys": []}
    return Answer(status=status, headers={}, body=msgspec.json.encode(told | members))


@pytest.mark.parametrize(
    ("members", "behind", "words"),
    [
        ({}, False, "all sealed"),
        ({"size": 0, "root": None, "sealed_at": None}, False, "nothing to seal yet"),
        ({"pending": 3, "pending_since": NOW - timedelta(seconds=5)}, False, "all sealed"),
        ({"pending": 3, "pending_since": NOW - timedelta(seconds=61)}, True, "3 not sealed"),
        ({"pending": 10_000, "pending_since": NOW - timedelta(days=1)}, True, "10,000 or more not sealed"),
    ],
)
def test_an_event_that_waits_too_long_is_said(members: dict[str, Any], behind: bool, words: str) -> None:
    state = log_state(answer(**members), NOW)
    assert state is not None
    assert (state.behind, state.words) == (behind, words)


def test_a_log_that_cannot_be_asked_is_not_called_well() -> None:
    assert log_state(answer(503), NOW) is None
