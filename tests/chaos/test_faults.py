"""Real servers, real processes, one fault each, and an oracle: what was acknowledged is stored exactly once.

The same arena as `make soak`, with a fixed order and seed, so that it is quick and repeatable.
"""

from __future__ import annotations

import time
from collections.abc import Iterator
from uuid import uuid4

import httpx
import psycopg
import pytest
import redis

from tests.chaos.arena import COPY_DONE, EVENTS_COPY, FAULTS, Arena, event, open_arena, run_round
from tests.fixtures.awaiting import eventually_sync

SEED = 20261121
PATH = "/api/v1/audit/events"
STREAM = "audit:dlq:events"


@pytest.fixture(scope="module")
def arena() -> Iterator[Arena]:
    """One arena for all: two service processes over one PostgreSQL, behind a proxy, and one Valkey."""
    with open_arena(SEED, services=2) as opened:
        yield opened


@pytest.fixture
def whole(arena: Arena) -> Iterator[Arena]:
    """The arena, mended before and after."""
    arena.recover()
    arena.drained()
    yield arena
    arena.recover()


@pytest.mark.parametrize("fault", FAULTS)
def test_nothing_acknowledged_is_lost_or_doubled_and_nothing_refused_is_kept(whole: Arena, fault: str) -> None:
    tally = run_round(whole, [fault], threads=3, settle=0.3)
    assert tally.acknowledged > 0
    assert (tally.missing, tally.doubled, tally.altered) == (0, 0, 0)
    assert tally.falsely_refused == 0, "what was refused is absent"
    assert whole.dead_letters() == 0


@pytest.mark.parametrize("moment", [COPY_DONE, EVENTS_COPY, b"COMMIT"], ids=["ids", "events", "COMMIT"])
@pytest.mark.parametrize("forward", [True, False], ids=["committed", "not committed"])
def test_a_cut_at_the_commit_leaves_one_row(whole: Arena, moment: bytes, *, forward: bool) -> None:
    """Whether PostgreSQL got to commit or not, the client learns of a success and there is one row."""
    correlation_id = f"cut-{uuid4()}"
    url = f"{whole.services[0].url}{PATH}"
    # A parent is looked up first, and only then there is a COMMIT of its own.
    parent = httpx.post(url, json=event("parents", 0), timeout=10).json()["event_id"]
    named = {"event_id": str(uuid4()), "parent_event_id": parent} if moment == b"COMMIT" else {}
    hit = whole.proxy.cut_at(moment, forward=forward)
    answer = httpx.post(url, json=event(correlation_id, 1, **named), timeout=10)
    assert answer.status_code in {200, 201, 202}  # 200: the retry found its own event
    assert hit.is_set()
    whole.recover()
    whole.drained()
    assert whole.stored(correlation_id) == [(answer.json()["event_id"], 1)]


def test_a_poisoned_entry_does_not_hold_up_the_good_ones(whole: Arena) -> None:
    correlation_id = f"poison-{uuid4()}"
    whole.postgres.kill()
    url = whole.services[0].url
    sent = [httpx.post(f"{url}{PATH}", json=event(correlation_id, n), timeout=10).json()["event_id"] for n in range(5)]
    with redis.Redis.from_url(whole.valkey.url) as client:
        now = str(round(time.time() * 1000))
        fields = {"type": "audit_event", "id": "poison", "enqueued_at": now, "attempts": "0", "due_at": now}
        client.xadd(STREAM, fields | {"payload": "{", "digest": "d", "last_error": ""})
        client.xadd(STREAM, {"nonsense": "1"})
    sent += [httpx.post(f"{url}{PATH}", json=event(correlation_id, n), timeout=10).json()["event_id"] for n in (5, 6)]
    whole.postgres.start()
    whole.drained()
    assert sorted(whole.stored(correlation_id)) == sorted(zip(sent, range(7), strict=True))
    assert whole.dead_letters() == 2
    with redis.Redis.from_url(whole.valkey.url) as client:
        client.delete("audit:dead-letter:events", "audit:dead-letter:events:index")


def test_a_backlog_of_ten_thousand_is_drained_oldest_first_by_two_processes(whole: Arena) -> None:
    correlation_id = f"backlog-{uuid4()}"
    whole.postgres.kill()
    numbers = list(range(10_000))
    ids: dict[str, int] = {}
    with httpx.Client(base_url=whole.services[0].url, timeout=30) as client:
        for first in range(0, len(numbers), 500):
            chunk = numbers[first : first + 500]
            answer = client.post(f"{PATH}/batch", json=[event(correlation_id, number) for number in chunk])
            assert answer.status_code == 202
            ids.update(zip(answer.json()["event_ids"], chunk, strict=True))
    whole.postgres.start()
    began = time.monotonic()
    whole.drained()
    took = time.monotonic() - began
    tally = whole.judge(correlation_id, ids, set())
    assert (tally.acknowledged, tally.stored) == (10_000, 10_000)
    assert (tally.missing, tally.doubled, tally.altered) == (0, 0, 0)
    assert took < 30, "a backlog drains at full speed, not entry by entry"
    with psycopg.connect(whole.postgres.url) as connection:
        rows = connection.execute(
            "SELECT (event_data->>'number')::int FROM audit_events WHERE correlation_id = %s ORDER BY recorded_at",
            [correlation_id],
        ).fetchall()
    order = [number for (number,) in rows]
    # Two processes take turns at portions of 500: nothing is stored long before what was queued before it.
    assert max(abs(place - number) for place, number in enumerate(order)) <= 2000


def test_entries_of_a_killed_process_are_taken_over(whole: Arena) -> None:
    """They were delivered to it, and pending, when it died."""
    correlation_id = f"orphans-{uuid4()}"
    one, other = whole.services
    whole.postgres.kill()
    ids = [
        httpx.post(f"{one.url}{PATH}", json=event(correlation_id, number), timeout=10).json()["event_id"]
        for number in range(60)
    ]
    with redis.Redis.from_url(whole.valkey.url, decode_responses=True) as client:
        other.pause()
        client.xreadgroup("replay", "a process that died", {STREAM: ">"}, count=60)
        one.kill()
        other.resume()
        whole.postgres.start()
        whole.drained()
        assert client.xpending(STREAM, "replay")["pending"] == 0
    assert sorted(whole.stored(correlation_id)) == sorted(zip(ids, range(60), strict=True))


def test_the_outage_of_postgresql_is_quick_to_pass_and_to_end(whole: Arena) -> None:
    """202 within 50 ms once the breaker is open, never slower than 1 s before; stored within 2 s of the return."""
    correlation_id = f"quick-{uuid4()}"
    with httpx.Client(base_url=whole.services[0].url, timeout=10) as client:
        client.post(PATH, json=event(correlation_id, -1)).raise_for_status()
        whole.postgres.kill()
        times = []
        for number in range(100):
            began = time.perf_counter()
            assert client.post(PATH, json=event(correlation_id, number)).status_code == 202
            times.append(time.perf_counter() - began)
    assert max(times) < 1
    assert sorted(times)[90] < 0.05
    whole.postgres.start()

    def answers() -> bool:
        with psycopg.connect(whole.postgres.url, connect_timeout=1):
            return True

    eventually_sync(answers)
    began = time.monotonic()
    eventually_sync(lambda: len(whole.stored(correlation_id)) == 101, every=0.02)
    assert time.monotonic() - began < 2
