"""Writing: batches, single events and bursts, each beside what PostgreSQL alone does with the same rows."""

from __future__ import annotations

import statistics

from benchmarks.events import batch_request, copy_rate, only, post_request
from benchmarks.harness import PATIENT, Mark, Measured, Stage, in_turns, row
from benchmarks.pgbench import pgbench_inserts
from benchmarks.traffic import drive

_CLIENTS = 4
_BATCH = 500
_BATCHES = 60
_SINGLES = 8_000
_SINGLE_CONNECTIONS = 32
_PGBENCH_SECONDS = 4
#: Above this a commit of one row is slow because of its fsync.
_SLOW_FSYNC_MS = 0.5


def _batch_row(stage: Stage, size: int, *, with_id: bool = False) -> Measured:
    latencies: list[float] = []
    with stage.service(workers=2, **PATIENT) as service:
        address = service.environment["DATABASE_URL"]

        def once() -> float:
            requests = [batch_request(place * _BATCH, _BATCH, size, with_id=with_id) for place in range(_BATCHES)]
            traffic = only(drive(service.url, requests, connections=_CLIENTS), 201)
            latencies.append(traffic.percentile(0.95) * 1000)
            return _BATCHES * _BATCH / traffic.seconds

        def floor() -> float:
            return copy_rate(address, size=size, batch=_BATCH, batches=_BATCHES, clients=_CLIENTS)

        turns = in_turns(stage, once, floor)
    notes = {"p95_ms": round(statistics.median(latencies), 1)}
    return Measured(unit="events/s", better="higher", notes=notes, **turns)


@row(
    "batch-512",
    title="batch ingest, 4 clients x 500 events of 0.5 KB, 2 workers",
    marks=[Mark(of="ratio", at_least=0.85, against="COPY of the same rows over 4 connections")],
)
def batch_small(stage: Stage) -> Measured:
    """Floor: COPY of the same rows as text into the same table over 4 connections."""
    return _batch_row(stage, 512)


@row(
    "batch-1024",
    title="batch ingest, 4 clients x 500 events of 1 KB, 2 workers",
    marks=[Mark(of="ratio", at_least=0.85, against="COPY of the same rows over 4 connections")],
)
def batch_large(stage: Stage) -> Measured:
    """Floor: as batch-512."""
    return _batch_row(stage, 1024)


@row(
    "batch-client-ids",
    title="batch ingest with event_id sent, 0.5 KB, 2 workers",
    marks=[Mark(of="ratio", at_least=0.60, against="COPY of the same rows without any check of ids")],
)
def batch_with_ids(stage: Stage) -> Measured:
    """Floor: as batch-512."""
    return _batch_row(stage, 512, with_id=True)


def _post_row(stage: Stage, synchronous_commit: str) -> Measured:
    tails: list[float] = []
    with (
        stage.database(synchronous_commit=synchronous_commit) as address,
        stage.service(workers=2, database=address, **PATIENT) as service,
    ):

        def once() -> float:
            requests = [post_request(number) for number in range(_SINGLES)]
            traffic = only(drive(service.url, requests, connections=_SINGLE_CONNECTIONS), 201)
            tails.append(traffic.percentile(0.99) * 1000)
            return _SINGLES / traffic.seconds

        def floor() -> float:
            return pgbench_inserts(address, clients=_SINGLE_CONNECTIONS, seconds=_PGBENCH_SECONDS).rate

        alone = statistics.median(pgbench_inserts(address, clients=1, transactions=100).latencies) * 1000
        turns = in_turns(stage, once, floor)
    slow = alone > _SLOW_FSYNC_MS
    notes = {
        "p99_ms": round(statistics.median(tails), 1),
        "one_insert_ms": round(alone, 3),
        "ratio_slow_fsync": turns["ratio_of_turns"] if slow else None,
        "ratio_fast_fsync": None if slow else turns["ratio_of_turns"],
    }
    return Measured(unit="events/s", better="higher", notes=notes, **turns)


_FAST = Mark(of="ratio_fast_fsync", at_least=0.7, against="pgbench, one INSERT alone <= 0.5 ms")
_SLOW = Mark(of="ratio_slow_fsync", at_least=1.0, against="pgbench, one INSERT alone > 0.5 ms")


@row("post", title="single POST, 32 connections, 2 workers", marks=[_FAST, _SLOW])
def post(stage: Stage) -> Measured:
    """Floor: pgbench, one INSERT a transaction into the same table, 32 clients."""
    return _post_row(stage, "on")


@row("post-unsynced", title="single POST, 32 connections, 2 workers, synchronous_commit off", marks=[_FAST])
def post_unsynced(stage: Stage) -> Measured:
    """What a disk with a very fast fsync would give; floor as `post`, on the same database."""
    return _post_row(stage, "off")


@row(
    "burst-150",
    title="burst of 150 concurrent POSTs, all 201",
    marks=[Mark(of="value", at_most=1, unit="s", against="as promised")],
)
def burst(stage: Stage) -> Measured:
    """Until the last of the burst, each on a connection of its own, default settings; floor: 150 pgbench clients."""
    return _burst(stage, 150)


@row(
    "burst-50",
    title="50 concurrent POSTs on a pool of 25, all 201",
    marks=[Mark(of="value", at_most=1, unit="s", against="as promised")],
)
def burst_on_pool(stage: Stage) -> Measured:
    """Until the last of the burst; floor: 50 pgbench clients."""
    return _burst(stage, 50, pool_max_size=25)


def _burst(stage: Stage, size: int, **settings: object) -> Measured:
    with stage.service(**settings) as service:
        address = service.environment["DATABASE_URL"]

        def floor() -> float:
            return max(pgbench_inserts(address, clients=size, transactions=1).latencies)

        turns = in_turns(stage, lambda: _burst_seconds(service.url, size), floor)
    return Measured(unit="s", better="lower", **turns)


def _burst_seconds(url: str, size: int) -> float:
    requests = [post_request(number) for number in range(size)]
    return only(drive(url, requests, connections=size), 201).seconds


@row(
    "bursts-100",
    title="three bursts of 100 POSTs, one after the other: the third beside the first",
    marks=[Mark(of="ratio", at_most=1.25, against="the first burst: no degradation")],
)
def bursts(stage: Stage) -> Measured:
    """Until the last answer of the third burst; floor: of the first. Default settings, all 201."""
    with stage.service() as service:
        rounds = [[_burst_seconds(service.url, 100) for _ in range(3)] for _ in range(2 * stage.rounds + 1)]
    pairs = [(third, first) for first, _, third in rounds[1:]]
    values, floors = zip(*pairs, strict=True)
    return Measured(
        value=statistics.median(values),
        unit="s",
        better="lower",
        floor=statistics.median(floors),
        ratio_of_turns=statistics.median(third / first for third, first in pairs),
    )
