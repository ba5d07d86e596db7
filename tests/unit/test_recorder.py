"""The recorder: one request's events compared with each other, digit for digit."""

from __future__ import annotations

import json
from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import UUID

import msgspec
import pytest

from audit.recorder import Recorder
from audit.rules import EventRules, RuleLimits
from audit.submission import Submission
from pipeline.outcome import Outcome, State
from repository.errors import RepositoryError
from repository.records import AuditEvent, Unit

NOW = datetime(2026, 11, 21, 12, tzinfo=UTC)
LIMITS = RuleLimits(
    max_age=timedelta(days=7),
    max_future=timedelta(minutes=5),
    data_max_bytes=256 * 1024,
    data_max_depth=32,
    data_max_members=10_000,
)
ID = "01939f5e-7f3c-4d2a-8c3e-0b6f1a2b3c4d"


class Commits:
    """Takes everything."""

    def __init__(self) -> None:
        self.entries: list[Unit[AuditEvent]] = []

    async def record(self, unit: Unit[AuditEvent]) -> list[Outcome]:
        self.entries.append(unit)
        return [Outcome(state=State.STORED, record=row.record) for row in unit]


def submission(index: int, value: str, **more: Any) -> Submission:
    document = {
        "version": "1.0",
        "event_type": "t",
        "event_timestamp": NOW.isoformat(),
        "event_category": "gateway",
        "event_action": "a",
        "event_outcome": "success",
        "correlation_id": "c",
        "event_id": ID,
        **more,
        "event_data": {"number": "@"},
    }
    return Submission(index=index, text=msgspec.Raw(json.dumps(document).replace('"@"', value).encode()))


@pytest.mark.parametrize(
    ("one", "other", "statuses"),
    [
        ("1", "1", ["stored", "duplicate"]),
        ("1.0", "1.00", ["stored", "duplicate"]),
        ("1e2", "100", ["stored", "duplicate"]),
        ("7" * 5000, "7" * 5000, ["stored", "duplicate"]),
        ("7" * 5000, "7" * 4999 + "8", ["stored", "conflict"]),
        ("1" + "0" * 5000, "1e5000", ["stored", "duplicate"]),
        ('{"a": 1, "b": 2}', '{"b": 2, "a": 1}', ["stored", "duplicate"]),
        ("0.1000000000000000000000000000000000000001", "0.1", ["stored", "conflict"]),
        ("1" + "0" * 40, "1" + "0" * 39 + "1", ["stored", "conflict"]),
        ("true", "1", ["stored", "conflict"]),
        ("null", '"null"', ["stored", "conflict"]),
    ],
)
async def test_an_id_twice_in_a_batch_is_compared_digit_for_digit(one: str, other: str, statuses: list[str]) -> None:
    commits = Commits()
    recorder = Recorder(EventRules(LIMITS, lambda: NOW, lambda: UUID(int=1)), commits)
    outcomes = await recorder.record([submission(0, one), submission(1, other)], all_or_nothing=True)
    assert [outcome.state.value for outcome in outcomes] == statuses
    assert [len(entry) for entry in commits.entries] == ([1] if "duplicate" in statuses else [])


class OddOnes(Commits):
    """Fails, for a reason that nobody foresaw, at the events that it was told of."""

    def __init__(self, **errors: Exception) -> None:
        super().__init__()
        self._errors = errors

    async def record(self, unit: Unit[AuditEvent]) -> list[Outcome]:
        if error := self._errors.get(unit[0].record.event_action):
            raise error
        return await super().record(unit)


async def test_a_failure_that_nobody_foresaw_hides_nothing_of_what_became_of_the_others() -> None:
    commits = OddOnes(odd=RepositoryError(), broken=ZeroDivisionError())
    recorder = Recorder(EventRules(LIMITS, lambda: NOW, lambda: UUID(ID)), commits)
    sent = [
        submission(index, "1", event_id=str(UUID(int=index + 1)), event_action=action)
        for index, action in enumerate(["good", "odd", "broken", "good"])
    ]
    outcomes = await recorder.record(sent, all_or_nothing=False)
    assert [outcome.state.value for outcome in outcomes] == ["stored", "unavailable", "unknown", "stored"]
    with pytest.raises(RepositoryError):
        await recorder.record(sent[1:3], all_or_nothing=False)
