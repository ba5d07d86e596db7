"""Dead letters: nothing is done to one unless the event about it is recorded first."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, datetime
from typing import cast

import msgspec
import pytest

from audit.dead_letters import DeadLetterOffice, Letter
from audit.submission import Submission
from dlq import DeadLetter, DeadLetters, Queue, QueueState, RequeueOutcome
from pipeline.outcome import Flaw, Outcome, State
from repository.errors import DatabaseUnavailableError

NOW = datetime(2026, 11, 21, 12, tzinfo=UTC)
OLD = datetime(2026, 11, 20, 12, tzinfo=UTC)
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


class Pages:
    """A queue's dead letters, and how many of them were read."""

    def __init__(self, count: int) -> None:
        self.read = 0
        self._letters = [
            DeadLetter(
                letter_id=f"{number}-0", type="t", id=str(number), payload=b"{}", enqueued_at=NOW, dead_at=OLD,
                attempts=7, last_error="",
            )
            for number in range(1, count + 1)
        ]  # fmt: skip

    async def page(self, *, after: str = "", limit: int) -> list[DeadLetter]:
        start = int(after.partition("-")[0] or 0)
        found = self._letters[start : start + limit]
        self.read += len(found)
        return found

    async def replay(self, _letter_id: str) -> RequeueOutcome:
        return RequeueOutcome.REPLAYED


class Roomy:
    """A queue that has room."""

    async def state(self) -> QueueState:
        return QueueState(name="events", depth=0, capacity=1000, dead_letters=0, oldest=None)


async def test_a_replay_with_a_limit_reads_no_more_than_the_limit() -> None:
    pages = Pages(500)
    taken = Recorder(Outcome(state=State.STORED))
    letters = {"events": cast("DeadLetters", pages)}
    queues = {"events": cast("Queue", Roomy())}
    done = await DeadLetterOffice(queues, letters, taken, lambda: NOW).replay_all(queue=None, limit=3)
    assert (done.replayed, pages.read) == (3, 3)
