"""Replaying events: what becomes of an entry, by what the store says of it."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Callable
from datetime import UTC, date, datetime
from typing import Any, cast
from uuid import UUID

import msgspec
import pytest
from prometheus_client import REGISTRY

from audit.breaker import Breaker
from audit.delivery import encode_event
from audit.replay import EventSink
from dlq import Entry, Located, Queue, QueueError, QueueUnavailableError, Verdict, VerdictKind
from repository.audit_events import Entry as Rows
from repository.audit_events import Row
from repository.audit_events import Verdict as Word
from repository.errors import (
    CommitUnknownError,
    DatabaseUnavailableError,
    InvalidDataError,
    PartitionUnavailableError,
    QueryTimeoutError,
    RepositoryError,
)
from repository.records import AuditEvent
from tests.fixtures.events import audit_event

NOW = datetime(2026, 11, 21, 12, tzinfo=UTC)


def event(number: int, parent: int | None = None, *, month: int = 11) -> AuditEvent:
    return audit_event(
        number,
        datetime(2026, month, 5, tzinfo=UTC),
        event_data=msgspec.Raw(b'{"exact":0.10}'),
        parent_event_id=UUID(int=parent) if parent else None,
    )


def entry(payload: AuditEvent | bytes, entry_type: str = "audit_event") -> Entry:
    return Entry(
        entry_id="1-0",
        type=entry_type,
        id="id",
        payload=payload if isinstance(payload, bytes) else encode_event(payload),
        enqueued_at=NOW,
        attempts=0,
        due_at=NOW,
        last_error="",
    )


class Table:
    """Where replayed events are committed."""

    def __init__(self) -> None:
        self.rows: list[Row] = []
        self.stored: set[UUID] = set()
        self.say: Callable[[Row], Word | Exception] = self.judge

    async def commit(self, rows: Rows) -> list[Word]:
        (row,) = rows
        word = self.say(row)
        if isinstance(word, Exception):
            raise word
        if word == "created":
            self.stored.add(row.event.event_id)
            self.rows.append(row)
        return [word]

    def judge(self, row: Row) -> Word:
        parent = row.event.parent_event_id
        return "created" if row.linked or parent is None or parent in self.stored else "no_parent"


class Stream:
    """What else is in the queue."""

    def __init__(self) -> None:
        self.events: dict[str, AuditEvent] = {}
        self.error: QueueError | None = None
        self.asked: list[str] = []

    async def locate(self, ids: list[str]) -> dict[str, Located]:
        self.asked += ids
        if self.error:
            raise self.error
        return {
            one: Located(
                state="queued",
                digest="d",
                payload=encode_event(self.events[one]),
                since=NOW,
                attempts=0,
                last_error="",
            )
            for one in ids
            if one in self.events
        }


class Scene:
    """A sink between its store and its queue."""

    def __init__(self) -> None:
        self.table, self.stream = Table(), Stream()
        self.breaker = Breaker(self._probe, threshold=1, interval=0.001)
        self.away = False
        self.sink = EventSink(self.table, cast("Queue", self.stream), self.breaker)

    async def store(self, *entries: Entry) -> list[Verdict]:
        return await self.sink.store(entries)

    async def _probe(self) -> None:
        if self.away:
            raise DatabaseUnavailableError


@pytest.fixture
async def scene() -> AsyncIterator[Scene]:
    made = Scene()
    yield made
    await made.breaker.stop()


@pytest.mark.parametrize(
    ("word", "kind", "error"),
    [
        ("created", VerdictKind.STORED, ""),
        ("duplicate", VerdictKind.DUPLICATE, ""),
        ("conflict", VerdictKind.REFUSED, "this event_id is stored with different content"),
        (DatabaseUnavailableError(sqlstate="57P01"), VerdictKind.HELD, ""),
        (PartitionUnavailableError(date(2026, 11, 1)), VerdictKind.HELD, ""),
        (CommitUnknownError(), VerdictKind.HELD, ""),
        (InvalidDataError(sqlstate="23505"), VerdictKind.HELD, ""),
        (
            InvalidDataError(sqlstate="22001", column="namespace"),
            VerdictKind.REFUSED,
            "PostgreSQL refuses a value in namespace (SQLSTATE 22001)",
        ),
        (InvalidDataError(), VerdictKind.REFUSED, "PostgreSQL refuses a value (SQLSTATE none)"),
        (QueryTimeoutError(sqlstate="57014"), VerdictKind.FAILED, "PostgreSQL failed at it (SQLSTATE 57014)"),
        (RepositoryError(sqlstate="42804"), VerdictKind.FAILED, "PostgreSQL failed at it (SQLSTATE 42804)"),
    ],
    ids=str,
)
async def test_the_store_decides_what_becomes_of_an_entry(
    scene: Scene, word: Any, kind: VerdictKind, error: str
) -> None:
    scene.table.say = lambda _row: word
    assert await scene.store(entry(event(1))) == [Verdict(kind, error)]


async def test_one_entrys_fate_is_not_its_neighbours(scene: Scene) -> None:
    fates: dict[int, Any] = {1: "created", 2: InvalidDataError(), 3: DatabaseUnavailableError(), 4: "duplicate"}
    scene.table.say = lambda row: fates[row.event.event_id.int]
    verdicts = await scene.store(*(entry(event(number)) for number in fates))
    assert [one.kind.name for one in verdicts] == ["STORED", "REFUSED", "HELD", "DUPLICATE"]


async def test_an_event_is_stored_as_it_was_queued_and_looked_for_first(scene: Scene) -> None:
    await scene.store(entry(event(1)))
    assert scene.table.rows == [Row(event=event(1), server_generated_id=False)]


@pytest.mark.parametrize("payload", [b"", b"[]", b"{}", b"\xff", encode_event(event(1))[:-1]])
async def test_a_payload_that_is_no_event_is_refused_at_once(scene: Scene, payload: bytes) -> None:
    assert await scene.store(entry(payload)) == [Verdict(VerdictKind.REFUSED, "its payload is not an audit event")]


async def test_an_entry_of_another_type_stays_for_a_version_that_knows_it(scene: Scene) -> None:
    (verdict,) = await scene.store(entry(event(1), "audit_event_v2"))
    assert verdict == Verdict(VerdictKind.UNKNOWN, "unknown type 'audit_event_v2'")
    assert scene.table.rows == []


async def test_a_parent_in_the_same_batch_counts_wherever_it_stands(scene: Scene) -> None:
    parent = event(9, month=10)
    verdicts = await scene.store(entry(event(1, parent=9)), entry(parent))
    assert [one.kind for one in verdicts] == [VerdictKind.STORED] * 2
    (child,) = (row.event for row in scene.table.rows if row.event.event_id.int == 1)
    assert child.parent_event_date == parent.event_date
    assert scene.stream.asked == []


async def test_a_parent_that_is_still_queued_counts_as_there(scene: Scene) -> None:
    parent = event(9, month=10)
    scene.stream.events[str(parent.event_id)] = parent
    assert await scene.store(entry(event(1, parent=9))) == [Verdict(VerdictKind.STORED)]
    assert scene.table.rows[0].event.parent_event_date == parent.event_date


async def test_what_was_acknowledged_is_stored_though_its_parent_is_nowhere(scene: Scene) -> None:
    before = REGISTRY.get_sample_value("datastorage_dangling_parents_total") or 0
    assert await scene.store(entry(event(1, parent=9))) == [Verdict(VerdictKind.STORED)]
    assert scene.table.rows[0].event.parent_event_id == UUID(int=9)
    assert REGISTRY.get_sample_value("datastorage_dangling_parents_total") == before + 1


async def test_a_child_waits_while_the_queue_cannot_say_whether_it_holds_the_parent(scene: Scene) -> None:
    scene.stream.error = QueueUnavailableError()
    assert await scene.store(entry(event(1, parent=9))) == [Verdict(VerdictKind.HELD)]
    assert scene.table.rows == []


async def test_it_is_ready_when_postgresql_is_back(scene: Scene) -> None:
    await asyncio.wait_for(scene.sink.ready(), 5)
    scene.away = True
    scene.breaker.failure()
    ready = asyncio.ensure_future(scene.sink.ready())
    await asyncio.sleep(0)
    assert not ready.done()
    scene.away = False
    await asyncio.wait_for(ready, 5)
