"""Curves of writing: batch size, payload, connections, and latency against the offered rate."""

from __future__ import annotations

from collections import defaultdict
from typing import Any

from benchmarks.curves import Axis, Extent, Series, curve
from benchmarks.events import batch_request, copy_rate, only, post_request
from benchmarks.harness import PATIENT, Stage
from benchmarks.pgbench import pgbench_inserts
from benchmarks.traffic import drive, steady
from tests.fixtures.service import Service

_CLIENTS = 4
_BATCH_SIZES = (1, 2, 5, 10, 20, 50, 100, 200, 500, 1000)
_PAYLOADS = (256, 512, 1024, 2048, 4096, 8192, 16_384, 32_768, 65_536)
_PAYLOAD_BATCH = 50
_CONNECTIONS = (1, 2, 4, 8, 16, 32, 64, 128, 250, 500)
#: The embedded PostgreSQL takes 400, the service its own share of them.
_PGBENCH_CLIENTS = 250
_RATES = (100, 200, 500, 1000, 2000, 3000, 4000)
_SHARES = {"p50": 0.5, "p95": 0.95, "p99": 0.99, "p99.9": 0.999}
_EVENTS_OF_A_POINT = 20_000
_BYTES_OF_A_POINT = 24 << 20


def _batches(service: Service, *, size: int, batch: int, batches: int) -> tuple[float, float]:
    """Events a second of the service, and of COPY with as many connections, after some to warm up."""
    warm = [batch_request(0, batch, size) for _ in range(_CLIENTS)]
    only(drive(service.url, warm, connections=_CLIENTS), 201)
    requests = [batch_request(place * batch, batch, size) for place in range(batches)]
    ours = batches * batch / only(drive(service.url, requests, connections=_CLIENTS), 201).seconds
    address = service.environment["DATABASE_URL"]
    return ours, copy_rate(address, size=size, batch=batch, batches=batches, clients=_CLIENTS)


@curve(
    "batch-size",
    title="Batch ingest against the size of a batch: 4 clients, 0.5 KB, 2 workers",
    x=Axis(title="events in a batch", log=True),
    y=Axis(title="events/s"),
)
def batch_size(stage: Stage, extent: Extent) -> Series:
    series: defaultdict[str, list[tuple[float, float]]] = defaultdict(list)
    with stage.service(workers=2, **PATIENT) as service:
        for size in _BATCH_SIZES:
            batches = min(extent.of(4_000), max(20, extent.of(_EVENTS_OF_A_POINT) // size))
            ours, copy = _batches(service, size=512, batch=size, batches=batches)
            series["service"].append((size, ours))
            series["COPY"].append((size, copy))
            stage.say(f"batches of {size}: {ours:,.0f} events/s, COPY {copy:,.0f}")
    return series


@curve(
    "payload",
    title="Batch ingest against the size of an event: 4 clients, batches of 50, 2 workers",
    x=Axis(title="KiB of an event", log=True),
    y=Axis(title="MiB/s", log=True),
)
def payload(stage: Stage, extent: Extent) -> Series:
    series: defaultdict[str, list[tuple[float, float]]] = defaultdict(list)
    with stage.service(workers=2, **PATIENT) as service:
        for size in _PAYLOADS:
            events = min(extent.of(_EVENTS_OF_A_POINT), extent.of(_BYTES_OF_A_POINT) // size)
            batches = max(2 * _CLIENTS, events // _PAYLOAD_BATCH)
            ours, copy = _batches(service, size=size, batch=_PAYLOAD_BATCH, batches=batches)
            for name, rate in (("service", ours), ("COPY", copy)):
                series[name].append((size / 1024, rate * size / (1 << 20)))
            stage.say(f"{size} bytes: {ours:,.0f} events/s, COPY {copy:,.0f}")
    return series


@curve(
    "connections",
    title="Single POSTs against connections: 0.5 KB, 2 workers",
    x=Axis(title="connections", log=True),
    y=Axis(title="events/s"),
)
def connections(stage: Stage, extent: Extent) -> Series:
    series: defaultdict[str, list[tuple[float, float]]] = defaultdict(list)
    with stage.service(workers=2, **PATIENT) as service:
        _post(service, 200, 8)
        for count in _CONNECTIONS:
            events = max(count, extent.of(min(8_000, 500 * count)))
            ours = events / _post(service, events, count).seconds
            series["service"].append((count, ours))
            stage.say(f"{count} connections: {ours:,.0f}/s")
            if count <= _PGBENCH_CLIENTS:
                address = service.environment["DATABASE_URL"]
                floor = pgbench_inserts(address, clients=count, transactions=max(1, events // count))
                series["pgbench"].append((count, floor.rate))
    return series


def _post(service: Service, events: int, count: int) -> Any:
    requests = [post_request(number) for number in range(events)]
    return only(drive(service.url, requests, connections=count), 201)


@curve(
    "latency",
    title="Latency of single POSTs against the offered rate: due at random moments, 64 connections",
    x=Axis(title="events/s offered", log=True),
    y=Axis(title="ms", log=True),
)
def latency(stage: Stage, extent: Extent) -> Series:
    series: defaultdict[str, list[tuple[float, float]]] = defaultdict(list)
    with stage.service(workers=2, **PATIENT) as service:
        _post(service, 200, 8)
        for rate in _RATES:
            requests = [post_request(number) for number in range(extent.of(rate * 8, least=50))]
            traffic = only(steady(service.url, requests, rate=rate, connections=64), 201)
            achieved = len(requests) / traffic.seconds
            if achieved < rate * 0.9:
                stage.say(f"{rate}/s: only {achieved:,.0f}/s were answered in time; the curve ends here")
                break
            for name, share in _SHARES.items():
                series[name].append((rate, traffic.percentile(share) * 1000))
            stage.say(f"{rate}/s: p50 {series['p50'][-1][1]:.1f} ms, p99 {series['p99'][-1][1]:.1f} ms")
    return series
