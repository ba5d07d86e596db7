"""Which months and which indexes a query opens, read from EXPLAIN at a million events over twelve months."""

from __future__ import annotations

import re
from datetime import UTC, datetime, timedelta
from uuid import UUID

import psycopg
import pytest
from psycopg import sql

from benchmarks.generate import generate
from repository import event_pages
from repository.event_conditions import conditions_of
from repository.event_filters import EventFilter, EventQuery
from repository.keyset import Position
from tests.fixtures.database import fresh_database
from tests.fixtures.reading import OPTIONS

EVENTS = 1_000_000
LEADING = (
    "correlation_id", "event_type", "event_category", "resource_id", "actor_id", "event_data", "event_timestamp",
)  # fmt: skip
END = datetime(2026, 12, 1, tzinfo=UTC)
#: Months kept ready ahead are empty: any of their indexes is as good as another.
FIRST_EMPTY = "2026_12"


@pytest.fixture(scope="module")
def million(postgres_url, template_database):
    with fresh_database(postgres_url, template_database) as url:
        generate(url, events=EVENTS, end=END, months=12, report=lambda _done: None)
        with psycopg.connect(url, autocommit=True, options=OPTIONS) as connection:
            yield connection


def plan_of(connection, statement, values, *, bitmaps=False):
    with connection.transaction():
        if bitmaps:
            connection.execute(event_pages.WITH_BITMAPS)
        explained = connection.execute(sql.SQL("EXPLAIN (ANALYZE, TIMING OFF) ") + statement, values).fetchall()
    return "\n".join(row[0] for row in explained)


def page(query):
    conditions = conditions_of(query)
    order = event_pages.ordering(query)
    text = event_pages._LOW_SELECTIVITY if query.low_selectivity else event_pages._WALK
    return sql.SQL(text).format(**order, conditions=conditions.sql), conditions.values


def indexes(plan):
    """The leading columns of the indexes in a plan; PostgreSQL cuts their names at 63 characters."""
    used = re.findall(r"(?:using|Bitmap Index Scan on) audit_events_(\d{4}_\d{2})_(\S+)", plan)
    names = {name for month, name in used if month < FIRST_EMPTY}
    return {next(column for column in LEADING if name.startswith(column)) for name in names}


def months(plan):
    found = re.findall(r" on audit_events_(\d{4}_\d{2})\b", plan)
    return {f"audit_events_{month}" for month in found if month < FIRST_EMPTY}


@pytest.mark.parametrize(
    ("where", "index"),
    [
        ({"correlation_id": "corr-30000"}, "correlation_id"),
        ({"event_type": "gateway.signal.received"}, "event_type"),
        ({"event_category": "nonsense"}, None),  # the CHECK alone says that no row can have it
        ({"event_category": "gateway"}, "event_timestamp"),
        ({"resource_id": "res-777"}, "resource_id"),
        ({"actor_id": "nobody"}, "actor_id"),
        ({"event_outcome": "failure"}, "event_timestamp"),
        ({"severity": "critical"}, "event_timestamp"),
        ({"resource_type": "signal"}, "event_timestamp"),
        ({"namespace": "ns-7"}, "event_timestamp"),
        ({"cluster_name": "cluster-3"}, "event_timestamp"),
        ({}, "event_timestamp"),
    ],
)
@pytest.mark.parametrize("descending", [True, False])
def test_each_filter_goes_through_its_index_and_never_through_the_whole_table(million, where, index, descending):
    plan = plan_of(million, *page(EventQuery(where=EventFilter(**where), descending=descending)))
    assert "Seq Scan" not in plan
    assert indexes(plan) == ({index} if index else set()), plan


def test_a_rare_payload_is_collected_through_its_own_index(million):
    query = EventQuery(where=EventFilter(data='{"n": 5000}'), low_selectivity=True)
    plan = plan_of(million, *page(query), bitmaps=True)
    assert indexes(plan) == {"event_data"}, plan
    assert "Seq Scan" not in plan


def test_a_prefix_is_collected_through_the_index_of_types(million):
    plan = plan_of(
        million, *page(EventQuery(where=EventFilter(event_type_prefix="gateway.signal.re"), low_selectivity=True))
    )
    assert indexes(plan) == {"event_type"}, plan
    assert "Seq Scan" not in plan


@pytest.fixture(scope="module")
def unvacuumed(postgres_url, template_database):
    """Events as they are right after they were written: PostgreSQL must look at each row to know that it is visible."""
    with fresh_database(postgres_url, template_database) as url:
        generate(url, events=200_000, end=END, months=0.5, report=lambda _done: None, vacuum=False)
        with psycopg.connect(url, autocommit=True, options=OPTIONS) as connection:
            yield connection


@pytest.mark.parametrize(
    "where",
    [
        {},
        {"event_category": "gateway"},
        {"event_type": "gateway.signal.received"},
        {"since": END - timedelta(days=12)},
        {"event_category": "gateway", "since": END - timedelta(days=12)},
    ],
)
def test_the_first_page_of_events_just_written_reads_no_more_than_its_count_needs(unvacuumed, where):
    query = EventQuery(where=EventFilter(**where))
    conditions = conditions_of(query)
    statement = sql.SQL(event_pages._PAGE).format(
        **event_pages.ordering(query),
        conditions=conditions.sql,
        tells_from=sql.Literal(1),
        ceiling=sql.Literal(event_pages.TOTAL_CEILING + 1),
    )
    plan = plan_of(unvacuumed, statement, conditions.values)
    read = [int(rows) for rows in re.findall(r"Scan .*actual rows=(\d+)", plan)]
    assert max(read, default=0) <= event_pages.TOTAL_CEILING + 1, plan


@pytest.mark.parametrize(
    ("query", "expected"),
    [
        (EventQuery(where=EventFilter(correlation_id="corr-1", since=END - timedelta(days=3))), {"2026_11"}),
        (
            EventQuery(where=EventFilter(since=END - timedelta(days=45), until=END - timedelta(days=20))),
            {"2026_10", "2026_11"},
        ),
        (
            EventQuery(
                where=EventFilter(correlation_id="corr-1"),
                after=Position(datetime(2026, 2, 3, tzinfo=UTC), UUID(int=1)),
            ),
            {"2025_12", "2026_01", "2026_02"},
        ),
        (
            EventQuery(
                where=EventFilter(correlation_id="corr-1", until=datetime(2026, 4, 5, tzinfo=UTC)),
                after=Position(datetime(2026, 3, 3, tzinfo=UTC), UUID(int=1)),
                descending=False,
            ),
            {"2026_03", "2026_04"},
        ),
    ],
)
def test_only_the_months_concerned_are_opened(million, query, expected):
    assert months(plan_of(million, *page(query))) <= {f"audit_events_{month}" for month in expected}


def test_only_queries_whose_plan_fits_every_value_are_prepared():
    def prepared(**where):
        return event_pages._prepares(EventQuery(where=EventFilter(**where)))

    assert prepared()
    assert prepared(correlation_id="c", actor_id="a")
    assert prepared(data="{}")
    assert not prepared(actor_id="a")
    assert not prepared(event_category="gateway")


@pytest.mark.parametrize("after", [None, Position(END, UUID(int=1))])
@pytest.mark.parametrize(
    ("where", "bitmaps"),
    [({"data": '{"n": 1}'}, "on"), ({"event_type_prefix": "gateway."}, "off"), ({"event_category": "gateway"}, "off")],
)
async def test_bitmaps_are_on_for_payloads_alone(database_url, where, bitmaps, after):
    """The index of payloads delivers nothing else; every other count would build one of all matches first."""
    query = EventQuery(where=EventFilter(**where), after=after)
    async with await psycopg.AsyncConnection.connect(database_url, autocommit=True, options=OPTIONS) as connection:
        async with event_pages._planned(connection, query):
            inside = await (await connection.execute("SHOW enable_bitmapscan")).fetchone()
        behind = await (await connection.execute("SHOW enable_bitmapscan")).fetchone()
    assert (inside, behind) == ((bitmaps,), ("off",))
