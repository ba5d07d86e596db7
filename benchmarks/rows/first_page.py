"""First pages of unselective questions, total included: just written, vacuumed, long pages, many months.

DATASTORAGE_BENCH_EVENTS=10000000 measures a larger table, by hand.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager
from datetime import UTC, datetime
from functools import partial
from itertools import islice
from typing import Any, LiteralString

import httpx
import psycopg

from benchmarks.generate import generate
from benchmarks.harness import Measured, Stage, row
from benchmarks.rows.queries import EVENTS
from repository.pool import PLANNING
from repository.stored_events import RawJsonLoader

_PATH = "/api/v1/audit/events"
#: Newest events, one category, one type.
_QUESTIONS: tuple[tuple[dict[str, str], LiteralString], ...] = (
    ({}, "true"),
    ({"event_category": "gateway"}, "event_category = 'gateway'"),
    ({"event_type": "gateway.signal.received"}, "event_type = 'gateway.signal.received'"),
)
_TIMES = 40
_MONTHS = 85
_MONTHS_EVENTS = 200_000


@contextmanager
def _events(stage: Stage, *, events: int, months: float, vacuum: bool) -> Iterator[str]:
    with stage.database() as url:
        generate(url, events=events, end=datetime.now(UTC), months=months, report=lambda _done: None, vacuum=vacuum)
        yield url


def _database(stage: Stage, name: str, *, events: int = EVENTS, months: float, vacuum: bool) -> str:
    def make() -> AbstractContextManager[str]:
        return _events(stage, events=events, months=months, vacuum=vacuum)

    url: str = stage.share(name, make)
    return url


def _measured(stage: Stage, url: str, *, limit: int) -> Measured:
    """The 95th percentile of all questions, one after the other; floor: page and count through psycopg."""
    with (
        stage.service(workers=2, database=url, sealing="off") as service,
        psycopg.connect(url, autocommit=True, options=PLANNING) as connection,
    ):
        cursor = connection.cursor(binary=True)
        cursor.adapters.register_loader("jsonb", RawJsonLoader)
        values, floors = [], []
        for _ in range(_TIMES * stage.rounds // 5 + 2):  # the first two warm up
            for params, where in _QUESTIONS:
                values.append(_took(partial(_ask, service.client, {**params, "limit": limit})))
                floors.append(_took(partial(_select, cursor, where, limit)))
    values, floors = (sorted(islice(times, 2 * len(_QUESTIONS), None)) for times in (values, floors))
    return Measured(value=_p95(values), unit="ms", better="lower", floor=_p95(floors), notes={"p50_ms": _p50(values)})


def _took(work: Callable[[], None]) -> float:
    began = time.perf_counter()
    work()
    return (time.perf_counter() - began) * 1000


def _p95(ordered: list[float]) -> float:
    return ordered[int(0.95 * len(ordered))]


def _p50(ordered: list[float]) -> float:
    return round(ordered[len(ordered) // 2], 1)


def _ask(client: httpx.Client, params: dict[str, Any]) -> None:
    client.get(_PATH, params=params).raise_for_status()


def _select(cursor: psycopg.Cursor[Any], where: LiteralString, limit: int) -> None:
    order: LiteralString = "ORDER BY event_timestamp DESC, event_id DESC"
    cursor.execute(f"SELECT * FROM audit_events WHERE {where} {order} LIMIT {limit + 1}").fetchall()
    cursor.execute(f"SELECT count(*) FROM (SELECT FROM audit_events WHERE {where} LIMIT 10001) AS counted").fetchall()


@row(
    "first-page", title=f"newest, category, type; total included, {EVENTS:,} events just written, p95", mark="<= 10 ms"
)
def first_page(stage: Stage) -> Measured:
    """Nothing is vacuumed: each counted row is looked up in the table."""
    return _measured(stage, _database(stage, "unvacuumed", months=0.9, vacuum=False), limit=50)


@row("first-page-vacuumed", title=f"the same, {EVENTS:,} events over a year, vacuumed, p95", mark="<= 10 ms")
def first_page_vacuumed(stage: Stage) -> Measured:
    """The count comes from an index alone."""
    return _measured(stage, _database(stage, "vacuumed", months=12, vacuum=True), limit=50)


@row("first-page-1000", title="the same, limit=1000, p95", mark="told")
def first_page_long(stage: Stage) -> Measured:
    """Five slices of 200 events each, and megabytes of JSON."""
    return _measured(stage, _database(stage, "vacuumed", months=12, vacuum=True), limit=1000)


@row("first-page-85-months", title=f"the same, {_MONTHS} attached months, p95", mark="told")
def first_page_months(stage: Stage) -> Measured:
    """Questions by category and type are planned for their value each time, over every month."""
    months = _database(stage, "months", events=_MONTHS_EVENTS, months=_MONTHS - 1.5, vacuum=True)
    return _measured(stage, months, limit=50)
