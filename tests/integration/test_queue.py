"""The queue on a real server: all or nothing, never trimmed, nothing lost on the way to its store."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable, Sequence
from contextlib import asynccontextmanager
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from redis.asyncio import Redis

from datastorage.settings import Settings
from dlq import (
    EVENTS,
    DeadLetters,
    Disposition,
    DispositionKind,
    Entry,
    Item,
    Queue,
    QueueConflictError,
    QueueFullError,
    QueueUnavailableError,
    QueueUnknownError,
    ReplayWorker,
    RequeueOutcome,
    WorkerSettings,
    blocking_client,
    command_client,
    durability_deficits,
)
from dlq.worker import consumer_name
from tests.fixtures.awaiting import eventually
from tests.fixtures.controlled import Controlled
from tests.fixtures.proxy import OpenProxy

STORED = Disposition(DispositionKind.STORED)


class Clock:
    """The real time, moved on by hand."""

    def __init__(self) -> None:
        self.ahead = timedelta()

    def __call__(self) -> datetime:
        return datetime.now(UTC) + self.ahead

    def advance(self, seconds: float) -> None:
        self.ahead += timedelta(seconds=seconds)


class Store:
    """A sink that stores what its rule lets it."""

    def __init__(self) -> None:
        self.stored: list[str] = []
        self.batches: list[list[str]] = []
        self.rule: Callable[[Entry], Disposition] = lambda _entry: STORED
        self.open = asyncio.Event()
        self.open.set()

    def ready(self) -> Awaitable[Any]:
        return self.open.wait()

    async def store(self, entries: Sequence[Entry]) -> list[Disposition]:
        self.batches.append([entry.id for entry in entries])
        dispositions = [self.rule(entry) for entry in entries]
        self.stored += [
            entry.id
            for entry, disposition in zip(entries, dispositions, strict=True)
            if disposition.kind is DispositionKind.STORED
        ]
        return dispositions


def item(number: int, digest: str = "d") -> Item:
    return Item(id=f"id-{number:05}", digest=digest, payload=f'{{"n":{number}}}'.encode())


def items(count: int) -> list[Item]:
    return [item(number) for number in range(count)]


def ids(count: int) -> list[str]:
    return [one.id for one in items(count)]


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
async def client(queue_url: str) -> AsyncIterator[Redis]:
    opened = command_client(queue_url, timeout=2)
    yield opened
    await opened.aclose()


@pytest.fixture
async def reader(queue_url: str) -> AsyncIterator[Redis]:
    opened = blocking_client(queue_url, timeout=2)
    yield opened
    await opened.aclose()


@pytest.fixture
async def queue(client: Redis, clock: Clock) -> Queue:
    made = Queue(client, EVENTS, capacity=200, timeout=2, clock=clock)
    await made.ensure_group()
    return made


@pytest.fixture
def store() -> Store:
    return Store()


@asynccontextmanager
async def replaying(
    queue: Queue, reader: Redis, sink: Store, clock: Clock, **settings: Any
) -> AsyncIterator[ReplayWorker]:
    options = WorkerSettings(**{"batch": 50, "backoff": (60, 300, 900), "claim_idle": 30, **settings})
    worker = ReplayWorker(queue, reader, sink, options, clock=clock, consumer=consumer_name())
    worker.start()
    try:
        yield worker
    finally:
        await worker.stop()


async def depth(queue: Queue) -> int:
    return (await queue.state()).depth


async def test_a_batch_goes_in_whole_with_its_index(queue: Queue, client: Redis) -> None:
    assert await queue.enqueue(items(3)) == 3
    assert await client.xlen("audit:dlq:events") == 3
    found = await queue.locate([*ids(3), "another"])
    assert list(found) == ids(3)
    assert found["id-00001"].state == "queued"
    assert found["id-00001"].payload == b'{"n":1}'


async def test_an_entry_carries_every_field_that_replay_needs(queue: Queue, client: Redis) -> None:
    await queue.enqueue([item(7)])
    ((_, fields),) = await client.xrange("audit:dlq:events")
    assert set(fields) == {b"type", b"id", b"digest", b"enqueued_at", b"attempts", b"due_at", b"last_error", b"payload"}
    assert fields[b"type"] == b"audit_event"


async def test_the_same_id_and_content_twice_is_one_entry(queue: Queue) -> None:
    await queue.enqueue(items(2))
    assert await queue.enqueue([item(1), item(2), item(2)]) == 1
    assert await depth(queue) == 3


async def test_the_same_id_with_other_content_is_a_conflict_and_nothing_of_its_batch_goes_in(queue: Queue) -> None:
    await queue.enqueue([item(1)])
    with pytest.raises(QueueConflictError) as caught:
        await queue.enqueue([item(0), item(1, "other")])
    assert caught.value.ids == ("id-00001",)
    assert await depth(queue) == 1


async def test_a_full_queue_takes_nothing_and_trims_nothing(queue: Queue) -> None:
    await queue.enqueue(items(199))
    with pytest.raises(QueueFullError, match="199 of 200"):
        await queue.enqueue([item(300), item(301)])
    await queue.enqueue([item(300)])
    with pytest.raises(QueueFullError):
        await queue.enqueue([item(301)])
    assert await depth(queue) == 200
    assert await queue.enqueue([item(5)]) == 0, "what is queued already is acknowledged again, also at capacity"


async def test_concurrent_batches_never_exceed_the_capacity(queue: Queue) -> None:
    batches = [[item(100 * batch + number) for number in range(30)] for batch in range(20)]
    results = await asyncio.gather(*(queue.enqueue(batch) for batch in batches), return_exceptions=True)
    assert sum(isinstance(result, QueueFullError) for result in results) == 14
    assert await depth(queue) == 180


async def test_a_clock_that_is_not_redis_clock_refuses_nothing(client: Redis, clock: Clock) -> None:
    clock.advance(-3600)
    queue = Queue(client, EVENTS, capacity=10, timeout=0.5, clock=clock)
    assert await queue.enqueue(items(2)) == 2


async def test_a_command_that_a_hung_redis_reads_later_does_nothing(own_valkey: Controlled, clock: Clock) -> None:
    client = command_client(own_valkey.url, timeout=2)
    queue = Queue(client, EVENTS, capacity=10, timeout=0.2, clock=clock)
    await queue.enqueue([item(0)])
    own_valkey.pause()
    with pytest.raises(QueueUnknownError):
        await queue.enqueue([item(1)])
    own_valkey.resume()
    await eventually(client.ping)
    await queue.enqueue([item(2)])
    assert await depth(queue) == 2
    assert await queue.locate([item(1).id]) == {}
    await client.aclose()


async def test_a_reply_that_is_late_is_asked_for_by_id_before_anybody_is_told(
    queue_url: str, client: Redis, open_proxy: OpenProxy, clock: Clock
) -> None:
    proxy = open_proxy(queue_url)
    slow = command_client(proxy.url(queue_url), timeout=5)
    queue = Queue(slow, EVENTS, capacity=10, timeout=1.0, clock=clock)
    await queue.enqueue([item(0)])
    proxy.delay(0.7)
    asked = asyncio.create_task(queue.enqueue([item(1)]))

    async def arrived() -> bool:
        return int(await client.xlen("audit:dlq:events")) == 2

    await eventually(arrived)
    proxy.delay(0)
    assert await asked == 0, "the second question finds what the first one did"
    assert await arrived()
    await slow.aclose()


async def test_a_redis_that_is_gone_is_reported_within_the_timeout_and_found_again(
    own_valkey: Controlled, clock: Clock
) -> None:
    client = command_client(own_valkey.url, timeout=0.5)
    queue = Queue(client, EVENTS, capacity=10, timeout=0.5, clock=clock)
    await queue.enqueue([item(0)])
    own_valkey.kill()
    before = clock()
    with pytest.raises((QueueUnavailableError, QueueUnknownError)):  # unknown if the old connection took the command
        await queue.enqueue([item(1)])
    with pytest.raises(QueueUnavailableError):
        await queue.enqueue([item(1)])
    assert clock() - before < timedelta(seconds=1)
    own_valkey.start()
    assert await queue.enqueue([item(1)]) == 1
    assert await depth(queue) == 2, "the entry of before the crash is on disk"
    await client.aclose()


async def test_a_backlog_is_replayed_oldest_first_and_the_depth_returns_to_zero(
    queue: Queue, reader: Redis, client: Redis, store: Store, clock: Clock
) -> None:
    await queue.enqueue(items(170))
    async with replaying(queue, reader, store, clock):
        await eventually(lambda: len(store.stored) == 170)
        await eventually(lambda: _is(depth(queue), 0))
    assert store.stored == ids(170)
    assert await client.hlen("audit:dlq:events:index") == 0


async def _is(value: Awaitable[int], wanted: int) -> bool:
    return await value == wanted


async def test_what_is_queued_while_the_worker_waits_is_replayed_at_once(
    queue: Queue, reader: Redis, store: Store, clock: Clock
) -> None:
    async with replaying(queue, reader, store, clock):
        await queue.enqueue([item(1)])
        await eventually(lambda: store.stored == ids(2)[1:], timeout=0.5)


async def test_nothing_is_read_while_the_store_is_away_and_all_of_it_when_it_is_back(
    queue: Queue, reader: Redis, store: Store, clock: Clock
) -> None:
    store.open.clear()
    async with replaying(queue, reader, store, clock):
        await queue.enqueue(items(120))
        assert store.batches == []
        store.open.set()
        await eventually(lambda: store.stored == ids(120))


async def test_entries_that_the_store_holds_up_stay_and_are_stored_in_order_later(
    queue: Queue, reader: Redis, store: Store, clock: Clock
) -> None:
    store.rule = lambda _entry: Disposition(DispositionKind.KEEP)
    await queue.enqueue(items(120))
    async with replaying(queue, reader, store, clock):
        await eventually(lambda: len(store.batches) >= 4)
        assert await depth(queue) == 120
        assert (await queue.locate(["id-00000"]))["id-00000"].attempts == 0
        store.rule = lambda _entry: STORED
        await eventually(lambda: sorted(store.stored) == ids(120))


async def test_held_entries_do_not_stand_in_the_way_of_others(
    queue: Queue, reader: Redis, store: Store, clock: Clock
) -> None:
    store.rule = lambda entry: Disposition(DispositionKind.KEEP) if int(entry.id[3:]) % 2 else STORED
    await queue.enqueue(items(150))
    async with replaying(queue, reader, store, clock):
        await eventually(lambda: len(store.stored) == 75)
        store.rule = lambda _entry: STORED
        await eventually(lambda: len(store.stored) == 150)
    assert store.stored[:75] == ids(150)[::2]
    assert store.stored[75:] == ids(150)[1::2]


async def test_an_entry_not_due_at_its_first_read_is_stored_when_it_is(
    queue: Queue, reader: Redis, store: Store, clock: Clock
) -> None:
    store.rule = lambda _entry: Disposition(DispositionKind.DELAY, "refused today")
    await queue.enqueue([item(1)])
    async with replaying(queue, reader, store, clock):
        await eventually(lambda: _attempts(queue, 1))
        store.rule = lambda _entry: STORED
        clock.advance(59)
        await queue.enqueue([item(2)])
        await eventually(lambda: store.stored == ["id-00002"])
        clock.advance(2)
        await eventually(lambda: store.stored == ["id-00002", "id-00001"])


async def _attempts(queue: Queue, number: int) -> int:
    found = await queue.locate([item(number).id])
    return found[item(number).id].attempts if found else 0


async def test_an_entry_that_waits_for_its_time_outlives_its_worker(
    queue: Queue, reader: Redis, store: Store, clock: Clock
) -> None:
    store.rule = lambda _entry: Disposition(DispositionKind.DELAY, "refused today")
    await queue.enqueue([item(1)])
    async with replaying(queue, reader, store, clock):
        await eventually(lambda: _attempts(queue, 1))
    store.rule = lambda _entry: STORED
    clock.advance(61)
    async with replaying(queue, reader, store, clock):
        await eventually(lambda: store.stored == ["id-00001"])


async def test_after_its_last_try_an_entry_is_a_dead_letter_with_its_error_and_receipt(
    queue: Queue, reader: Redis, client: Redis, store: Store, clock: Clock
) -> None:
    store.rule = lambda _entry: Disposition(DispositionKind.DELAY, "no" * 300)
    await queue.enqueue([item(1)])
    async with replaying(queue, reader, store, clock, backoff=(60, 300)):
        for failures in (1, 2):
            await eventually(lambda failures=failures: _is(_attempts(queue, 1), failures))
            clock.advance(400)
        await eventually(lambda: _is_dead(queue, 1))
    located = (await queue.locate([item(1).id]))[item(1).id]
    assert (located.state, located.attempts, located.last_error) == ("dead_letter", 3, "no" * 128)
    assert await depth(queue) == 0
    assert await client.hlen("audit:dlq:events:index") == 0


async def test_the_pauses_grow_from_a_minute_to_a_day_and_then_it_is_a_dead_letter(
    queue: Queue, reader: Redis, client: Redis, store: Store, clock: Clock
) -> None:
    """Each of the six pauses is kept and followed by a try; the seventh failure is the last (decision 0041)."""
    ladder = Settings.model_fields["dlq_backoff"].default
    assert ladder == (60, 300, 900, 3600, 14400, 86400)
    store.rule = lambda entry: Disposition(DispositionKind.DELAY, "no") if entry.id == "id-00000" else STORED
    await queue.enqueue([item(0)])
    async with replaying(queue, reader, store, clock, backoff=ladder):
        for failures, pause in enumerate(ladder, start=1):
            await eventually(lambda failures=failures: _is(_attempts(queue, 0), failures))
            assert pause - 10 < await _due_in(client, clock) <= pause
            clock.advance(pause - 20)
            await queue.enqueue([item(failures)])
            await eventually(lambda failures=failures: item(failures).id in store.stored)
            assert await _attempts(queue, 0) == failures, "not before its time"
            clock.advance(21)
        await eventually(lambda: _is_dead(queue, 0))
    assert sum("id-00000" in batch for batch in store.batches) == len(ladder) + 1
    assert (await queue.locate(["id-00000"]))["id-00000"].attempts == len(ladder) + 1


async def _due_in(client: Redis, clock: Clock) -> float:
    """Seconds until the only entry of the stream is due."""
    ((_, fields),) = await client.xrange("audit:dlq:events")
    return float(int(fields[b"due_at"]) / 1000 - clock().timestamp())


async def _is_dead(queue: Queue, number: int) -> bool:
    found = await queue.locate([item(number).id])
    return bool(found) and found[item(number).id].state == "dead_letter"


async def test_a_poisoned_entry_never_holds_up_its_neighbours(
    queue: Queue, reader: Redis, store: Store, clock: Clock
) -> None:
    def rule(entry: Entry) -> Disposition:
        if entry.id == "id-00031":
            raise RuntimeError("a defect")
        return Disposition(DispositionKind.DEAD_LETTER, "too long") if entry.id == "id-00077" else STORED

    store.rule = rule
    await queue.enqueue(items(100))
    async with replaying(queue, reader, store, clock):
        await eventually(lambda: len(set(store.stored)) == 98)
        await eventually(lambda: _is_dead(queue, 77))
        await eventually(lambda: _attempts(queue, 31))
    assert (await queue.locate(["id-00031"]))["id-00031"].state == "queued"


async def test_an_unparseable_entry_is_a_dead_letter_and_not_skipped(
    queue: Queue, reader: Redis, client: Redis, store: Store, clock: Clock
) -> None:
    await client.xadd("audit:dlq:events", {"garbage": b"\xff\x00"})
    await queue.enqueue([item(1)])
    async with replaying(queue, reader, store, clock):
        await eventually(lambda: store.stored == ["id-00001"])
        await eventually(lambda: client.xlen("audit:dead-letter:events"))
    (letter,) = await DeadLetters(client, queue).page(limit=10)
    assert (letter.type, letter.payload, letter.enqueued_at) == ("", b"", None)
    assert "lacks the field" in letter.last_error


@pytest.mark.parametrize("enqueued_at", [b"", b"yesterday", b"9" * 20, b"\xb2", b"-1e3"], ids=repr)
async def test_an_entry_with_an_impossible_time_hides_neither_the_queue_nor_the_dead_letters(
    queue: Queue, reader: Redis, client: Redis, store: Store, clock: Clock, enqueued_at: bytes
) -> None:
    numbers = dict.fromkeys((b"attempts", b"due_at"), b"0")
    fields = dict.fromkeys((b"type", b"id", b"digest", b"last_error", b"payload"), b"x")
    await client.xadd("audit:dlq:events", fields | numbers | {b"enqueued_at": enqueued_at})
    await queue.enqueue([item(1)])
    state = await queue.state()
    assert (state.depth, state.oldest) == (2, None)
    async with replaying(queue, reader, store, clock):
        await eventually(lambda: store.stored == ["id-00001"])
        await eventually(lambda: _is(_dead_count(queue), 1))
    letters = DeadLetters(client, queue)
    (letter,) = await letters.page(limit=10)
    assert (letter.id, letter.enqueued_at, letter.last_error) == ("x", None, "a field of the entry is malformed")
    assert (await queue.locate(["x"]))["x"].state == "dead_letter"
    assert await letters.discard(letter.letter_id)


async def test_an_entry_of_an_unknown_type_stays_and_uses_up_no_attempt(
    queue: Queue, reader: Redis, store: Store, clock: Clock
) -> None:
    store.rule = lambda _entry: Disposition(DispositionKind.POSTPONE, "unknown type")
    await queue.enqueue([item(1)])
    async with replaying(queue, reader, store, clock, backoff=(60,)):
        for seen in (1, 2, 3):
            await eventually(lambda seen=seen: len(store.batches) >= seen)
            clock.advance(61)
    located = (await queue.locate([item(1).id]))[item(1).id]
    assert (located.state, located.attempts) == ("queued", 0)


async def test_sixty_orphaned_entries_are_all_taken_over(
    queue: Queue, reader: Redis, client: Redis, store: Store, clock: Clock
) -> None:
    await queue.enqueue(items(60))
    await client.xreadgroup("replay", "died", {"audit:dlq:events": ">"}, count=60)
    async with replaying(queue, reader, store, clock, batch=20, claim_idle=0.05):
        await eventually(lambda: sorted(set(store.stored)) == ids(60))
    assert await depth(queue) == 0


async def test_a_worker_that_stops_hands_its_entries_over_at_once(
    queue: Queue, reader: Redis, client: Redis, store: Store, clock: Clock
) -> None:
    store.rule = lambda _entry: Disposition(DispositionKind.KEEP)
    await queue.enqueue(items(30))
    async with replaying(queue, reader, store, clock):
        await eventually(lambda: store.batches)
    assert await depth(queue) == 30, "nothing is deleted that was not stored"
    store.rule = lambda _entry: STORED
    async with replaying(queue, reader, store, clock, claim_idle=3600):
        await eventually(lambda: store.stored == ids(30))
    consumers = {one["name"] for one in await client.xinfo_consumers("audit:dlq:events", "replay")}
    assert consumers == {b"released"}


async def test_two_workers_have_distinct_names_and_share_the_work_without_doubling_it(
    queue: Queue, reader: Redis, queue_url: str, store: Store, clock: Clock
) -> None:
    other = blocking_client(queue_url, timeout=2)
    async with replaying(queue, reader, store, clock) as one, replaying(queue, other, store, clock) as two:
        await queue.enqueue(items(200))
        await eventually(lambda: len(store.stored) == 200)
    assert one.consumer != two.consumer
    assert sorted(store.stored) == ids(200)
    await other.aclose()


async def test_a_group_that_vanishes_is_made_anew_and_nothing_is_missed(
    queue: Queue, reader: Redis, client: Redis, store: Store, clock: Clock
) -> None:
    async with replaying(queue, reader, store, clock):
        await queue.enqueue([item(1)])
        await eventually(lambda: store.stored == ["id-00001"])
        await client.delete("audit:dlq:events")
        await queue.enqueue([item(2)])
        await eventually(lambda: "id-00002" in store.stored)


@pytest.mark.parametrize("loss", ["the group", "everything"])
async def test_a_worker_goes_on_when_the_group_or_everything_in_redis_is_gone(
    queue: Queue, reader: Redis, client: Redis, store: Store, clock: Clock, loss: str
) -> None:
    """Entries that were pending when the group was destroyed are read again; scripts are loaded again."""
    store.rule = lambda _entry: Disposition(DispositionKind.KEEP)
    await queue.enqueue([item(1)])
    async with replaying(queue, reader, store, clock):
        await eventually(lambda: store.batches)
        if loss == "the group":
            await client.xgroup_destroy("audit:dlq:events", "replay")
        else:
            await client.flushdb()
            await client.script_flush()
        store.rule = lambda _entry: STORED
        await queue.enqueue([item(2)])
        wanted = {"id-00001", "id-00002"} if loss == "the group" else {"id-00002"}
        await eventually(lambda: set(store.stored) >= wanted)
        await eventually(lambda: _is(depth(queue), 0))
    assert await client.hlen("audit:dlq:events:index") == 0


async def test_a_worker_survives_redis_being_away(own_valkey: Controlled, store: Store, clock: Clock) -> None:
    client, reader = command_client(own_valkey.url, timeout=0.5), blocking_client(own_valkey.url, timeout=0.5)
    queue = Queue(client, EVENTS, capacity=10, timeout=0.5, clock=clock)
    await queue.ensure_group()
    async with replaying(queue, reader, store, clock):
        await queue.enqueue([item(1)])
        await eventually(lambda: store.stored)
        own_valkey.kill()
        own_valkey.start()
        await queue.enqueue([item(2)])
        await eventually(lambda: store.stored == ["id-00001", "id-00002"])
    await client.aclose()
    await reader.aclose()


async def test_a_redis_without_memory_takes_nothing_new_and_gives_everything_back(
    own_valkey: Controlled, store: Store, clock: Clock
) -> None:
    """What fails alone is set aside and what cannot be read is dead-lettered: nothing stands in the way."""
    client, reader = command_client(own_valkey.url, timeout=0.5), blocking_client(own_valkey.url, timeout=0.5)
    queue = Queue(client, EVENTS, capacity=100, timeout=0.5, clock=clock)
    await queue.ensure_group()
    await client.xadd("audit:dlq:events", {"garbage": "1"})
    await queue.enqueue(items(50))
    await client.config_set("maxmemory", 1)
    with pytest.raises(QueueUnavailableError):
        await queue.enqueue([item(99)])
    store.rule = lambda entry: Disposition(DispositionKind.DELAY, "no") if entry.id == "id-00000" else STORED
    async with replaying(queue, reader, store, clock, batch=10):
        await eventually(lambda: store.stored == ids(50)[1:])
        await eventually(lambda: _is(client.zcard("audit:dlq:events:waiting"), 1))
        store.rule = lambda _entry: STORED
        clock.advance(61)
        await eventually(lambda: store.stored == [*ids(50)[1:], "id-00000"])
        await eventually(lambda: _is(depth(queue), 0))
    assert (await queue.state()).dead_letters == 1
    await client.aclose()
    await reader.aclose()


async def test_a_dead_letter_can_be_read_replayed_and_discarded(
    queue: Queue, reader: Redis, client: Redis, store: Store, clock: Clock
) -> None:
    store.rule = lambda _entry: Disposition(DispositionKind.DEAD_LETTER, "too long")
    await queue.enqueue(items(3))
    letters = DeadLetters(client, queue)
    async with replaying(queue, reader, store, clock):
        await eventually(lambda: _is(_dead_count(queue), 3))
    first, second, third = await letters.page(limit=10)
    assert [one.id for one in (first, second, third)] == ids(3)
    assert await letters.page(after=first.letter_id, limit=1) == [second]
    assert await letters.get(third.letter_id) == third
    assert await letters.get("0-1") is None
    assert await letters.get("' OR 1=1") is None
    assert await letters.replay(first.letter_id) is RequeueOutcome.REPLAYED
    assert await letters.replay(first.letter_id) is RequeueOutcome.MISSING
    assert await letters.discard(second.letter_id)
    assert not await letters.discard(second.letter_id)
    assert await queue.locate([second.id]) == {}
    store.rule = lambda _entry: STORED
    async with replaying(queue, reader, store, clock):
        await eventually(lambda: store.stored == ["id-00000"])
    assert (await queue.state()).dead_letters == 1


async def _dead_count(queue: Queue) -> int:
    return (await queue.state()).dead_letters


async def test_replaying_a_dead_letter_respects_capacity_and_content(
    client: Redis, reader: Redis, store: Store, clock: Clock
) -> None:
    queue = Queue(client, EVENTS, capacity=2, timeout=2, clock=clock)
    await queue.ensure_group()
    letters = DeadLetters(client, queue)
    store.rule = lambda _entry: Disposition(DispositionKind.DEAD_LETTER, "too long")
    await queue.enqueue([item(1)])
    async with replaying(queue, reader, store, clock):
        await eventually(lambda: _is(_dead_count(queue), 1))
    (letter,) = await letters.page(limit=1)
    await queue.enqueue([item(2), item(3)])
    assert await letters.replay(letter.letter_id) is RequeueOutcome.FULL
    await client.delete("audit:dlq:events", "audit:dlq:events:index")
    await queue.enqueue([item(1, "other")])
    assert await letters.replay(letter.letter_id) is RequeueOutcome.CONFLICT
    assert await letters.get(letter.letter_id) is not None
    garbage = await client.xadd("audit:dead-letter:events", {"garbage": "1"})
    assert await letters.replay(garbage.decode()) is RequeueOutcome.UNREADABLE


async def test_the_servers_of_this_repository_are_durable(client: Redis) -> None:
    assert await durability_deficits(client) == ()


async def test_what_a_redis_lacks_for_durability_is_named(own_valkey: Controlled) -> None:
    client = command_client(own_valkey.url, timeout=2)
    await client.config_set("appendfsync", "no")
    await client.config_set("maxmemory-policy", "allkeys-lru")
    fsync, policy = await durability_deficits(client)
    assert "appendfsync" in fsync
    assert "allkeys-lru" in policy
    await client.config_set("appendonly", "no")
    assert "appendonly" in (await durability_deficits(client))[0]
    await client.aclose()
