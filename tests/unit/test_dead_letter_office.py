"""Dead letters: nothing is done to one unless the event about it is recorded first."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, datetime
from typing import cast

import msgspec
import pytest
from prometheus_client import REGISTRY

from audit.dead_letters import DeadLetterOffice, Letter
from audit.outcomes import UNAVAILABLE, Flaw, Outcome, Submission
from dlq import DeadLetters
from repository.errors import DatabaseUnavailableError

NOW = datetime(2026, 11, 21, 12, tzinfo=UTC)
LETTER = Letter(
    id="events-7",
    queue="events",
    record_id="r",
    record_type="t",
    enqueued_at=NOW,
    dead_at=NOW,
    attempts=7,
    last_error="",
    record=msgspec.Raw(b"{}"),
)


class Letters:
    """Remembers what was discarded."""

    def __init__(self) -> None:
        self.discarded: list[str] = []

    async def discard(self, letter_id: str) -> bool:
        self.discarded.append(letter_id)
        return True


class Recorder:
    """Gives every event the same outcome."""

    def __init__(self, outcome: Outcome) -> None:
        self._outcome = outcome

    async def record(self, submissions: Sequence[Submission], *, all_or_nothing: bool) -> Sequence[Outcome]:
        assert not all_or_nothing
        return [self._outcome] * len(submissions)

    async def check(self, submissions: Sequence[Submission]) -> Sequence[tuple[Flaw, ...]]:
        raise NotImplementedError


def office(letters: Letters, outcome: Outcome) -> DeadLetterOffice:
    return DeadLetterOffice({}, {"events": cast("DeadLetters", letters)}, Recorder(outcome), lambda: NOW)


def rejected(reason: str) -> Outcome:
    return Outcome(status="rejected", flaws=(Flaw(pointer="", message="why", reason=reason),))


async def test_a_letter_is_kept_when_no_store_takes_the_event_about_it() -> None:
    letters = Letters()
    with pytest.raises(DatabaseUnavailableError):
        await office(letters, rejected(UNAVAILABLE)).discard(LETTER, "wrong")
    assert letters.discarded == []


async def test_an_event_about_a_letter_that_is_refused_counts_and_keeps_nobody_from_discarding_it() -> None:
    letters = Letters()
    before = REGISTRY.get_sample_value("datastorage_own_events_dropped_total") or 0
    assert await office(letters, rejected("size")).discard(LETTER, "wrong")
    assert letters.discarded == ["7"]
    assert REGISTRY.get_sample_value("datastorage_own_events_dropped_total") == before + 1
