"""CPU time of writes, reads and searches, beside that of PostgreSQL alone: what CI guards.

On a busy machine a wall clock tells more of other programs than of the service: a floor of 32 backends gets more of
such a machine than two workers do. CPU time does not. Sealing is off: it would go on after the load.
"""

from __future__ import annotations

import random
import statistics
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from datetime import UTC, datetime

import psycopg

from benchmarks.cpu import CpuMeter
from benchmarks.events import EVENTS, batch_request, copy_rate, only, post_request
from benchmarks.generate import generate
from benchmarks.harness import PATIENT, Mark, Measured, Stage, row
from benchmarks.pgbench import pgbench_inserts
from benchmarks.rows.catalog import open_catalog, search_request
from benchmarks.traffic import drive, get_bytes
from repository.stored_events import RawJsonLoader

_BATCH, _BATCHES, _CLIENTS = 500, 12, 4
_SINGLES, _CONNECTIONS = 2_000, 32
_EVENTS, _READS = 100_000, 400
_TURNS = 2
_COLUMNS = "SELECT * FROM audit_events"
_NEWEST = "ORDER BY event_timestamp DESC, event_id DESC LIMIT 51"
_LIVE = get_bytes("/health/live")

Cost = Callable[[], Mapping[str, float]]


def _measured(
    stage: Stage, cost: Cost, floor: Cost, *, counted: Sequence[str], floor_counted: Sequence[str]
) -> Measured:
    """Medians of the CPU that the processes in `counted` used, in turns with the floor, after one to warm up."""
    cost(), floor()
    pairs = []
    for number in range(_TURNS * stage.rounds):
        one, other = (cost(), floor()) if number % 2 else (floor(), cost())[::-1]
        pairs.append((one, sum(one[name] for name in counted), sum(other[name] for name in floor_counted)))
        stage.say(f"turn {number + 1}/{_TURNS * stage.rounds}: {pairs[-1][1]:.0f} us, floor {pairs[-1][2]:.0f} us")
    return Measured(
        value=statistics.median(value for _, value, _ in pairs),
        unit="us of CPU",
        better="lower",
        floor=statistics.median(floor for *_, floor in pairs),
        ratio_of_turns=statistics.median(value / floor for _, value, floor in pairs),
        notes={f"{name}_us": round(statistics.median(one[name] for one, *_ in pairs), 1) for name in counted},
    )


def _batch_cpu(stage: Stage, *, with_id: bool) -> Measured:
    with stage.service(workers=2, sealing="off", **PATIENT) as service:
        meter, events = CpuMeter(service), _BATCH * _BATCHES

        def cost() -> Mapping[str, float]:
            requests = [batch_request(place * _BATCH, _BATCH, with_id=with_id) for place in range(_BATCHES)]
            return meter.microseconds(lambda: only(drive(service.url, requests, connections=_CLIENTS), 201), events)

        def floor() -> Mapping[str, float]:
            address = service.environment["DATABASE_URL"]
            copy = {"size": 512, "batch": _BATCH, "batches": _BATCHES, "clients": _CLIENTS}
            return meter.microseconds(lambda: copy_rate(address, **copy), events)

        return _measured(stage, cost, floor, counted=("workers", "postgres"), floor_counted=("postgres",))


@row("cpu-batch", title="CPU of an event in batches of 500, workers and PostgreSQL", mark="told", core=True)
def cpu_batch(stage: Stage) -> Measured:
    """Floor: PostgreSQL's CPU for a row of COPY."""
    return _batch_cpu(stage, with_id=False)


@row("cpu-batch-ids", title="CPU of an event in batches of 500 with event_id sent", mark="told", core=True)
def cpu_batch_ids(stage: Stage) -> Measured:
    """Floor: as cpu-batch."""
    return _batch_cpu(stage, with_id=True)


@row(
    "cpu-post",
    title="CPU of a single POST, 32 connections, workers and PostgreSQL",
    marks=[Mark(of="workers_us", at_most=150, unit="us", against="both workers (195 us before)")],
    core=True,
)
def cpu_post(stage: Stage) -> Measured:
    """Floor: PostgreSQL's CPU for an INSERT of pgbench."""
    with stage.service(workers=2, sealing="off", **PATIENT) as service:
        meter, address = CpuMeter(service), service.environment["DATABASE_URL"]

        def cost() -> Mapping[str, float]:
            requests = [post_request(number) for number in range(_SINGLES)]
            load = lambda: only(drive(service.url, requests, connections=_CONNECTIONS), 201)  # noqa: E731
            return meter.microseconds(load, _SINGLES)

        def floor() -> Mapping[str, float]:
            each = _SINGLES // _CONNECTIONS
            load = lambda: pgbench_inserts(address, clients=_CONNECTIONS, transactions=each)  # noqa: E731
            return meter.microseconds(load, each * _CONNECTIONS)

        return _measured(stage, cost, floor, counted=("workers", "postgres"), floor_counted=("postgres",))


@contextmanager
def _small_year(stage: Stage) -> Iterator[str]:
    with stage.database() as url:
        generate(url, events=_EVENTS, end=datetime.now(UTC), months=12, report=lambda _: None)
        yield url


def _read_cpu(stage: Stage, paths: Sequence[str], statement: str, values: Sequence[list[str]]) -> Measured:
    """Pages by HTTP; floor: the same SQL through psycopg, rows fetched, the client's CPU included."""
    url = stage.share("small year", lambda: _small_year(stage))
    requests = [get_bytes(path) for path in paths]
    with stage.service(workers=2, database=url, sealing="off", **PATIENT) as service, _reader(url) as cursor:
        meter = CpuMeter(service)

        def ask() -> None:
            for value in values:
                cursor.execute(statement, value, prepare=True).fetchall()

        return _measured(
            stage,
            lambda: meter.microseconds(lambda: only(drive(service.url, requests, connections=4), 200), len(paths)),
            lambda: meter.microseconds(ask, len(values)),
            counted=("workers", "postgres"),
            floor_counted=("client", "postgres"),
        )


@contextmanager
def _reader(url: str) -> Iterator[psycopg.Cursor[tuple[object, ...]]]:
    with psycopg.connect(url, autocommit=True) as connection:
        cursor = connection.cursor(binary=True)
        cursor.adapters.register_loader("jsonb", RawJsonLoader)
        yield cursor


@row("cpu-timeline", title=f"CPU of a timeline by correlation_id, {_EVENTS:,} events", mark="told", core=True)
def cpu_timeline(stage: Stage) -> Measured:
    """Floor: the same SQL through psycopg."""
    rng = random.Random(5)
    names = [f"corr-{rng.randrange(_EVENTS // 27)}" for _ in range(_READS)]
    paths = [f"{EVENTS}?correlation_id={name}&limit=50" for name in names]
    return _read_cpu(stage, paths, f"{_COLUMNS} WHERE correlation_id = %s {_NEWEST}", [[name] for name in names])


@row("cpu-containment", title=f"CPU of a search in event_data, {_EVENTS:,} events, 10 hits", mark="told")
def cpu_containment(stage: Stage) -> Measured:
    """Floor: the same SQL through psycopg."""
    rng = random.Random(6)
    data = [f'{{"decade":{rng.randrange(_EVENTS // 10)}}}' for _ in range(_READS)]
    inner = f"({_COLUMNS} WHERE event_data @> %s::jsonb OFFSET 0)"
    paths = [f"{EVENTS}?data={one.replace('{', '%7B').replace('}', '%7D').replace(chr(34), '%22')}" for one in data]
    return _read_cpu(stage, paths, f"SELECT * FROM {inner} AS found {_NEWEST}", [[one] for one in data])


@row("cpu-newest", title=f"CPU of the first page of one category, {_EVENTS:,} events", mark="told")
def cpu_newest(stage: Stage) -> Measured:
    """With its total; floor: the page's SQL through psycopg, without a count."""
    path = f"{EVENTS}?event_category=gateway&limit=50"
    statement = f"{_COLUMNS} WHERE event_category = %s {_NEWEST}"
    return _read_cpu(stage, [path] * (_READS // 4), statement, [["gateway"]] * (_READS // 4))


@row("cpu-search", title="CPU of a label search, 200 workflows x 3", mark="told")
def cpu_search(stage: Stage) -> Measured:
    """Workers only: the catalog is searched in memory; floor: /health/live, which is answered without work."""
    rng = random.Random(2)
    with open_catalog(stage, 200, sealing="off") as service:
        meter = CpuMeter(service)
        searches = [search_request(rng) for _ in range(2 * _READS)]

        def answered(requests: list[bytes]) -> Mapping[str, float]:
            return meter.microseconds(lambda: only(drive(service.url, requests, connections=4), 200), len(requests))

        return _measured(
            stage,
            lambda: answered(searches),
            lambda: answered([_LIVE] * len(searches)),
            counted=("workers",),
            floor_counted=("workers",),
        )
