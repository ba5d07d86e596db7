"""Commit or queue: what goes where, when, and what a client learns of it."""

from __future__ import annotations

from collections.abc import AsyncIterator, Sequence
from datetime import UTC, date, datetime
from typing import cast
from uuid import UUID

import msgspec
import pytest

from dlq import (
    Item,
    Located,
    Queue,
    QueueConflictError,
    QueueError,
    QueueFullError,
    QueueState,
    QueueUnavailableError,
    QueueUnknownError,
)
from pipeline.committer import Committer
from pipeline.content import digest_of
from pipeline.fallback import Pipeline
from pipeline.health import Health
from pipeline.kinds import AUDIT_EVENTS
from pipeline.outcome import Flaw, Outcome, State
from pipeline.partitions import PartitionBoard, PartitionHealth
from repository.errors import DatabaseUnavailableError, PartitionUnavailableError, RepositoryError
from repository.records import AuditEvent, Row, Unit
from tests.fixtures.events import audit_event

OCTOBER, NOVEMBER = date(2026, 10, 1), date(2026, 11, 1)
EventRow = Row[AuditEvent]


def row(
    number: int, *, month: int = 11, server_generated_id: bool = True, parent: int | None = None, text: str = "{}"
) -> EventRow:
    event = audit_event(
        number,
        datetime(2026, month, 5, tzinfo=UTC),
        event_data=msgspec.Raw(text.encode()),
        parent_event_id=UUID(int=parent) if parent else None,
    )
    return Row(record=event, server_generated_id=server_generated_id)


class Table:
    """Where units are committed: takes everything, or answers what it was given, once for each try."""

    def __init__(self) -> None:
        self.tried: list[list[int]] = []
        self.answers: list[Outcome | Exception] = []
        self.states: dict[int, State] = {}

    async def commit(self, unit: Unit[AuditEvent]) -> list[Outcome]:
        self.tried.append([one.record.event_id.int for one in unit])
        if self.answers:
            answer = self.answers.pop(0)
            if isinstance(answer, Exception):
                raise answer
            return [answer] * len(unit)
        return [
            Outcome(state=self.states.get(one.record.event_id.int, State.STORED), record=one.record) for one in unit
        ]


class Stream:
    """The queue, in memory."""

    def __init__(self) -> None:
        self.items: list[Item] = []
        self.held: dict[str, Located] = {}
        self.capacity = 10
        self.replicas = 0
        self.error: QueueError | None = None
        self.enqueue_error: QueueError | None = None
        self.asked = 0

    async def locate(self, ids: Sequence[str]) -> dict[str, Located]:
        self.asked += 1
        self._answer()
        return {one: self.held[one] for one in ids if one in self.held}

    async def state(self) -> QueueState:
        self._answer()
        return QueueState(name="events", depth=len(self.items), capacity=self.capacity, dead_letters=0, oldest=None)

    async def enqueue(self, items: Sequence[Item]) -> int:
        self._answer()
        if self.enqueue_error:
            raise self.enqueue_error
        if len(self.items) + len(items) > self.capacity:
            raise QueueFullError(f"the queue holds {len(self.items)} of {self.capacity} entries")
        self.items += items
        return len(items)

    def hold(self, one: EventRow, state: str = "queued") -> None:
        self.held[str(one.record.event_id)] = Located(
            state=state,
            digest=digest_of(one.record),
            payload=b"",
            since=datetime(2026, 11, 5, tzinfo=UTC),
            attempts=0,
            last_error="",
        )

    @property
    def numbers(self) -> list[int]:
        return [UUID(item.id).int for item in self.items]

    def _answer(self) -> None:
        if self.error:
            raise self.error


class Scene:
    """A pipeline between two stores."""

    def __init__(self) -> None:
        self.table, self.stream = Table(), Stream()
        self.primary, self.queue_health = (Health(name, _down, interval=60) for name in ("primary", "queue"))
        self.months = PartitionHealth(_broken, PartitionBoard(), interval=60)
        self.pipeline = self.over(self.table)

    def over(self, table: Table) -> Pipeline[AuditEvent]:
        return Pipeline(
            AUDIT_EVENTS,
            cast("Committer[AuditEvent]", table),
            cast("Queue", self.stream),
            primary=self.primary,
            queue_health=self.queue_health,
            months=self.months,
        )

    async def record(self, *rows: EventRow) -> list[str]:
        return [outcome.state.value for outcome in await self.pipeline.record(rows)]


async def _down() -> None:
    raise DatabaseUnavailableError


async def _broken(month: date) -> None:
    raise PartitionUnavailableError(month)


@pytest.fixture
async def scene() -> AsyncIterator[Scene]:
    made = Scene()
    yield made
    await made.primary.stop()
    await made.queue_health.stop()
    await made.months.stop()


async def test_what_postgresql_takes_never_meets_the_queue(scene: Scene) -> None:
    assert await scene.record(row(1), row(2)) == ["stored", "stored"]
    assert scene.stream.items == []
    assert scene.stream.asked == 0, "ids that this process generated can be nowhere"


@pytest.mark.parametrize("state", [State.UNAVAILABLE, State.UNKNOWN])
async def test_what_postgresql_cannot_take_now_is_queued_whole_and_in_order(scene: Scene, state: State) -> None:
    scene.table.answers = [Outcome(state=state)]
    rows = [row(1), row(2, text='{"exact": 0.10, "big": 1e400}'), row(3)]
    assert await scene.record(*rows) == ["queued"] * 3
    assert scene.table.tried == [[1, 2, 3]], "once is enough"
    assert [AUDIT_EVENTS.decode(item.payload) for item in scene.stream.items] == [one.record for one in rows]
    assert [item.digest for item in scene.stream.items] == [digest_of(one.record) for one in rows]


async def test_while_postgresql_is_considered_down_it_is_not_asked(scene: Scene) -> None:
    scene.primary.went_down("test")
    assert await scene.record(row(1)) == ["queued"]
    assert scene.table.tried == []


async def test_what_is_rejected_is_never_queued(scene: Scene) -> None:
    flaw = Flaw(pointer="", message="wrong", reason="storage")
    scene.table.answers = [Outcome(state=State.REJECTED, flaws=(flaw,))]
    assert await scene.record(row(1)) == ["rejected"]
    assert scene.stream.items == []


async def test_a_defect_of_ours_is_its_callers_to_see_and_nothing_is_queued(scene: Scene) -> None:
    scene.table.answers = [RepositoryError(sqlstate="42804")]
    with pytest.raises(RepositoryError):
        await scene.record(row(1))
    assert scene.stream.items == []


@pytest.mark.parametrize(
    ("tried", "error", "state"),
    [
        (State.UNAVAILABLE, QueueUnavailableError(), "unavailable"),
        (State.UNAVAILABLE, QueueFullError(), "unavailable"),
        (State.UNAVAILABLE, QueueUnknownError(), "unknown"),
        (State.UNKNOWN, QueueUnavailableError(), "unknown"),
        (State.UNKNOWN, QueueFullError(), "unknown"),
        (State.UNKNOWN, QueueUnknownError(), "unknown"),
        (State.UNKNOWN, QueueConflictError([str(UUID(int=1))]), "unknown"),
    ],
    ids=lambda value: getattr(value, "value", type(value).__name__),
)
async def test_unknown_stays_unknown_and_unavailable_is_said_only_when_nothing_was_kept(
    scene: Scene, tried: State, error: QueueError, state: str
) -> None:
    scene.table.answers = [Outcome(state=tried)]
    scene.stream.enqueue_error = error
    assert await scene.record(row(1), row(2)) == [state, state]
    assert scene.stream.items == []


async def test_a_full_queue_takes_nothing_of_a_unit_that_does_not_fit_whole(scene: Scene) -> None:
    scene.primary.went_down("test")
    await scene.record(*map(row, range(1, 9)))
    outcomes = await scene.pipeline.record([row(9), row(10), row(11)])
    assert {outcome.state for outcome in outcomes} == {State.UNAVAILABLE}
    assert "holds 8 of 10" in outcomes[0].cause
    assert scene.stream.numbers == list(range(1, 9))


async def test_only_a_broken_months_events_are_queued(scene: Scene) -> None:
    scene.months.failed(OCTOBER)
    assert await scene.record(row(1), row(2, month=10), row(3)) == ["stored", "queued", "stored"]
    assert (scene.table.tried, scene.stream.numbers) == ([[1, 3]], [2])


async def test_a_month_that_breaks_at_this_write_takes_only_its_own_with_it(scene: Scene) -> None:
    class Breaking(Table):
        async def commit(self, unit: Unit[AuditEvent]) -> list[Outcome]:
            if not self.tried:
                scene.months.failed(OCTOBER)  # as the committer does
                self.answers = [Outcome(state=State.UNAVAILABLE, month=OCTOBER)]
            return await super().commit(unit)

    table = Breaking()
    outcomes = await scene.over(table).record([row(1, month=10), row(2)])
    assert [outcome.state.value for outcome in outcomes] == ["queued", "stored"]
    assert (table.tried, scene.stream.numbers) == ([[1, 2], [2]], [1])


async def test_descendants_of_a_broken_months_event_follow_it_into_the_queue(scene: Scene) -> None:
    scene.months.failed(OCTOBER)
    rows = [row(1, month=10), row(2, parent=1), row(3), row(4, parent=2), row(5, parent=3)]
    assert await scene.record(*rows) == ["queued", "queued", "stored", "queued", "stored"]
    assert (scene.table.tried, scene.stream.numbers) == ([[3, 5]], [1, 2, 4])


@pytest.mark.parametrize("known", [True, False])
async def test_no_parent_is_missed_while_the_queue_does_not_say_whether_it_holds_it(
    scene: Scene, *, known: bool
) -> None:
    if known:
        scene.queue_health.went_down("test")
    scene.stream.error = QueueUnavailableError()
    orphan = Outcome(state=State.REJECTED, flaws=(Flaw(pointer="/parent_event_id", message="", reason="no_parent"),))
    scene.table.answers = [orphan]
    assert await scene.record(row(2, parent=1)) == ["unavailable"]
    scene.stream.error = None
    scene.table.answers = [orphan]
    assert await scene.over(scene.table).record([row(3)]) == [orphan], "who has no parent is not concerned"


async def test_without_a_working_month_postgresql_is_not_asked(scene: Scene) -> None:
    scene.months.failed(OCTOBER)
    scene.months.failed(NOVEMBER)
    assert await scene.record(row(1, month=10), row(2)) == ["queued", "queued"]
    assert scene.table.tried == []


@pytest.mark.parametrize("error", [None, QueueUnavailableError()], ids=["full", "down"])
async def test_nothing_is_committed_of_what_the_queue_could_not_complete(
    scene: Scene, error: QueueError | None
) -> None:
    scene.months.failed(OCTOBER)
    scene.stream.capacity, scene.stream.error = 0, error
    assert await scene.record(row(1), row(2, month=10)) == ["unavailable", "unavailable"]
    assert scene.table.tried == []


@pytest.mark.parametrize(
    "error",
    [QueueFullError(), QueueUnknownError(), QueueConflictError([str(UUID(int=2))])],
    ids=lambda error: type(error).__name__,
)
async def test_whatever_the_queue_says_after_a_part_was_committed_the_batch_is_unknown(
    scene: Scene, error: QueueError
) -> None:
    scene.months.failed(OCTOBER)
    scene.stream.enqueue_error = error
    assert await scene.record(row(1), row(2, month=10)) == ["unknown", "unknown"]
    assert scene.table.tried == [[1]]


async def test_a_unit_in_conflict_is_not_completed_in_the_queue(scene: Scene) -> None:
    scene.months.failed(OCTOBER)
    scene.table.states = {1: State.CONFLICT}
    assert (await scene.record(row(1, server_generated_id=False), row(2, month=10)))[0] == "conflict"
    assert scene.stream.items == []


async def test_an_id_that_is_queued_already_is_acknowledged_again_and_not_written_beside_it(scene: Scene) -> None:
    scene.stream.hold(row(1, text='{"a": 1.0}'))
    again = row(1, server_generated_id=False, text='{"a": 1}')
    assert await scene.record(again, row(2, server_generated_id=False)) == ["queued", "stored"]
    assert (scene.table.tried, scene.stream.items) == ([[2]], [])


async def test_an_id_that_is_queued_but_perhaps_on_no_replica_is_not_acknowledged(scene: Scene) -> None:
    scene.stream.replicas = 1
    scene.stream.hold(row(1))
    scene.stream.enqueue_error = QueueUnknownError()
    again = row(1, server_generated_id=False), row(2)
    assert await scene.record(*again) == ["unknown", "unknown"]
    assert scene.table.tried == []
    scene.stream.enqueue_error = None
    assert await scene.record(*again) == ["queued", "stored"]


async def test_an_id_that_is_queued_with_other_content_is_a_conflict_and_nothing_is_written(scene: Scene) -> None:
    scene.stream.hold(row(1, text='{"a": 1}'))
    states = await scene.record(row(1, server_generated_id=False, text='{"a": 2}'), row(2))
    assert states[0] == "conflict"
    assert (scene.table.tried, scene.stream.items) == ([], [])


async def test_an_id_that_comes_into_the_queue_meanwhile_with_other_content_is_a_conflict(scene: Scene) -> None:
    scene.primary.went_down("test")
    scene.stream.enqueue_error = QueueConflictError([str(UUID(int=1))])
    assert (await scene.record(row(1, server_generated_id=False), row(2)))[0] == "conflict"
    assert scene.stream.items == []


async def test_a_dead_letter_does_not_keep_its_id_from_being_stored(scene: Scene) -> None:
    scene.stream.hold(row(1), state="dead_letter")
    assert await scene.record(row(1, server_generated_id=False)) == ["stored"]


async def test_descendants_follow_a_queued_parent_and_their_neighbours_do_not(scene: Scene) -> None:
    scene.stream.hold(row(9))
    assert await scene.record(row(1, parent=9), row(2, parent=1), row(3)) == ["queued", "queued", "stored"]
    assert (scene.table.tried, scene.stream.numbers) == ([[3]], [1, 2])


async def test_a_queue_that_does_not_answer_is_not_waited_for_again_at_once(scene: Scene) -> None:
    scene.stream.error = QueueUnavailableError()
    for number in range(1, 6):
        assert await scene.record(row(number, server_generated_id=False)) == ["stored"]
    assert scene.stream.asked == 1
