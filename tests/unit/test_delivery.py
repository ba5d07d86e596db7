"""Commit or queue: what goes where, when, and what a client learns of it."""

from __future__ import annotations

from collections.abc import AsyncIterator, Sequence
from datetime import UTC, date, datetime
from typing import Any, cast
from uuid import UUID

import msgspec
import pytest

from audit.breaker import Breaker
from audit.content import digest_of
from audit.delivery import Delivery, decode_event
from audit.partition_health import PartitionHealth
from dlq import Item, Located, Queue, QueueConflictError, QueueError, QueueFullError, QueueState, QueueUnavailableError
from repository.audit_events import Entry, Row, Verdict
from repository.errors import (
    CommitUnknownError,
    DatabaseUnavailableError,
    InvalidDataError,
    PartitionUnavailableError,
    QueryTimeoutError,
    RepositoryError,
    TransientError,
)
from tests.fixtures.events import audit_event

OCTOBER, NOVEMBER = date(2026, 10, 1), date(2026, 11, 1)


def row(
    number: int, *, month: int = 11, server_generated_id: bool = True, parent: int | None = None, text: str = "{}"
) -> Row:
    event = audit_event(
        number,
        datetime(2026, month, 5, tzinfo=UTC),
        event_data=msgspec.Raw(text.encode()),
        parent_event_id=UUID(int=parent) if parent else None,
    )
    return Row(event=event, server_generated_id=server_generated_id)


class Table:
    """Where entries are committed: takes everything, or fails with the errors it was given, one for each try."""

    def __init__(self) -> None:
        self.tried: list[list[int]] = []
        self.errors: list[Exception] = []
        self.verdicts: dict[int, Verdict] = {}

    async def commit(self, entry: Entry) -> list[Verdict]:
        self.tried.append([one.event.event_id.int for one in entry])
        if self.errors:
            raise self.errors.pop(0)
        return [self.verdicts.get(number, "created") for number in self.tried[-1]]


class Stream:
    """The queue, in memory."""

    def __init__(self) -> None:
        self.items: list[Item] = []
        self.held: dict[str, Located] = {}
        self.capacity = 10
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

    def hold(self, one: Row, state: str = "queued") -> None:
        self.held[str(one.event.event_id)] = Located(
            state=state,
            digest=digest_of(one.event),
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
    """A delivery between two stores."""

    def __init__(self) -> None:
        self.table, self.stream = Table(), Stream()
        self.breaker = Breaker(_away, threshold=1, interval=60)
        self.months = PartitionHealth(_broken, interval=60)
        self.delivery = Delivery(self.table, cast("Queue", self.stream), self.breaker, self.months)

    async def commit(self, *rows: Row) -> list[Any]:
        return list(await self.delivery.commit(rows))


async def _away() -> None:
    raise DatabaseUnavailableError


async def _broken(month: date) -> None:
    raise PartitionUnavailableError(month)


@pytest.fixture
async def scene() -> AsyncIterator[Scene]:
    made = Scene()
    yield made
    await made.breaker.stop()
    await made.months.stop()


async def test_what_postgresql_takes_never_meets_the_queue(scene: Scene) -> None:
    assert await scene.commit(row(1), row(2)) == ["created", "created"]
    assert scene.stream.items == []
    assert scene.stream.asked == 0, "ids that this process generated can be nowhere"


@pytest.mark.parametrize(
    "error",
    [DatabaseUnavailableError(), CommitUnknownError(), TransientError(sqlstate="40001"), QueryTimeoutError()],
    ids=lambda error: type(error).__name__,
)
async def test_what_postgresql_cannot_take_now_is_queued_whole_and_in_order(scene: Scene, error: Exception) -> None:
    scene.table.errors = [error]
    rows = [row(1), row(2, text='{"exact": 0.10, "big": 1e400}'), row(3)]
    assert await scene.commit(*rows) == ["queued"] * 3
    assert scene.table.tried == [[1, 2, 3]], "once is enough"
    assert [decode_event(item.payload) for item in scene.stream.items] == [one.event for one in rows]
    assert [item.digest for item in scene.stream.items] == [digest_of(one.event) for one in rows]


async def test_while_the_breaker_is_open_postgresql_is_not_asked(scene: Scene) -> None:
    scene.breaker.failure()
    assert await scene.commit(row(1)) == ["queued"]
    assert scene.table.tried == []


@pytest.mark.parametrize("error", [InvalidDataError(sqlstate="22001"), RepositoryError(sqlstate="42804")])
async def test_wrong_data_and_our_own_defects_are_never_queued(scene: Scene, error: Exception) -> None:
    scene.table.errors = [error]
    with pytest.raises(type(error)):
        await scene.commit(row(1))
    assert scene.stream.items == []


async def test_with_both_stores_away_nothing_is_kept_and_both_are_named(scene: Scene) -> None:
    scene.table.errors = [DatabaseUnavailableError()]
    scene.stream.error = QueueUnavailableError()
    with pytest.raises(DatabaseUnavailableError, match="PostgreSQL does not take records now, and the queue neither"):
        await scene.commit(row(1))
    assert scene.stream.items == []


async def test_a_full_queue_takes_nothing_of_an_entry_that_does_not_fit_whole(scene: Scene) -> None:
    scene.breaker.failure()
    await scene.commit(*map(row, range(1, 9)))
    with pytest.raises(DatabaseUnavailableError, match="holds 8 of 10"):
        await scene.commit(row(9), row(10), row(11))
    assert scene.stream.numbers == list(range(1, 9))


async def test_only_a_broken_months_events_are_queued(scene: Scene) -> None:
    scene.months.failed(OCTOBER)
    assert await scene.commit(row(1), row(2, month=10), row(3)) == ["created", "queued", "created"]
    assert (scene.table.tried, scene.stream.numbers) == ([[1, 3]], [2])


async def test_a_month_that_breaks_at_this_write_takes_only_its_own_with_it(scene: Scene) -> None:
    class Breaking(Table):
        async def commit(self, entry: Entry) -> list[Verdict]:
            if not self.tried:
                scene.months.failed(OCTOBER)  # as the committer does
                self.errors = [PartitionUnavailableError(OCTOBER)]
            return await super().commit(entry)

    table = Breaking()
    delivery = Delivery(table, cast("Queue", scene.stream), scene.breaker, scene.months)
    assert await delivery.commit([row(1, month=10), row(2)]) == ["queued", "created"]
    assert (table.tried, scene.stream.numbers) == ([[1, 2], [2]], [1])


async def test_without_a_working_month_postgresql_is_not_asked(scene: Scene) -> None:
    scene.months.failed(OCTOBER)
    scene.months.failed(NOVEMBER)
    assert await scene.commit(row(1, month=10), row(2)) == ["queued", "queued"]
    assert scene.table.tried == []


@pytest.mark.parametrize("error", [None, QueueUnavailableError()], ids=["full", "away"])
async def test_nothing_is_committed_of_what_the_queue_could_not_complete(
    scene: Scene, error: QueueError | None
) -> None:
    scene.months.failed(OCTOBER)
    scene.stream.capacity, scene.stream.error = 0, error
    with pytest.raises(DatabaseUnavailableError):
        await scene.commit(row(1), row(2, month=10))
    assert scene.table.tried == []


async def test_a_queue_that_refuses_after_the_commit_leaves_it_said_that_a_part_is_stored(scene: Scene) -> None:
    scene.months.failed(OCTOBER)
    scene.stream.enqueue_error = QueueFullError()
    with pytest.raises(CommitUnknownError, match="A part of this is stored"):
        await scene.commit(row(1), row(2, month=10))
    assert scene.table.tried == [[1]]


async def test_an_entry_in_conflict_is_not_completed_in_the_queue(scene: Scene) -> None:
    scene.months.failed(OCTOBER)
    scene.table.verdicts = {1: "conflict"}
    assert (await scene.commit(row(1, server_generated_id=False), row(2, month=10)))[0] == "conflict"
    assert scene.stream.items == []


async def test_an_id_that_is_queued_already_is_acknowledged_again_and_not_written_beside_it(scene: Scene) -> None:
    scene.stream.hold(row(1, text='{"a": 1.0}'))
    again = row(1, server_generated_id=False, text='{"a": 1}')
    assert await scene.commit(again, row(2, server_generated_id=False)) == ["queued", "created"]
    assert (scene.table.tried, scene.stream.items) == ([[2]], [])


async def test_an_id_that_is_queued_with_other_content_is_a_conflict_and_nothing_is_written(scene: Scene) -> None:
    scene.stream.hold(row(1, text='{"a": 1}'))
    fates = await scene.commit(row(1, server_generated_id=False, text='{"a": 2}'), row(2))
    assert fates[0] == "conflict"
    assert (scene.table.tried, scene.stream.items) == ([], [])


async def test_an_id_that_comes_into_the_queue_meanwhile_with_other_content_is_a_conflict(scene: Scene) -> None:
    scene.breaker.failure()
    scene.stream.enqueue_error = QueueConflictError([str(UUID(int=1))])
    assert (await scene.commit(row(1, server_generated_id=False), row(2)))[0] == "conflict"
    assert scene.stream.items == []


async def test_a_dead_letter_does_not_keep_its_id_from_being_stored(scene: Scene) -> None:
    scene.stream.hold(row(1), state="dead_letter")
    assert await scene.commit(row(1, server_generated_id=False)) == ["created"]


async def test_descendants_follow_a_queued_parent_and_their_neighbours_do_not(scene: Scene) -> None:
    scene.stream.hold(row(9))
    fates = await scene.commit(row(1, parent=9), row(2, parent=1), row(3))
    assert fates == ["queued", "queued", "created"]
    assert (scene.table.tried, scene.stream.numbers) == ([[3]], [1, 2])


async def test_a_queue_that_does_not_answer_is_not_waited_for_again_at_once(scene: Scene) -> None:
    scene.stream.error = QueueUnavailableError()
    for number in range(1, 6):
        assert await scene.commit(row(number, server_generated_id=False)) == ["created"]
    assert scene.stream.asked == 1
