"""Cold start, memory, and the latency of an idle service."""

from __future__ import annotations

import json
import statistics
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any
from uuid import uuid4

import httpx
import psycopg

from benchmarks.harness import PATIENT, Mark, Measured, Stage, rounds_of, row
from benchmarks.traffic import drive, post_bytes
from tests.fixtures.events import event_body
from tests.fixtures.service import Service

_POSTS = 200
_BATCH = 500
_MEMORY_EVENTS = 1_000_000
_EVENTS = "/api/v1/audit/events"
_INSERT = """
    INSERT INTO audit_events (event_id, event_version, event_timestamp, event_date, event_type, event_category,
        event_action, event_outcome, actor_type, actor_id, resource_type, resource_id, correlation_id, event_data)
    VALUES (%s, '1.0', now(), (now() AT TIME ZONE 'UTC')::date, 'gateway.signal.received', 'gateway', 'received',
        'success', 'service', 'gateway-service', 'gateway', %s, %s, %s)
"""


def _event() -> dict[str, Any]:
    data = {"alert_name": "HighCPU", "signal_fingerprint": "fp-abc123", "is_duplicate": False}
    return event_body({"correlation_id": f"bench-{uuid4()}", "event_data": data})


@row(
    "cold-start",
    title="cold start of serve, 2 workers, to healthy",
    marks=[
        Mark(of="value", at_most=0.6, unit="s", against="1.2 to 1.4 s before"),
        Mark(of="first_post_ms", at_most=50, unit="ms", against="as promised"),
    ],
)
def cold_start(stage: Stage) -> Measured:
    """From the start of the process to the first 200 of /health; the floor is an import of connexion alone."""
    first_posts: list[float] = []

    def once() -> float:
        with stage.database() as url:
            service = Service(database_url=url, redis_url=stage.servers.redis_url, workers=2)
            began = time.perf_counter()
            try:
                service.start()
                while service.client.get("/health").status_code != httpx.codes.OK:
                    time.sleep(0.005)
                took = time.perf_counter() - began
                posted = time.perf_counter()
                service.client.post("/api/v1/audit/events", json=_event()).raise_for_status()
                first_posts.append((time.perf_counter() - posted) * 1000)
            finally:
                service.close()
        return took

    value = rounds_of(stage, once)
    floor = rounds_of(stage, _import_connexion)
    return Measured(
        value=value,
        unit="s",
        better="lower",
        floor=floor,
        notes={"first_post_ms": round(statistics.median(first_posts), 2)},
    )


def _import_connexion() -> float:
    began = time.perf_counter()
    subprocess.run([sys.executable, "-W", "ignore", "-c", "import connexion"], check=True)
    return time.perf_counter() - began


@row(
    "post-idle",
    title="single POST, idle service, 1 connection, p50",
    marks=[Mark(of="added_ms", at_most=1.5, unit="ms", against="above one INSERT + COMMIT")],
)
def post_idle(stage: Stage) -> Measured:
    """p50 of single POSTs one after another; the floor is one psycopg INSERT + COMMIT into the same table."""
    with stage.service() as service:

        def once() -> float:
            requests = [post_bytes(_EVENTS, json.dumps(_event()).encode()) for _ in range(_POSTS)]
            return drive(service.url, requests, connections=1).percentile(0.5) * 1000

        value = rounds_of(stage, once)
        with psycopg.connect(service.environment["DATABASE_URL"], autocommit=True) as connection:
            floor = rounds_of(stage, lambda: _p50(lambda: _insert(connection)))
    return Measured(value=value, unit="ms", better="lower", floor=floor, notes={"added_ms": round(value - floor, 3)})


def _insert(connection: psycopg.Connection[Any]) -> None:
    correlation = f"bench-{uuid4()}"
    connection.execute(_INSERT, [uuid4(), correlation, correlation, json.dumps(_event()["event_data"])])


def _p50(act: Callable[[], None]) -> float:
    times = []
    for _ in range(_POSTS):
        began = time.perf_counter()
        act()
        times.append((time.perf_counter() - began) * 1000)
    return statistics.median(times)


@row(
    "memory",
    title=f"RSS of 1 worker after {_MEMORY_EVENTS:,} events",
    marks=[
        Mark(of="value", at_most=150, unit="MB", against="as promised"),
        Mark(of="grown_in_second_half_mb", at_most=5, unit="MB", against="flat"),
    ],
)
def memory(stage: Stage) -> Measured:
    """Resident memory of the worker, in MB, and how much it grew over the second half; floor: after 10,000 events."""
    with stage.service(**PATIENT) as service:
        _ingest(service, 10_000)
        early = _worker_rss(service.pid)
        half = _MEMORY_EVENTS // 2
        _ingest(service, half)
        middle = _worker_rss(service.pid)
        _ingest(service, half)
        end = _worker_rss(service.pid)
    notes = {"grown_in_second_half_mb": round(end - middle, 1)}
    return Measured(value=end, unit="MB", better="lower", floor=early, notes=notes)


def _ingest(service: Service, events: int) -> None:
    for _ in range(events // _BATCH):
        batch = [_event() for _ in range(_BATCH)]
        service.client.post("/api/v1/audit/events/batch", json=batch).raise_for_status()


def _worker_rss(master: int) -> float:
    sizes = []
    for status in Path("/proc").glob("[0-9]*/status"):
        try:
            fields = dict(line.split(":", 1) for line in status.read_text().splitlines() if ":" in line)
        except OSError:
            continue
        if int(fields["PPid"]) == master and "VmRSS" in fields:
            sizes.append(int(fields["VmRSS"].split()[0]) / 1024)
    return max(sizes)
