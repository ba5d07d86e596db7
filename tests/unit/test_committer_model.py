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

import pytest
from structlog.testing import capture_logs

from audit.breaker import Breaker
from audit.committer import Committer
from audit.partition_health import PartitionHealth
from repository.audit_events import Entry, Row, Verdict
from repository.errors import (
    CommitUnknownError,
    DatabaseUnavailableError,
    InvalidDataError,
    PartitionUnavailableError,
    RepositoryError,
)
from repository.records import months_of
from tests.fixtures.events import audit_event

EXAMPLES = int(os.environ.get("DATASTORAGE_TEST_MODEL_EXAMPLES") or 60)
SEED = 20261121
GROUP_ROWS, QUEUE_ROWS = 12, 30
MONTHS = (10, 11, 12)
#: Types of events that PostgreSQL refuses: for their data, and for a reason that nobody foresaw.
WRONG, ODD = "wrong data", "odd"
REFUSED = {WRONG: InvalidDataError, ODD: RepositoryError}


def entry(rng: random.Random, number: int) -> list[Row]:
    """One entry of a few rows; some have wrong data, some an id that another entry has too."""
    rows = []
    for place in range(rng.choice([1, 1, 1, 2, 5, 15])):
        shared = rng.random() < 0.1
        event = audit_event(
            rng.randrange(1, 4) if shared else (number + 1) * 1000 + place,
            datetime(2026, rng.choice(MONTHS), 5, tzinfo=UTC),
            event_type=rng.choices(["t", WRONG, ODD], [92, 5, 3])[0],
            resource_id=str(number),
        )
        rows.append(Row(event=event, server_generated_id=not shared))
    return list({row.event.event_id: row for row in rows}.values())


class Table:
    """What the committer writes to: fails as the script says, and keeps what was written."""

    def __init__(self, rng: random.Random) -> None:
        self._rng = rng
        self.writing = False
        self.order: list[str] = []
        self.written: Counter[str] = Counter()
        self.broken: set[date] = set()

    async def write(self, entries: Sequence[Entry], *, avoid: Collection[date] = ()) -> list[list[Verdict]]:
        assert not self.writing, "one transaction at a time"
        self.writing = True
        try:
            return await self._write(entries, avoid)
        finally:
            self.writing = False

    async def _write(self, entries: Sequence[Entry], avoid: Collection[date]) -> list[list[Verdict]]:
        rows = [row for one in entries for row in one]
        ids = [row.event.event_id for row in rows]
        assert len(ids) == len(set(ids)), "no id twice in a group"
        assert len(rows) <= GROUP_ROWS or len(entries) == 1, "a group is bounded"
        months = months_of([row.event for row in rows])
        assert months.isdisjoint(avoid), "what is known to be broken is not tried"
        for _ in range(self._rng.randrange(4)):
            await asyncio.sleep(0)
        if broken := months & self.broken:
            raise PartitionUnavailableError(min(broken))
        for row in rows:
            if row.event.event_type in REFUSED:
                raise REFUSED[row.event.event_type](sqlstate="22001")
        fate = self._rng.random()
        if fate < 0.05:
            raise DatabaseUnavailableError
        if fate < 0.10:
            if fate < 0.08:
                self._keep(entries)  # it happened, and nobody learns of it
            raise CommitUnknownError
        self._keep(entries)
        return [["created"] * len(one) for one in entries]

    def _keep(self, entries: Sequence[Entry]) -> None:
        for one in entries:
            name = one[0].event.resource_id
            self.order.append(name)
            self.written[name] += 1


async def never() -> None:
    raise DatabaseUnavailableError


class Example:
    """One run: entries that arrive, and what became of each."""

    def __init__(self, seed: str) -> None:
        self.rng = random.Random(seed)
        self.table = Table(self.rng)
        breaker = Breaker(never, threshold=10**9, interval=1)  # whether it opens is its own tests' business
        self.months = PartitionHealth(lambda month: works(month, self.table), interval=0)
        self.committer = Committer(
            self.table, breaker=breaker, months=self.months, patience=5, group_rows=GROUP_ROWS, queue_rows=QUEUE_ROWS
        )
        self.tasks: dict[str, asyncio.Task[list[Verdict]]] = {}
        self.entries: dict[str, Entry] = {}
        self.cancelled: set[str] = set()
        self.outcomes: dict[str, list[Verdict] | BaseException] = {}

    async def run(self) -> None:
        for number in range(self.rng.randrange(1, 25)):
            await self._arrive(number)
        found = await asyncio.gather(*self.tasks.values(), return_exceptions=True)
        self.outcomes = dict(zip(self.tasks, found, strict=True))
        await self.committer.flush()
        await self.months.stop()

    async def _arrive(self, number: int) -> None:
        if self.rng.random() < 0.1:
            self.table.broken ^= {date(2026, self.rng.choice(MONTHS), 1)}
        rows = entry(self.rng, number)
        self.entries[str(number)] = rows
        self.tasks[str(number)] = asyncio.create_task(self.committer.commit(rows))
        if self.rng.random() < 0.15:
            victim = self.rng.choice(list(self.tasks))
            if self.tasks[victim].cancel():
                self.cancelled.add(victim)
        for _ in range(self.rng.choice([0, 0, 1, 3])):
            await asyncio.sleep(0)

    def judge(self, name: str) -> None:
        """What an outcome promises about what was written."""
        outcome, written = self.outcomes[name], self.table.written[name]
        if isinstance(outcome, list):
            assert written == 1, "acknowledged is written once"
        elif isinstance(outcome, asyncio.CancelledError):
            assert name in self.cancelled, "only the caller itself gives up"
            assert written <= 1, "given up is not written twice"
        elif isinstance(outcome, CommitUnknownError):
            assert written <= 1, "what may have happened is not done again"
        elif isinstance(outcome, PartitionUnavailableError):
            assert outcome.month in months_of([row.event for row in self.entries[name]]), "of one's own month"
            assert written == 0, "what failed is not written"
        else:
            assert isinstance(outcome, RepositoryError), outcome
            assert written == 0, "what failed is not written"
        if isinstance(outcome, RepositoryError) and not isinstance(outcome, DatabaseUnavailableError):
            kinds = {row.event.event_type for row in self.entries[name]}
            assert any(type(outcome) is REFUSED.get(kind) for kind in kinds), "the guilty fail alone"


async def run_example(seed: str) -> None:
    example = Example(seed)
    await example.run()
    for name in example.outcomes:
        example.judge(name)
    kept = [name for name in example.table.order if name not in example.cancelled]
    assert kept == sorted(kept, key=int), "in order of arrival"
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


async def test_an_idle_committer_writes_at_once_and_a_busy_one_shares() -> None:
    rng = random.Random(1)
    table = Table(rng)
    sizes: list[int] = []
    gate = asyncio.Event()

    class Slow:
        async def write(self, entries: Sequence[Entry], *, avoid: Collection[date] = ()) -> list[list[Verdict]]:
            del avoid
            sizes.append(len(entries))
            await gate.wait()
            return [["created"] * len(one) for one in entries]

    breaker, months = (
        Breaker(never, threshold=1, interval=1),
        PartitionHealth(lambda month: works(month, table), interval=1),
    )
    committer = Committer(Slow(), breaker=breaker, months=months, patience=5, group_rows=100, queue_rows=1000)
    rows = [entry(random.Random(3), number)[:1] for number in range(7)]
    waiting = [asyncio.create_task(committer.commit(rows[0]))]
    for _ in range(5):
        await asyncio.sleep(0)
    assert sizes == [1], "the first goes at once, without waiting for company"
    waiting += [asyncio.create_task(committer.commit(one)) for one in rows[1:]]
    for _ in range(5):
        await asyncio.sleep(0)
    gate.set()
    await asyncio.gather(*waiting)
    assert sizes == [1, 6], "those that came meanwhile share the next one"


class Gate:
    """A table that writes nothing until it is opened."""

    def __init__(self) -> None:
        self.opened = asyncio.Event()
        self.rows = 0

    async def write(self, entries: Sequence[Entry], *, avoid: Collection[date] = ()) -> list[list[Verdict]]:
        del avoid
        await self.opened.wait()
        self.rows += sum(map(len, entries))
        return [["created"] * len(one) for one in entries]


@pytest.fixture
def gate() -> Gate:
    return Gate()


@pytest.fixture
def committer(gate: Gate) -> Committer:
    breaker, months = Breaker(never, threshold=1, interval=1), PartitionHealth(lambda _: never(), interval=1)
    return Committer(gate, breaker=breaker, months=months, patience=5, group_rows=4, queue_rows=10)


def singles(count: int) -> list[list[Row]]:
    return [entry(random.Random(number), number)[:1] for number in range(count)]


async def test_no_more_rows_are_taken_than_may_wait(gate: Gate, committer: Committer) -> None:
    """Who is still at the door when it gives up has handed nothing over."""
    tasks = [asyncio.create_task(committer.commit(one)) for one in singles(50)]
    for _ in range(5):
        await asyncio.sleep(0)
    for task in tasks:
        task.cancel()
    await asyncio.gather(*tasks, return_exceptions=True)
    gate.opened.set()
    await committer.flush()
    assert gate.rows == 10


async def test_those_at_the_door_come_in_as_room_is_made(gate: Gate, committer: Committer) -> None:
    tasks = [asyncio.create_task(committer.commit(one)) for one in singles(50)]
    gate.opened.set()
    assert await asyncio.gather(*tasks) == [["created"]] * 50
    assert gate.rows == 50


async def test_a_flush_ends_when_everything_that_was_handed_over_is_settled(gate: Gate, committer: Committer) -> None:
    tasks = [asyncio.create_task(committer.commit(one)) for one in singles(9)]
    await asyncio.sleep(0)
    flush = asyncio.create_task(committer.flush())
    for _ in range(5):
        await asyncio.sleep(0)
    assert not flush.done()
    gate.opened.set()
    await flush
    assert gate.rows == 9
    assert await asyncio.gather(*tasks) == [["created"]] * 9
