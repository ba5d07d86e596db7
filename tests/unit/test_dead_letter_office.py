"""Dead letters: nothing is done to one unless the event about it is recorded first."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, datetime
from typing import cast

import msgspec
import pytest

from audit.dead_letters import DeadLetterOffice, Letter
from audit.submission import Submission
from dlq import DeadLetters
from pipeline.outcome import Flaw, Outcome, State
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


@pytest.mark.parametrize("state", [State.UNAVAILABLE, State.UNKNOWN, State.REJECTED, State.CONFLICT])
async def test_a_letter_is_kept_unless_the_event_about_it_is_recorded_before(state: State) -> None:
    letters = Letters()
    with pytest.raises(DatabaseUnavailableError):
        await office(letters, Outcome(state=state)).discard(LETTER, "wrong")
    assert letters.discarded == []


@pytest.mark.parametrize("state", [State.STORED, State.QUEUED])
async def test_a_letter_is_discarded_once_the_event_about_it_is_recorded(state: State) -> None:
    letters = Letters()
    assert await office(letters, Outcome(state=state)).discard(LETTER, "wrong")
    assert letters.discarded == ["7"]
