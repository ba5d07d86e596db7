"""Writing: batches, single events and bursts, each beside what PostgreSQL alone does with the same rows."""

from __future__ import annotations

import json
import os
import re
import statistics
import subprocess
import tempfile
import threading
import time
from collections.abc import Callable
from datetime import UTC, datetime
from typing import Any
from uuid import uuid4

import psycopg

from benchmarks.harness import Measured, Stage, row
from benchmarks.traffic import Traffic, drive, post_bytes
from datastorage.demo import event_types
from datastorage.embedded.binaries import find_postgres
from telemetry.clock import new_event_id

_CLIENTS = 4
_BATCH = 500
_BATCHES = 60
_SINGLES = 8_000
_SINGLE_CONNECTIONS = 32
_PGBENCH_SECONDS = 4
_EVENTS = "/api/v1/audit/events"
_COPIED = (
    "event_id", "event_version", "event_timestamp", "event_date", "event_type", "event_category", "event_action",
    "event_outcome", "actor_type", "actor_id", "resource_type", "resource_id", "correlation_id", "event_data",
    "severity",
)  # fmt: skip
#: The floor is the table alone: without it a trigger would keep the ids, row by row, for writers that do not know them.
_PLAIN = "-c datastorage.writes_ids=on"
_COPY = f"COPY audit_events ({', '.join(_COPIED)}) FROM STDIN"
_INSERT = f"""\\set n random(1, 1000000000)
INSERT INTO audit_events ({", ".join(_COPIED)})
VALUES (gen_random_uuid(), '1.0', now(), (now() AT TIME ZONE 'UTC')::date, 'gateway.signal.received', 'gateway',
    'received', 'success', 'service', 'gateway-service', 'gateway', 'bench-' || :n, 'bench-' || :n, '{{data}}', 'info');
"""


def _event(number: int, size: int, *, with_id: bool = False) -> dict[str, Any]:
    """An event of one of the 27 types, padded to `size` bytes of JSON."""
    kinds = event_types()
    kind = kinds[number % len(kinds)]
    event: dict[str, Any] = {
        "version": "1.0",
        "event_type": kind.event_type,
        "event_category": kind.event_category,
        "event_action": kind.event_action,
        "event_outcome": "success",
        "event_timestamp": datetime.now(UTC).isoformat(),
        "correlation_id": f"bench-{uuid4()}",
        "event_data": dict(kind.sample_event_data),
    }
    if with_id:
        event["event_id"] = str(new_event_id())
    missing = size - len(json.dumps(event))
    if missing > 0:
        event["event_data"]["note"] = "x" * missing
    return event


def _batches(size: int, *, with_id: bool = False) -> list[list[dict[str, Any]]]:
    return [
        [_event(place * _BATCH + number, size, with_id=with_id) for number in range(_BATCH)]
        for place in range(_BATCHES)
    ]


def _only(traffic: Traffic, status: int) -> Traffic:
    if set(traffic.statuses) != {status}:
        raise AssertionError(f"expected only {status}: {dict(traffic.statuses)}")
    return traffic


def _line(event: dict[str, Any]) -> str:
    """The row of an event as COPY's text format wants it, defaults filled in."""
    at = event["event_timestamp"]
    data = json.dumps(event["event_data"]).replace("\\", "\\\\")
    category = event["event_category"]
    values = (
        str(uuid4()), "1.0", at, at[:10], event["event_type"], category, event["event_action"], "success", "service",
        f"{category}-service", category, event["correlation_id"], event["correlation_id"], data, "info",
    )  # fmt: skip
    return "\t".join(values) + "\n"


def _copy_rate(address: str, size: int) -> float:
    """Events a second of COPY from prebuilt text, one transaction a batch, as many connections as clients."""
    buffers = ["".join(map(_line, batch)).encode() for batch in _batches(size)]
    connections = [psycopg.connect(address, autocommit=True, options=_PLAIN) for _ in range(_CLIENTS)]

    def load(place: int) -> None:
        for buffer in buffers[place::_CLIENTS]:
            with connections[place].cursor().copy(_COPY) as copy:
                copy.write(buffer)

    threads = [threading.Thread(target=load, args=(place,)) for place in range(_CLIENTS)]
    began = time.perf_counter()
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    took = time.perf_counter() - began
    for connection in connections:
        connection.close()
    return len(buffers) * _BATCH / took


def _alternating(stage: Stage, value: Callable[[], float], floor: Callable[[], float]) -> tuple[float, float, float]:
    """Medians of both and of their ratios, after one to warm up; they take turns, so that noise hits both."""
    value(), floor()
    pairs = []
    for number in range(stage.rounds):
        pairs.append((value(), floor()))
        stage.say(f"round {number + 1}/{stage.rounds}: {pairs[-1][0]:,.0f}, floor {pairs[-1][1]:,.0f}")
    values, floors = zip(*pairs, strict=True)
    return statistics.median(values), statistics.median(floors), statistics.median(v / f for v, f in pairs)


def _batch_row(stage: Stage, size: int, *, with_id: bool = False) -> Measured:
    latencies: list[float] = []
    with stage.service(workers=2) as service:
        address = service.environment["DATABASE_URL"]

        def once() -> float:
            bodies = [json.dumps(batch).encode() for batch in _batches(size, with_id=with_id)]
            requests = [post_bytes(f"{_EVENTS}/batch", body) for body in bodies]
            traffic = _only(drive(service.url, requests, connections=_CLIENTS), 201)
            latencies.append(traffic.percentile(0.95) * 1000)
            return _BATCHES * _BATCH / traffic.seconds

        value, floor, ratio = _alternating(stage, once, lambda: _copy_rate(address, size))
    notes = {"p95_ms": round(statistics.median(latencies), 1), "median_of_ratios": round(ratio, 3)}
    return Measured(value=value, unit="events/s", better="higher", floor=floor, notes=notes)


@row("batch-512", title="batch ingest, 4 clients x 500 events of 0.5 KB", mark=">= 0.60 of COPY (0.85)", core=True)
def batch_small(stage: Stage) -> Measured:
    """Floor: COPY of the same rows as text into the same table over 4 connections."""
    return _batch_row(stage, 512)


@row("batch-1024", title="batch ingest, 4 clients x 500 events of 1 KB", mark=">= 0.60 of COPY (0.85)")
def batch_large(stage: Stage) -> Measured:
    """Floor: as batch-512."""
    return _batch_row(stage, 1024)


@row("batch-client-ids", title="batch ingest with event_id sent, 0.5 KB", mark=">= 0.40 of COPY (0.60)", core=True)
def batch_with_ids(stage: Stage) -> Measured:
    """Floor: as batch-512."""
    return _batch_row(stage, 512, with_id=True)


@row("post", title="single POST, 32 connections, 2 workers", mark=">= 0.60 of pgbench (1.0), p99 <= 50 ms", core=True)
def post(stage: Stage) -> Measured:
    """Floor: pgbench, one INSERT a transaction into the same table, 32 clients."""
    tails: list[float] = []
    with stage.service(workers=2) as service:
        address = service.environment["DATABASE_URL"]

        def once() -> float:
            requests = [post_bytes(_EVENTS, json.dumps(_event(n, 512)).encode()) for n in range(_SINGLES)]
            traffic = _only(drive(service.url, requests, connections=_SINGLE_CONNECTIONS), 201)
            tails.append(traffic.percentile(0.99) * 1000)
            return _SINGLES / traffic.seconds

        value, floor, ratio = _alternating(stage, once, lambda: _pgbench_rate(address))
    notes = {"p99_ms": round(statistics.median(tails), 1), "median_of_ratios": round(ratio, 3)}
    return Measured(value=value, unit="events/s", better="higher", floor=floor, notes=notes)


def _pgbench_rate(address: str) -> float:
    data = json.dumps(_event(0, 512)["event_data"]).replace("'", "''")
    with tempfile.NamedTemporaryFile("w", suffix=".sql") as script:
        script.write(_INSERT.replace("{data}", data))
        script.flush()
        command = [find_postgres().path.with_name("pgbench"), "-n", "-M", "prepared", "-f", script.name]
        load = ["-c", str(_SINGLE_CONNECTIONS), "-j", "2", "-T", str(_PGBENCH_SECONDS)]
        plain = os.environ | {"PGOPTIONS": _PLAIN}
        done = subprocess.run([*command, *load, address], check=True, capture_output=True, text=True, env=plain)
    found = re.search(r"tps = ([\d.]+)", done.stdout)
    if found is None:
        raise ValueError(f"pgbench said nothing of tps: {done.stdout}")
    return float(found[1])


@row("burst-150", title="burst of 150 concurrent POSTs", mark="all 201, <= 1 s")
def burst(stage: Stage) -> Measured:
    """The slowest of the burst, each on a connection of its own, default settings."""
    return _burst(stage, 150)


@row("burst-50", title="50 concurrent POSTs on a pool of 25", mark="all 201, none 5xx, <= 1 s")
def burst_on_pool(stage: Stage) -> Measured:
    """The slowest of the burst."""
    return _burst(stage, 50, pool_max_size=25)


def _burst(stage: Stage, size: int, **settings: object) -> Measured:
    with stage.service(**settings) as service:
        times = []
        for _ in range(stage.rounds + 1):
            requests = [post_bytes(_EVENTS, json.dumps(_event(n, 512)).encode()) for n in range(size)]
            times.append(_only(drive(service.url, requests, connections=size), 201).seconds)
    return Measured(value=statistics.median(times[1:]), unit="s", better="lower")
