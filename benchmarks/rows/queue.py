"""An outage of PostgreSQL: what it costs the clients, and how fast the backlog drains."""

from __future__ import annotations

import json
import statistics
import threading
import time

import httpx
import redis

from benchmarks.events import copy_rate
from benchmarks.harness import Mark, Measured, Stage, row
from benchmarks.traffic import drive, percentile, post_bytes
from tests.chaos.arena import event, open_arena
from tests.fixtures.awaiting import eventually_sync

_PATH = "/api/v1/audit/events"
_RATE, _SECONDS = 500, 6
_BACKLOG = 10_000


@row(
    "hand-over",
    title="PostgreSQL killed under 500 POST/s: p95 of the 202s, none refused",
    marks=[
        Mark(of="value", at_most=20, unit="ms", against="as promised"),
        Mark(of="slowest_ms", at_most=1000, unit="ms", against="of all requests"),
    ],
)
def hand_over(stage: Stage) -> Measured:
    """Open loop over two workers, PostgreSQL killed after 1 s, 202s counted 0.5 s later; floor: p95 of one XADD."""
    del stage
    with open_arena(1, services=1, workers=2) as arena:
        answers: list[tuple[int, float, float]] = []
        requests = iter(range(_RATE * _SECONDS))
        lock, began = threading.Lock(), time.perf_counter() + 0.1

        def send() -> None:
            with httpx.Client(base_url=arena.services[0].url, timeout=10) as client:
                while True:
                    with lock:
                        number = next(requests, -1)
                    if number < 0:
                        return
                    time.sleep(max(0.0, began + number / _RATE - time.perf_counter()))
                    sent = time.perf_counter()
                    status = client.post(_PATH, json=event("hand-over", number)).status_code
                    answers.append((status, time.perf_counter() - sent, sent))

        threads = [threading.Thread(target=send) for _ in range(16)]
        for thread in threads:
            thread.start()
        time.sleep(1)
        arena.postgres.kill()
        killed = time.perf_counter()
        for thread in threads:
            thread.join()
        if (statuses := {status for status, *_ in answers}) != {201, 202}:
            raise AssertionError(f"expected 201 and 202: {statuses}")
        queued = sorted(seconds for status, seconds, sent in answers if status == 202 and sent > killed + 0.5)
        floor = _xadd_p95(arena.valkey.url)
        notes = {"slowest_ms": round(1000 * max(seconds for _, seconds, _ in answers), 1), "queued": len(queued)}
    return Measured(value=percentile(queued, 0.95) * 1000, unit="ms", better="lower", floor=floor, notes=notes)


def _xadd_p95(url: str) -> float:
    """Of single entries of the same size into a stream of its own, one after the other, in ms."""
    times, entry = [], json.dumps(event("floor", 0))
    with redis.Redis.from_url(url) as client:
        for _ in range(1000):
            began = time.perf_counter()
            client.xadd("bench:floor", {"event": entry})
            times.append(time.perf_counter() - began)
        client.delete("bench:floor")
    return percentile(times, 0.95) * 1000


@row(
    "drain",
    title="drain of 10,000 queued events",
    marks=[Mark(of="value", at_least=5000, unit="events/s", against="as promised")],
)
def drain(stage: Stage) -> Measured:
    """From PostgreSQL's return to the empty queue, two workers; floor: COPY of 500 rows at a time, one connection."""
    rates = []
    with open_arena(2, services=1, workers=2) as arena:
        for turn in range(max(2, stage.rounds // 2)):
            arena.postgres.kill()
            batches = [[event(f"drain-{turn}", n) for n in range(500)] for _ in range(_BACKLOG // 500)]
            requests = [post_bytes(f"{_PATH}/batch", json.dumps(batch).encode()) for batch in batches]
            statuses = drive(arena.services[0].url, requests, connections=2).statuses
            if set(statuses) != {202}:
                raise AssertionError(f"expected only 202: {dict(statuses)}")
            arena.postgres.start()
            eventually_sync(lambda: arena.depth() < _BACKLOG, timeout=10, every=0.002)
            began, first = time.perf_counter(), arena.depth()
            eventually_sync(lambda: arena.depth() == 0, timeout=60, every=0.002)
            rates.append(first / (time.perf_counter() - began))
            stage.say(f"round {turn + 1}: {rates[-1]:,.0f} events/s")
        floors = [
            copy_rate(arena.postgres.url, size=512, batch=500, batches=_BACKLOG // 500, clients=1) for _ in range(3)
        ]
    floor = statistics.median(floors)
    return Measured(value=statistics.median(rates), unit="events/s", better="higher", floor=floor)
