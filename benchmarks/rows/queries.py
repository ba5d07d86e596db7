"""Reading: timelines, cursors and containment over a year of events.

DATASTORAGE_BENCH_EVENTS=10000000 measures a larger table, by hand.
"""

from __future__ import annotations

import os
import random
import statistics
import threading
import time
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ProcessPoolExecutor
from contextlib import AbstractContextManager, contextmanager
from datetime import UTC, datetime
from typing import Any

import psycopg

from benchmarks.events import only
from benchmarks.generate import generate
from benchmarks.harness import Mark, Measured, Stage, row
from benchmarks.traffic import drive, get_bytes, steady
from repository.stored_events import RawJsonLoader
from tests.fixtures.service import Service

EVENTS = int(os.environ.get("DATASTORAGE_BENCH_EVENTS") or 1_000_000)
_PATH = "/api/v1/audit/events"
_RATE, _SECONDS = 100, 10
_CLOSED = 2000
_CONNECTIONS = 20
_SQL = """
    SELECT * FROM audit_events WHERE correlation_id = %s
    ORDER BY event_timestamp DESC, event_id DESC LIMIT 51
"""
_CONTAINED = """
    SELECT * FROM (SELECT * FROM audit_events WHERE event_data @> %s::jsonb OFFSET 0) AS found
    ORDER BY event_timestamp DESC, event_id DESC LIMIT 51
"""
_PROBES = 60


@contextmanager
def _year(stage: Stage) -> Iterator[str]:
    with stage.database() as url:
        generate(
            url,
            events=EVENTS,
            end=datetime.now(UTC),
            months=12,
            report=lambda done: stage.say(f"{done:,} events") if done % 500_000 == 0 else None,
        )
        yield url


def _filled(stage: Stage) -> str:
    url: str = stage.share("year", lambda: _year(stage))
    return url


def _service(stage: Stage, *, workers: int = 1) -> AbstractContextManager[Service]:
    """The service over that year. Nobody seals: a million events that came at once would be sealed beside the row.

    That takes half a minute of one core, and what was measured then was the sealer's share of the machine.
    """
    return stage.service(workers=workers, database=_filled(stage), sealing="off")


def _correlations(count: int) -> list[str]:
    rng = random.Random(5)
    return [f"corr-{rng.randrange(EVENTS // 27)}" for _ in range(count)]


def _p95(values: Sequence[float]) -> float:
    return sorted(values)[int(0.95 * len(values))] * 1000


@row(
    "timeline-open",
    title=f"timeline by correlation_id, 100 a second, {EVENTS:,} events, p95",
    marks=[Mark(of="value", at_most=15, unit="ms", against="as promised")],
)
def timeline_open(stage: Stage) -> Measured:
    """Open loop, each request measured from when it was due; floor: p95 of the same SQL, one after the other."""
    with _service(stage, workers=2) as service:
        names = _correlations(_RATE * _SECONDS)
        requests = [get_bytes(f"{_PATH}?correlation_id={name}&limit=50") for name in names]
        drive(service.url, requests[:400], connections=4)
        tails = [
            only(steady(service.url, requests, rate=_RATE, connections=16, seed=turn), 200).percentile(0.95) * 1000
            for turn in range(max(1, stage.rounds // 2))
        ]
        floor = _sql_p95(service.environment["DATABASE_URL"], _SQL, names)
    return Measured(value=statistics.median(tails), unit="ms", better="lower", floor=floor)


def _sql_p95(url: str, statement: str, values: Sequence[str]) -> float:
    """The same question through psycopg, one after the other over one connection: its 95th percentile in ms."""
    times = []
    with psycopg.connect(url, autocommit=True) as connection:
        cursor = connection.cursor(binary=True)
        cursor.adapters.register_loader("jsonb", RawJsonLoader)
        for value in values:
            began = time.perf_counter()
            cursor.execute(statement, [value], prepare=True).fetchall()
            times.append(time.perf_counter() - began)
    return _p95(times)


def _in_threads(work: Callable[[], None], count: int) -> None:
    threads = [threading.Thread(target=work) for _ in range(count)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()


@row(
    "timeline-closed",
    title="timeline, 20 connections, requests a second",
    marks=[Mark(of="ratio", at_least=0.5, against="the same SQL through psycopg, 20 connections")],
)
def timeline_closed(stage: Stage) -> Measured:
    """Floor: the page's SQL through psycopg over as many connections, rows fetched and not looked at."""
    url = _filled(stage)
    with _service(stage, workers=2) as service:
        names = _correlations(_CLOSED)
        requests = [get_bytes(f"{_PATH}?correlation_id={name}&limit=50") for name in names]
        values, floors = [], []
        for _ in range(stage.rounds + 1):
            values.append(_CLOSED / drive(service.url, requests, connections=_CONNECTIONS).seconds)
            floors.append(_sql_rate(url, names))
    value, floor = statistics.median(values[1:]), statistics.median(floors[1:])
    return Measured(value=value, unit="requests/s", better="higher", floor=floor)


def _sql_rate(url: str, names: Sequence[str]) -> float:
    """Two processes, as the service has, each with half the connections; rows come raw, as the service takes them."""
    began = time.perf_counter()
    with ProcessPoolExecutor(2) as pool:
        list(pool.map(_ask_all, [url, url], [names[0::2], names[1::2]]))
    return len(names) / (time.perf_counter() - began)


def _ask_all(url: str, names: Sequence[str]) -> None:
    waiting, lock = iter(names), threading.Lock()

    def ask() -> None:
        with psycopg.connect(url, autocommit=True) as connection:
            cursor = connection.cursor(binary=True)
            cursor.adapters.register_loader("jsonb", RawJsonLoader)
            while True:
                with lock:
                    name = next(waiting, None)
                if name is None:
                    return
                cursor.execute(_SQL, [name], prepare=True).fetchall()

    _in_threads(ask, _CONNECTIONS // 2)


@row(
    "cursor-depth",
    title="cursor page 1,000 : page 1, pages of 50",
    marks=[Mark(of="ratio", at_most=1.2, against="page 1")],
)
def cursor_depth(stage: Stage) -> Measured:
    """Medians of the same page asked again and again; the first page is asked by cursor too."""
    with _service(stage) as service:
        params: dict[str, Any] = {"limit": 50, "event_category": "gateway"}
        cursors: list[str] = []
        while len(cursors) < 1000:
            page = service.client.get(_PATH, params=params).json()["pagination"]
            cursors.append(page["next_cursor"])
            params["cursor"] = page["next_cursor"]

        def cost(cursor: str) -> float:
            times = []
            for _ in range(_PROBES):
                began = time.perf_counter()
                service.client.get(_PATH, params=params | {"cursor": cursor}).raise_for_status()
                times.append(time.perf_counter() - began)
            return statistics.median(times) * 1000

        first, deep = cost(cursors[0]), cost(cursors[998])
    return Measured(value=deep, unit="ms", better="lower", floor=first)


@row(
    "containment",
    title=f"data containment, {EVENTS:,} events, 10 hits, p95",
    marks=[Mark(of="value", at_most=20, unit="ms", against="as promised")],
)
def containment(stage: Stage) -> Measured:
    """`data={"decade": …}`: ten events, wherever in the year they are, share each value that is asked for."""
    url = _filled(stage)
    rng = random.Random(6)
    with _service(stage, workers=2) as service:
        tails = []
        for _ in range(stage.rounds + 1):
            times = []
            for _ in range(200):
                decade = rng.randrange(EVENTS // 10)
                began = time.perf_counter()
                answer = service.client.get(_PATH, params={"data": f'{{"decade": {decade}}}'})
                times.append(time.perf_counter() - began)
                answer.raise_for_status()
            tails.append(_p95(times))
        floor = _sql_p95(url, _CONTAINED, [f'{{"decade": {rng.randrange(EVENTS // 10)}}}' for _ in range(200)])
    return Measured(value=statistics.median(tails[1:]), unit="ms", better="lower", floor=floor)
