"""Replaying events: what becomes of an entry, by what the store says of it."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Callable
from datetime import UTC, datetime
from typing import Any, cast
from uuid import UUID

import msgspec
import pytest
from prometheus_client import REGISTRY

from dlq import Disposition, DispositionKind, Entry, Located, Queue, QueueError, QueueUnavailableError
from pipeline.committer import Committer
from pipeline.health import Health
from pipeline.kinds import AUDIT_EVENTS, NOTIFICATION_AUDIT
from pipeline.outcome import Flaw, Outcome, State
from pipeline.replay import ReplaySink
from repository.errors import DatabaseUnavailableError, RepositoryError
from repository.records import AuditEvent, Notification, Row, Unit
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
        payload=payload if isinstance(payload, bytes) else AUDIT_EVENTS.encode(payload),
        enqueued_at=NOW,
        attempts=0,
        due_at=NOW,
        last_error="",
    )


class Table:
    """Where replayed records are committed."""

    def __init__(self) -> None:
        self.rows: list[Row[Any]] = []
        self.stored: set[UUID] = set()
        self.say: Callable[[Row[Any]], State | Outcome | Exception] = self.judge
        self.hung: set[int] = set()
        self.released = asyncio.Event()

    async def commit(self, unit: Unit[Any]) -> list[Outcome]:
        (row,) = unit
        if getattr(row.record, "event_id", UUID(int=0)).int in self.hung:
            await self.released.wait()
        said = self.say(row)
        if isinstance(said, Exception):
            raise said
        outcome = said if isinstance(said, Outcome) else Outcome(state=said, record=row.record)
        if outcome.state is State.STORED:
            self.stored.add(getattr(row.record, "event_id", UUID(int=0)))
            self.rows.append(row)
        return [outcome]

    def judge(self, row: Row[Any]) -> State | Outcome:
        parent = getattr(row.record, "parent_event_id", None)
        if row.linked or parent is None or parent in self.stored:
            return State.STORED
        flaw = Flaw(pointer="/parent_event_id", message="names no event", reason="no_parent")
        return Outcome(state=State.REJECTED, flaws=(flaw,), cause="its parent is not stored")


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
                payload=AUDIT_EVENTS.encode(self.events[one]),
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
        self.primary = Health("primary", self._probe, interval=0.001)
        self.away = False
        self.sink = self.of(AUDIT_EVENTS)

    def of(self, kind: Any) -> ReplaySink[Any]:
        return ReplaySink(kind, cast("Committer[Any]", self.table), cast("Queue", self.stream), self.primary)

    async def store(self, *entries: Entry) -> list[Disposition]:
        return await self.sink.store(entries)

    async def _probe(self) -> None:
        if self.away:
            raise DatabaseUnavailableError


@pytest.fixture
async def scene() -> AsyncIterator[Scene]:
    made = Scene()
    yield made
    made.table.released.set()
    await made.primary.stop()


@pytest.mark.parametrize(
    ("said", "kind", "error"),
    [
        (State.STORED, DispositionKind.STORED, ""),
        (State.DUPLICATE, DispositionKind.DUPLICATE, ""),
        (State.CONFLICT, DispositionKind.DEAD_LETTER, "its id is stored with different content"),
        (State.UNAVAILABLE, DispositionKind.KEEP, ""),
        (State.UNKNOWN, DispositionKind.KEEP, ""),
        (Outcome(state=State.REJECTED, cause="a value is wrong"), DispositionKind.DEAD_LETTER, "a value is wrong"),
        (Outcome(state=State.UNAVAILABLE, cause="slow", alone=True), DispositionKind.DELAY, "slow"),
        (
            RepositoryError(sqlstate="42804"),
            DispositionKind.DELAY,
            "PostgreSQL failed at it (SQLSTATE 42804)",
        ),
    ],
    ids=str,
)
async def test_the_store_decides_what_becomes_of_an_entry(
    scene: Scene, said: Any, kind: DispositionKind, error: str
) -> None:
    scene.table.say = lambda _row: said
    assert await scene.store(entry(event(1))) == [Disposition(kind, error)]


async def test_what_becomes_of_one_entry_is_not_its_neighbours(scene: Scene) -> None:
    said: dict[int, Any] = {
        1: State.STORED,
        2: State.REJECTED,
        3: State.UNAVAILABLE,
        4: State.DUPLICATE,
    }
    scene.table.say = lambda row: said[row.record.event_id.int]
    dispositions = await scene.store(*(entry(event(number)) for number in said))
    assert [one.kind.name for one in dispositions] == ["STORED", "DEAD_LETTER", "KEEP", "DUPLICATE"]


async def test_a_slow_entry_does_not_hold_up_those_that_are_stored(scene: Scene) -> None:
    scene.table.hung = {2}
    dispositions = await asyncio.wait_for(scene.store(*(entry(event(number)) for number in (1, 2, 3))), 5)
    assert [one.kind.name for one in dispositions] == ["STORED", "KEEP", "STORED"]


async def test_a_notification_is_replayed_the_same_way(scene: Scene) -> None:
    notification = Notification(
        notification_id="n-1",
        remediation_id="rr-1",
        recipient="oncall",
        channel="email",
        message_summary="m",
        status="sent",
        sent_at=NOW,
    )
    entries = [
        entry(NOTIFICATION_AUDIT.encode(notification), "notification"),
        entry(b"{}", "notification"),
        entry(b"\xff\x00", "notification"),
        entry(NOTIFICATION_AUDIT.encode(notification)),
    ]
    dispositions = await scene.of(NOTIFICATION_AUDIT).store(entries)
    assert [one.kind.name for one in dispositions] == ["STORED", "DEAD_LETTER", "DEAD_LETTER", "POSTPONE"]
    assert [row.record for row in scene.table.rows] == [notification]


async def test_an_event_is_stored_as_it_was_queued_and_looked_for_first(scene: Scene) -> None:
    await scene.store(entry(event(1)))
    assert scene.table.rows == [Row(record=event(1), server_generated_id=False)]


@pytest.mark.parametrize("payload", [b"", b"[]", b"{}", b"\xff", AUDIT_EVENTS.encode(event(1))[:-1]])
async def test_a_payload_that_is_no_event_is_refused_at_once(scene: Scene, payload: bytes) -> None:
    (disposition,) = await scene.store(entry(payload))
    assert disposition.kind is DispositionKind.DEAD_LETTER
    assert disposition.error == "its payload is not an audit event"


async def test_an_entry_of_another_type_stays_for_a_version_that_knows_it(scene: Scene) -> None:
    (disposition,) = await scene.store(entry(event(1), "audit_event_v2"))
    assert disposition == Disposition(DispositionKind.POSTPONE, "unknown type 'audit_event_v2'")
    assert scene.table.rows == []


async def test_a_parent_in_the_same_batch_counts_wherever_it_stands(scene: Scene) -> None:
    parent = event(9, month=10)
    dispositions = await scene.store(entry(event(1, parent=9)), entry(parent))
    assert [one.kind for one in dispositions] == [DispositionKind.STORED] * 2
    (child,) = (row.record for row in scene.table.rows if row.record.event_id.int == 1)
    assert child.parent_event_date == parent.event_date
    assert scene.stream.asked == []


async def test_a_parent_that_is_still_queued_counts_as_there(scene: Scene) -> None:
    parent = event(9, month=10)
    scene.stream.events[str(parent.event_id)] = parent
    assert await scene.store(entry(event(1, parent=9))) == [Disposition(DispositionKind.STORED)]
    assert scene.table.rows[0].record.parent_event_date == parent.event_date


async def test_what_was_acknowledged_is_stored_though_its_parent_is_nowhere(scene: Scene) -> None:
    before = REGISTRY.get_sample_value("datastorage_dangling_parents_total") or 0
    assert await scene.store(entry(event(1, parent=9))) == [Disposition(DispositionKind.STORED)]
    assert scene.table.rows[0].record.parent_event_id == UUID(int=9)
    assert REGISTRY.get_sample_value("datastorage_dangling_parents_total") == before + 1


async def test_a_child_waits_while_the_queue_cannot_say_whether_it_holds_the_parent(scene: Scene) -> None:
    scene.stream.error = QueueUnavailableError()
    assert await scene.store(entry(event(1, parent=9))) == [Disposition(DispositionKind.KEEP)]
    assert scene.table.rows == []


async def test_it_is_ready_when_postgresql_is_back(scene: Scene) -> None:
    await asyncio.wait_for(scene.sink.ready(), 5)
    scene.away = True
    scene.primary.went_down("test")
    ready = asyncio.ensure_future(scene.sink.ready())
    await asyncio.sleep(0)
    assert not ready.done()
    scene.away = False
    await asyncio.wait_for(ready, 5)
