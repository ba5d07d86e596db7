"""The committer against a model: random arrivals, failures and cancellations, always the same promises.

DATASTORAGE_TEST_MODEL_EXAMPLES=10000 runs deep; docs/testing.md notes the last deep run.
"""

from __future__ import annotations

import asyncio
import os
import random
from collections import Counter
from collections.abc import Collection, Sequence
from datetime import UTC, date, datetime
from typing import Any

import msgspec
import pytest
from structlog.testing import capture_logs

from pipeline.admission import Admission
from pipeline.committer import Committer
from pipeline.kinds import AUDIT_EVENTS
from pipeline.outcome import Outcome, State
from pipeline.partitions import PartitionBoard, PartitionHealth
from repository.errors import (
    CommitUnknownError,
    ContentionError,
    DatabaseUnavailableError,
    InvalidDataError,
    PartitionUnavailableError,
    RepositoryError,
)
from repository.records import AuditEvent, Row, Unit, Written, months_of
from tests.fixtures.awaiting import eventually
from tests.fixtures.events import audit_event

EXAMPLES = int(os.environ.get("DATASTORAGE_TEST_MODEL_EXAMPLES") or 60)
SEED = 20261121
GROUP_ROWS, QUEUE_ROWS, LANES = 12, 30, 3
MONTHS = (10, 11, 12)
#: Types of events that PostgreSQL refuses: for their data, for a lock, and for a reason that nobody foresaw.
WRONG, LOCKED, ODD = "wrong data", "locked", "odd"
REFUSED = {WRONG: InvalidDataError, LOCKED: ContentionError, ODD: RepositoryError}
Rows = list[Row[AuditEvent]]


def unit(rng: random.Random, number: int) -> Rows:
    """One unit of a few rows; some have wrong data, some an id that another unit has too."""
    rows = []
    for place in range(rng.choice([1, 1, 1, 2, 5, 15])):
        shared = rng.random() < 0.1
        event = audit_event(
            rng.randrange(1, 4) if shared else (number + 1) * 1000 + place,
            datetime(2026, rng.choice(MONTHS), 5, tzinfo=UTC),
            event_type=rng.choices(["t", WRONG, LOCKED, ODD], [90, 5, 2, 3])[0],
            resource_id=str(number),
        )
        rows.append(Row(record=event, server_generated_id=not shared))
    return list({row.record.event_id: row for row in rows}.values())


class Table:
    """What the committer writes to: fails as the script says, and keeps what was written."""

    def __init__(self, rng: random.Random) -> None:
        self._rng = rng
        self.writing = 0
        self.begun: list[str] = []
        self.written: Counter[str] = Counter()
        self.broken: set[date] = set()

    async def write(self, units: Sequence[Unit[AuditEvent]], *, avoid: Collection[date] = ()) -> list[list[Written]]:
        self.writing += 1
        assert self.writing <= LANES, "no more groups at a time than lanes"
        try:
            return await self._write(units, avoid)
        finally:
            self.writing -= 1

    async def _write(self, units: Sequence[Unit[AuditEvent]], avoid: Collection[date]) -> list[list[Written]]:
        rows = [row for one in units for row in one]
        ids = [row.record.event_id for row in rows]
        assert len(ids) == len(set(ids)), "no id twice in a group"
        assert len(rows) <= GROUP_ROWS or len(units) == 1, "a group is bounded"
        months = months_of([row.record for row in rows])
        assert months.isdisjoint(avoid), "what is known to be broken is not tried"
        self.begun += [one[0].record.resource_id for one in units if one[0].record.resource_id not in self.begun]
        for _ in range(self._rng.randrange(4)):
            await asyncio.sleep(0)
        if broken := months & self.broken:
            raise PartitionUnavailableError(min(broken))
        for place, row in enumerate(rows):
            if row.record.event_type in REFUSED:
                known = place if self._rng.random() < 0.5 else None
                raise REFUSED[row.record.event_type](sqlstate="22001", row=known)
        fate = self._rng.random()
        if fate < 0.05:
            raise DatabaseUnavailableError
        if fate < 0.10:
            if fate < 0.08:
                self._keep(units)  # it happened, and nobody learns of it
            raise CommitUnknownError
        self._keep(units)
        return [[Written("stored")] * len(one) for one in units]

    def _keep(self, units: Sequence[Unit[AuditEvent]]) -> None:
        for one in units:
            self.written[one[0].record.resource_id] += 1


def committer_over(table: Any, months: PartitionHealth, **limits: int) -> Committer[AuditEvent]:
    bounds = {"rows": QUEUE_ROWS, "bytes_": 10**9, "group_rows": GROUP_ROWS, "lanes": LANES} | limits
    admission = Admission(rows=bounds["rows"], bytes_=bounds["bytes_"])
    return Committer(
        AUDIT_EVENTS, table, admission, months=months, lanes=bounds["lanes"], group_rows=bounds["group_rows"]
    )


class Example:
    """One run: units that arrive, and what became of each."""

    def __init__(self, seed: str) -> None:
        self.rng = random.Random(seed)
        self.table = Table(self.rng)
        self.months = PartitionHealth(lambda month: works(month, self.table), PartitionBoard(), interval=0)
        self.committer = committer_over(self.table, self.months)
        self.tasks: dict[str, asyncio.Task[list[Outcome]]] = {}
        self.units: dict[str, Rows] = {}
        self.cancelled: set[str] = set()
        self.found: dict[str, list[Outcome] | BaseException] = {}

    async def run(self) -> None:
        for number in range(self.rng.randrange(1, 25)):
            await self._arrive(number)
        found = await asyncio.gather(*self.tasks.values(), return_exceptions=True)
        self.found = dict(zip(self.tasks, found, strict=True))
        await self.committer.flush()
        await self.months.stop()

    async def _arrive(self, number: int) -> None:
        if self.rng.random() < 0.1:
            self.table.broken ^= {date(2026, self.rng.choice(MONTHS), 1)}
        rows = unit(self.rng, number)
        self.units[str(number)] = rows
        self.tasks[str(number)] = asyncio.create_task(self.committer.commit(rows))
        if self.rng.random() < 0.15:
            victim = self.rng.choice(list(self.tasks))
            if self.tasks[victim].cancel():
                self.cancelled.add(victim)
        for _ in range(self.rng.choice([0, 0, 1, 3])):
            await asyncio.sleep(0)

    def judge(self, name: str) -> None:
        """What an outcome promises about what was written."""
        found, written = self.found[name], self.table.written[name]
        kinds = {row.record.event_type for row in self.units[name]}
        if isinstance(found, asyncio.CancelledError):
            assert name in self.cancelled, "only the caller itself gives up"
            assert written <= 1, "given up is not written twice"
            return
        if isinstance(found, BaseException):
            assert isinstance(found, RepositoryError), found
            assert ODD in kinds, "the guilty fail alone"
            assert written == 0, "what failed is not written"
            return
        (state,) = {outcome.state for outcome in found}
        if state is State.STORED:
            assert written == 1, "acknowledged is written once"
        elif state is State.UNKNOWN:
            assert written <= 1, "what may have happened is not done again"
        else:
            assert written == 0, "what is refused is not written"
        if state is State.REJECTED:
            assert WRONG in kinds, "the guilty fail alone"
        if month := found[0].month:
            assert month in months_of([row.record for row in self.units[name]]), "of one's own month"


async def run_example(seed: str) -> None:
    example = Example(seed)
    await example.run()
    for name in example.found:
        example.judge(name)
    begun = [name for name in example.table.begun if name not in example.cancelled]
    assert begun == sorted(begun, key=int), "in order of arrival"
    assert asyncio.all_tasks() == {asyncio.current_task()}, "no task is left behind"


async def works(month: date, table: Table) -> None:
    await asyncio.sleep(0)
    if month in table.broken:
        raise PartitionUnavailableError(month)


def test_the_promises_hold_whatever_happens() -> None:
    for number in range(EXAMPLES):
        seed = f"{SEED}-{number}"
        try:
            with capture_logs():
                asyncio.run(run_example(seed))
        except AssertionError as error:
            pytest.fail(f"example {seed}: {error}")


class Gate:
    """A table that writes nothing until it is opened."""

    def __init__(self) -> None:
        self.opened = asyncio.Event()
        self.groups: list[int] = []
        self.rows = 0

    async def write(self, units: Sequence[Unit[AuditEvent]], *, avoid: Collection[date] = ()) -> list[list[Written]]:
        del avoid
        self.groups.append(len(units))
        await self.opened.wait()
        self.rows += sum(map(len, units))
        return [[Written("stored")] * len(one) for one in units]


async def _broken(month: date) -> None:
    raise PartitionUnavailableError(month)


@pytest.fixture
def gate() -> Gate:
    return Gate()


@pytest.fixture
def months() -> PartitionHealth:
    return PartitionHealth(_broken, PartitionBoard(), interval=60)


def singles(count: int) -> list[Rows]:
    return [[Row(record=audit_event(number, datetime(2026, 11, 5, tzinfo=UTC)))] for number in range(1, count + 1)]


async def rounds() -> None:
    for _ in range(5):
        await asyncio.sleep(0)


async def test_an_idle_committer_writes_at_once_and_a_busy_one_shares(gate: Gate, months: PartitionHealth) -> None:
    committer = committer_over(gate, months, group_rows=100, rows=1000)
    first, *others = singles(7)
    waiting = [asyncio.create_task(committer.commit(first))]
    await rounds()
    assert gate.groups == [1], "the first goes at once, without waiting for company"
    waiting += [asyncio.create_task(committer.commit(one)) for one in others]
    await rounds()
    gate.opened.set()
    await asyncio.gather(*waiting)
    assert gate.groups == [1, 6], "those that came meanwhile share the next one"


async def test_enough_rows_go_beside_a_commit_under_way_and_not_behind_it(gate: Gate, months: PartitionHealth) -> None:
    committer = committer_over(gate, months, group_rows=4000, rows=20000)
    waiting = [asyncio.create_task(committer.commit(one)) for one in singles(1)]
    await rounds()
    waiting += [asyncio.create_task(committer.commit(one)) for one in singles(600)]
    await rounds()
    assert len(gate.groups) == 2
    gate.opened.set()
    await asyncio.gather(*waiting)


async def test_a_group_that_hangs_does_not_hold_up_the_next(months: PartitionHealth) -> None:
    class Hung(Gate):
        async def write(
            self, units: Sequence[Unit[AuditEvent]], *, avoid: Collection[date] = ()
        ) -> list[list[Written]]:
            if self.groups:
                self.groups.append(len(units))
                return [[Written("stored")] * len(one) for one in units]
            return await super().write(units, avoid=avoid)

    table = Hung()
    committer = committer_over(table, months)
    hung, *others = singles(5)
    first = asyncio.create_task(committer.commit(hung))
    await rounds()
    for one in others:
        (outcome,) = await asyncio.wait_for(committer.commit(one), 5)
        assert outcome.state is State.STORED
    assert not first.done()
    table.opened.set()
    assert (await first)[0].state is State.STORED


async def test_nobody_waits_for_what_is_large(gate: Gate, months: PartitionHealth) -> None:
    committer = committer_over(gate, months, group_rows=100, rows=1000)
    first, *others = singles(4)
    text = msgspec.Raw(b'{"text":"%b"}' % (b"x" * 600_000))
    large = [Row(record=audit_event(9, datetime(2026, 11, 5, tzinfo=UTC), event_data=text))]
    waiting = [asyncio.create_task(committer.commit(first))]
    await rounds()
    waiting += [asyncio.create_task(committer.commit(one)) for one in [*others[:2], large, others[2]]]
    await rounds()
    gate.opened.set()
    await asyncio.gather(*waiting)
    assert gate.groups == [1, 2, 1, 1], "it shares no group, neither with those before it nor with those behind it"


async def test_what_comes_behind_something_large_begins_beside_it(gate: Gate, months: PartitionHealth) -> None:
    committer = committer_over(gate, months, group_rows=100, rows=1000)
    text = msgspec.Raw(b'{"text":"%b"}' % (b"x" * 600_000))
    large = [Row(record=audit_event(9, datetime(2026, 11, 5, tzinfo=UTC), event_data=text))]
    waiting = [asyncio.create_task(committer.commit(one)) for one in [large, *singles(1)]]
    await eventually(lambda: len(gate.groups) == 2)
    gate.opened.set()
    await asyncio.gather(*waiting)


@pytest.mark.parametrize("limits", [{"rows": 10}, {"rows": 1000, "bytes_": 10 * 602}], ids=["rows", "bytes"])
async def test_no_more_is_admitted_than_may_wait(gate: Gate, months: PartitionHealth, limits: dict[str, int]) -> None:
    """Who still waits for admission when it gives up has handed nothing over."""
    committer = committer_over(gate, months, group_rows=4, **limits)
    tasks = [asyncio.create_task(committer.commit(one)) for one in singles(50)]
    await rounds()
    for task in tasks:
        task.cancel()
    await asyncio.gather(*tasks, return_exceptions=True)
    gate.opened.set()
    await committer.flush()
    assert gate.rows == 10


async def test_waiters_are_admitted_as_room_is_made(gate: Gate, months: PartitionHealth) -> None:
    committer = committer_over(gate, months, group_rows=4, rows=10)
    tasks = [asyncio.create_task(committer.commit(one)) for one in singles(50)]
    gate.opened.set()
    outcomes = await asyncio.gather(*tasks)
    assert {outcome.state for (outcome,) in outcomes} == {State.STORED}
    assert gate.rows == 50


async def test_a_flush_ends_when_everything_that_was_handed_over_is_settled(
    gate: Gate, months: PartitionHealth
) -> None:
    committer = committer_over(gate, months)
    tasks = [asyncio.create_task(committer.commit(one)) for one in singles(9)]
    await asyncio.sleep(0)
    flush = asyncio.create_task(committer.flush())
    await rounds()
    assert not flush.done()
    gate.opened.set()
    await flush
    assert gate.rows == 9
    await asyncio.gather(*tasks)


async def test_a_defect_that_one_unit_meets_is_not_its_neighbours() -> None:
    class Defective(Gate):
        async def write(
            self, units: Sequence[Unit[AuditEvent]], *, avoid: Collection[date] = ()
        ) -> list[list[Written]]:
            if any(row.record.event_type == ODD for unit in units for row in unit):
                raise OverflowError
            return await super().write(units, avoid=avoid)

    table = Defective()
    table.opened.set()
    committer = committer_over(table, PartitionHealth(_broken, PartitionBoard(), interval=60))
    rows = [audit_event(n, datetime(2026, 11, 5, tzinfo=UTC), event_type=ODD if n == 3 else "t") for n in range(1, 6)]
    with capture_logs():
        found = await asyncio.gather(
            *(committer.commit([Row(record=one, server_generated_id=True)]) for one in rows), return_exceptions=True
        )
    assert [isinstance(one, OverflowError) for one in found] == [False, False, True, False, False]
    assert table.rows == 4


@pytest.mark.parametrize(("locked", "others"), [(2, State.STORED), (20, State.UNAVAILABLE)])
async def test_a_group_does_not_wait_for_many_locks_one_after_the_other(locked: int, others: State) -> None:
    class Locking(Gate):
        async def write(
            self, units: Sequence[Unit[AuditEvent]], *, avoid: Collection[date] = ()
        ) -> list[list[Written]]:
            self.groups.append(len(units))
            for place, (row,) in enumerate(units):
                if row.record.event_type == LOCKED:
                    raise ContentionError(row=place)
            return [[Written("stored")]] * len(units)

    table = Locking()
    committer = committer_over(table, PartitionHealth(_broken, PartitionBoard(), interval=60), group_rows=50, rows=50)
    types = ["t", *[LOCKED] * locked]
    rows = [audit_event(n + 1, datetime(2026, 11, 5, tzinfo=UTC), event_type=one) for n, one in enumerate(types)]
    found = await asyncio.gather(*(committer.commit([Row(record=one, server_generated_id=True)]) for one in rows))
    states = [outcome.state for (outcome,) in found]
    assert states == [others] + [State.UNAVAILABLE] * locked
    assert len(table.groups) <= 6
