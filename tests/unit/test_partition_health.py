"""Which months there are, and which of them work."""

from __future__ import annotations

from calendar import monthrange
from datetime import date, timedelta

import pytest

from pipeline.partitions import STATUSES, PartitionBoard, PartitionHealth
from repository.errors import DatabaseUnavailableError, PartitionUnavailableError
from repository.partitions import label, next_month, previous_month, window
from repository.records import month_of
from telemetry.metrics import PARTITION_STATUS, PARTITION_WRITE_FAILURES
from tests.fixtures.awaiting import eventually

#: Two leap years and an ordinary one, with the turns of the year between them.
FIRSTS = [date(year, month, 1) for year in (2024, 2025, 2028) for month in range(1, 13)]
MAY = date(2031, 5, 1)


def last_day(first: date) -> date:
    return first.replace(day=monthrange(first.year, first.month)[1])


@pytest.mark.parametrize("first", FIRSTS, ids=label)
def test_a_month_begins_the_day_after_the_last_one_ends(first: date) -> None:
    after = last_day(first) + timedelta(days=1)
    for day in (first, first.replace(day=15), last_day(first)):
        assert month_of(day) == first
        assert next_month(day) == after
        assert previous_month(day) == month_of(first - timedelta(days=1))


@pytest.mark.parametrize("first", FIRSTS, ids=label)
def test_the_last_day_keeps_the_same_months_ready_as_the_first(first: date) -> None:
    """From the 31st, a month must not be skipped that has no 31st."""
    kept = window(last_day(first))
    assert kept == window(first)
    assert kept[1] == first
    assert [previous_month(month) for month in kept[1:]] == kept[:-1]
    assert len(kept) == 5


def test_the_window_reaches_as_far_as_it_is_told() -> None:
    assert window(date(2025, 12, 31), ahead=1) == [date(2025, 11, 1), date(2025, 12, 1), date(2026, 1, 1)]


class Trials:
    """Months that do not work until told, and how often each was tried."""

    def __init__(self) -> None:
        self.errors: dict[date, Exception] = {}
        self.tried = 0

    async def __call__(self, month: date) -> None:
        self.tried += 1
        if month in self.errors:
            raise self.errors[month]


def status(month: date) -> str:
    (found,) = [one for one in STATUSES if PARTITION_STATUS.labels(label(month), one)._value.get()]
    return found


@pytest.mark.parametrize(
    "error",
    [PartitionUnavailableError(MAY), DatabaseUnavailableError(), RuntimeError("surprise")],
    ids=lambda error: type(error).__name__,
)
async def test_a_broken_month_is_tried_until_it_works_whatever_the_trial_meets(error: Exception) -> None:
    trials = Trials()
    trials.errors[MAY] = error
    months = PartitionHealth(trials, PartitionBoard(), interval=0)
    months.failed(MAY)
    await eventually(lambda: trials.tried > 3)
    assert set(months.broken) == {MAY}
    assert status(MAY) == "unavailable"
    trials.errors.clear()
    await eventually(lambda: not months.broken)
    assert status(MAY) == "available"


async def test_every_failed_write_counts_but_one_trial_runs() -> None:
    trials = Trials()
    trials.errors[MAY] = PartitionUnavailableError(MAY)
    months = PartitionHealth(trials, PartitionBoard(), interval=3600)
    failures = PARTITION_WRITE_FAILURES.labels(label(MAY))._value
    before = failures.get()
    for _ in range(3):
        months.failed(MAY)
    await eventually(lambda: trials.tried)
    assert (failures.get() - before, trials.tried) == (3, 1)
    await months.stop()


async def test_a_stop_ends_the_trials_of_all_months() -> None:
    trials = Trials()
    june = next_month(MAY)
    trials.errors = {month: PartitionUnavailableError(month) for month in (MAY, june)}
    months = PartitionHealth(trials, PartitionBoard(), interval=3600)
    months.failed(MAY)
    months.failed(june)
    await eventually(lambda: trials.tried == 2)
    await months.stop()
    assert trials.tried == 2


async def test_workers_that_share_a_board_say_the_same_of_every_month() -> None:
    board, trials = PartitionBoard(), Trials()
    trials.errors[MAY] = PartitionUnavailableError(MAY)
    one, other = (PartitionHealth(trials, board, interval=0) for _ in range(2))
    one.failed(MAY)
    assert other.is_broken(MAY)
    assert not other.is_broken(next_month(MAY))
    trials.errors.clear()
    await eventually(lambda: not one.is_broken(MAY) and not other.is_broken(MAY))
    await one.stop()
    await other.stop()
