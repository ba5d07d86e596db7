"""Acceptance group C and what else a reader of the trail relies on, over a real PostgreSQL."""

from __future__ import annotations

import asyncio
import csv
import io
import itertools
import json
import threading
from datetime import UTC, datetime, timedelta
from urllib.parse import quote
from uuid import UUID, uuid4

import psycopg
import pytest
import pytest_asyncio

from repository.event_filters import EventFilter, EventQuery
from tests.fixtures.awaiting import eventually
from tests.fixtures.reading import insert_events, read_pool, read_server, reading

EVENTS = "/api/v1/audit/events"
STREAMS = ("application/x-ndjson", "text/csv")
NOW = datetime.now(UTC).replace(microsecond=0)


@pytest_asyncio.fixture
async def trail(database_url):
    async with reading(database_url) as opened:
        opened.url = database_url
        yield opened


async def ask(trail, path=EVENTS, status=200, **params):
    response = await trail.client.get(path, params=params)
    assert response.status_code == status, response.text
    return response.json()


async def ids_of(trail, **params):
    return [event["event_id"] for event in (await ask(trail, **params))["data"]]


async def all_pages(trail, **params):
    """The ids of each page, following next_cursor."""
    pages, cursor = [], None
    while True:
        answer = await ask(trail, **params, **({"cursor": cursor} if cursor else {}))
        pages.append([event["event_id"] for event in answer["data"]])
        cursor = answer["pagination"]["next_cursor"]
        if cursor is None:
            return pages


async def test_five_events_of_a_correlation_come_newest_first_with_their_total(trail):
    ids = insert_events(trail.url, ({"event_timestamp": NOW - timedelta(minutes=n)} for n in range(5)))
    insert_events(trail.url, [{"correlation_id": "another"}])
    answer = await ask(trail, correlation_id="c-1")
    assert [event["event_id"] for event in answer["data"]] == ids
    assert answer["pagination"] == {
        "limit": 50, "offset": 0, "total": 5, "total_relation": "eq", "has_more": False, "next_cursor": None,
    }  # fmt: skip


async def test_a_correlation_that_fits_on_its_page_is_not_counted_by_a_second_look(database_url):
    async with reading(database_url, size=1) as trail:
        insert_events(database_url, ({} for _ in range(3)))
        for params, counts in (({}, False), ({"offset": 2}, False), ({"limit": 2}, True)):
            pagination = (await ask(trail, correlation_id="c-1", **params))["pagination"]
            assert (pagination["total"], pagination["total_relation"]) == (3, "eq")
            assert await has_counted(trail) == counts


async def has_counted(trail):
    """Whether the only connection of the pool knows a statement that counts."""
    connection = await trail.pool.getconn()
    try:
        known = await (await connection.execute("SELECT statement FROM pg_prepared_statements")).fetchall()
    finally:
        await trail.pool.putconn(connection)
    return any("count(*)" in statement for (statement,) in known)


FILTERS = {
    "correlation_id": "c-x",
    "event_type": "analysis.analysis.completed",
    "event_category": "analysis",
    "event_outcome": "failure",
    "severity": "critical",
    "actor_id": "alice",
    "resource_type": "node",
    "resource_id": "r-x",
    "namespace": "production",
    "cluster_name": "eu-1",
    "data": {"signal_count": 150, "query_filters": {"severity": "critical"}},
}


@pytest.mark.parametrize("name", FILTERS)
@pytest.mark.parametrize("order", ["asc", "desc"])
async def test_each_filter_finds_its_events_only_and_counts_beyond_the_page(trail, name, order):
    column = "event_data" if name == "data" else name
    value = {**FILTERS["data"], "more": [1]} if name == "data" else FILTERS[name]
    wanted = insert_events(
        trail.url, ({column: value, "event_timestamp": NOW + timedelta(seconds=n)} for n in range(4))
    )
    insert_events(trail.url, ({} for _ in range(3)))
    asked = json.dumps(FILTERS["data"]) if name == "data" else FILTERS[name]
    answer = await ask(trail, **{name: asked, "limit": 3, "order": order})
    expected = wanted if order == "asc" else wanted[::-1]
    assert [event["event_id"] for event in answer["data"]] == expected[:3]
    assert (answer["pagination"]["total"], answer["pagination"]["has_more"]) == (4, True)
    assert [i for page in await all_pages(trail, **{name: asked, "limit": 3, "order": order}) for i in page] == expected


async def test_filters_are_anded(trail):
    both = insert_events(trail.url, [{"actor_id": "alice", "event_category": "workflow"}])
    insert_events(trail.url, [{"actor_id": "alice"}, {"event_category": "workflow"}])
    assert await ids_of(trail, actor_id="alice", event_category="workflow") == both


async def test_a_prefix_finds_the_types_that_start_with_it(trail):
    types = ["gateway.a", "gateway.b", "gateway/", "gateway", "gateway-x.a"]
    ids = insert_events(trail.url, ({"event_type": text} for text in types))
    assert set(await ids_of(trail, event_type="gateway.*")) == set(ids[:2])
    assert (await ask(trail, event_type="gateway.*", limit=1))["pagination"]["total"] == 2
    assert await ids_of(trail, event_type="%*") == []
    assert len(await ids_of(trail, event_type="*")) == 5


async def test_windows_are_inclusive_at_both_ends_and_empty_when_reversed(trail):
    (event_id,) = insert_events(trail.url, [{"event_timestamp": NOW}])
    exact = NOW.isoformat()
    assert await ids_of(trail, since=exact, until=exact) == [event_id]
    assert await ids_of(trail, start_time=exact, end_time=exact) == [event_id]
    assert await ids_of(trail, since=(NOW + timedelta(microseconds=1)).isoformat()) == []
    answer = await ask(trail, since="1h", until="2h")
    assert (answer["data"], answer["pagination"]["total"], answer["pagination"]["has_more"]) == ([], 0, False)
    for form in ("24h", "7d", "90m", "2025-12-01", "2025-12-01T10:00:00"):
        assert await ids_of(trail, since=form) == [event_id]


@pytest.mark.parametrize(
    ("params", "named", "says"),
    [
        ({"limit": "0"}, "limit", "must be at least 1"),
        ({"limit": "1001"}, "limit", "1000"),
        ({"offset": "-1"}, "offset", "must be at least 0"),
        ({"since": "invalid"}, "since", "invalid time format"),
        ({"end_time": "invalid"}, "end_time", "invalid time format"),
        ({"order": "up"}, "order", "asc"),
        ({"colour": "red"}, "colour", "unknown"),
        ({"data": "[1]"}, "data", "object"),
        ({"data": '{"a": "\\u0000"}'}, "a", "U+0000"),
        ({"data": '{"a": 1e999999}'}, "a", "out of range"),
        ({"cursor": "forged"}, "cursor", "cursor"),
        ({"actor_id": "a\0b"}, "actor_id", "U+0000"),
    ],
)
async def test_what_cannot_be_used_is_refused_by_name(trail, params, named, says):
    problem = await ask(trail, status=400, **params)
    assert problem["type"] == "https://kubernaut.ai/problems/validation-error"
    assert problem["title"] == "Validation Error"
    assert says in problem["detail"]
    assert named in problem["field_errors"]


async def test_an_unknown_category_and_an_offset_past_the_end_are_empty_pages(trail):
    insert_events(trail.url, ({} for _ in range(3)))
    assert (await ask(trail, event_category="nonsense"))["data"] == []
    answer = await ask(trail, offset=500)
    assert (answer["data"], answer["pagination"]["total"], answer["pagination"]["has_more"]) == ([], 3, False)


async def test_pages_by_offset_are_disjoint_and_say_whether_there_is_more(trail):
    ids = insert_events(trail.url, ({"event_timestamp": NOW} for _ in range(150)))
    answers = [await ask(trail, limit=50, offset=offset) for offset in (0, 50, 100)]
    assert [answer["pagination"]["has_more"] for answer in answers] == [True, True, False]
    assert {answer["pagination"]["total"] for answer in answers} == {150}
    seen = [event["event_id"] for answer in answers for event in answer["data"]]
    assert sorted(seen) == sorted(ids)


@pytest.mark.parametrize("order", ["asc", "desc"])
@pytest.mark.parametrize("filters", [{}, {"event_type": "gateway.*"}, {"data": '{"k": "v"}'}])
async def test_cursor_pages_show_every_event_once_while_others_write(trail, order, filters):
    before = insert_events(trail.url, ({"event_timestamp": NOW} for _ in range(3000)))
    stop = asyncio.Event()

    async def write():
        while not stop.is_set():
            await asyncio.to_thread(insert_events, trail.url, [{"event_timestamp": NOW}, {}, {"severity": "x"}])

    writing = asyncio.create_task(write())
    pages = await all_pages(trail, order=order, limit=97, **filters)
    stop.set()
    await writing
    seen = [event_id for page in pages for event_id in page]
    assert len(seen) == len(set(seen))
    assert set(before) <= set(seen)
    assert len(pages) > 30


@pytest_asyncio.fixture
async def counting_writer(trail):
    """Commits events one after the other while the test reads; each says how many were stored before it."""
    stop = threading.Event()
    statement = (
        "INSERT INTO audit_events (event_id, event_version, event_timestamp, event_date, event_type, event_category,"
        " event_action, event_outcome, actor_type, actor_id, resource_type, resource_id, correlation_id, event_data)"
        " VALUES (gen_random_uuid(), '1.0', %(at)s, %(at)s::date, 'gateway.a.b', 'gateway', 'a', 'success', 'service',"
        " 's', 't', 'r', 'counted', jsonb_build_object('k', 'v', 'n', %(n)s::int))"
    )

    def write():
        with psycopg.connect(trail.url, autocommit=True, options="-c timezone=UTC") as connection:
            for n in itertools.takewhile(lambda _: not stop.is_set(), range(9000)):
                connection.execute(statement, {"at": NOW + timedelta(microseconds=n), "n": n})

    writing = asyncio.create_task(asyncio.to_thread(write))
    await eventually(lambda: ids_of(trail, limit=1))
    yield
    stop.set()
    await writing


@pytest.mark.usefixtures("counting_writer")
@pytest.mark.parametrize(
    "filters", [{}, {"correlation_id": "counted"}, {"event_type": "gateway.*"}, {"data": '{"k": "v"}'}]
)
async def test_total_and_page_are_of_one_moment_while_others_write(trail, filters):
    """The newest event tells how many there were when the page was read."""
    answers = [await ask(trail, limit=1, **filters) for _ in range(100)]
    newest = [answer["data"][0]["event_data"]["n"] for answer in answers]
    assert [answer["pagination"]["total"] for answer in answers] == [n + 1 for n in newest]
    assert newest[-1] > newest[0], "others wrote meanwhile"
    whole = [await ask(trail, limit=1000, **filters) for _ in range(5)]
    assert all(len(one["data"]) == min(one["pagination"]["total"], 1000) for one in whole)


@pytest.mark.usefixtures("counting_writer")
async def test_a_timeline_and_its_summary_are_of_one_moment_while_others_write(trail):
    path = "/api/v1/audit/correlations/counted/timeline"
    answers = [await ask(trail, path, limit=1000) for _ in range(10)]
    summed = [answer["summary"]["events"] for answer in answers]
    assert [len(answer["events"]) for answer in answers] == [min(events, 1000) for events in summed]
    assert summed[-1] > summed[0], "others wrote meanwhile"


async def test_the_link_header_leads_through_all_pages(trail):
    ids = insert_events(trail.url, ({"namespace": "nä me&x", "event_timestamp": NOW} for _ in range(5)))
    response = await trail.client.get(EVENTS, params={"namespace": "nä me&x", "limit": 2, "since": "24h"})
    seen = []
    while True:
        seen += [event["event_id"] for event in response.json()["data"]]
        if "next" not in response.links:
            break
        response = await trail.client.get(response.links["next"]["url"])
        assert response.json()["pagination"]["total"] is None
    assert sorted(seen) == sorted(ids)


async def test_a_cursor_with_other_filters_or_order_is_refused(trail):
    insert_events(trail.url, ({} for _ in range(3)))
    cursor = (await ask(trail, limit=1))["pagination"]["next_cursor"]
    for changed in ({"order": "asc"}, {"actor_id": "alice"}, {"since": "1h"}):
        assert "cursor" in (await ask(trail, status=400, cursor=cursor, **changed))["field_errors"]
    assert len((await ask(trail, cursor=cursor, limit=2))["data"]) == 2


async def test_the_total_is_exact_to_ten_thousand_and_then_a_lower_bound(trail):
    with psycopg.connect(trail.url) as connection:
        connection.execute(
            "INSERT INTO audit_events (event_id, event_version, event_timestamp, event_date, event_type,"
            " event_category, event_action, event_outcome, actor_type, actor_id, resource_type, resource_id,"
            " correlation_id, event_data)"
            " SELECT gen_random_uuid(), '1.0', %(at)s, %(date)s, 'gateway.a.b', 'gateway', 'a', 'success', 'service',"
            " 's', 't', 'r', 'c', '{\"k\": 1}' FROM generate_series(1, 10000)",
            {"at": NOW, "date": NOW.date()},
        )
    for filters in ({}, {"data": '{"k": 1}'}, {"event_type": "gateway.*"}):
        total = (await ask(trail, limit=1, **filters))["pagination"]
        assert (total["total"], total["total_relation"]) == (10000, "eq")
    insert_events(trail.url, [{"event_data": {"k": 1}}])
    for filters in ({}, {"data": '{"k": 1}'}, {"event_type": "gateway.*"}):
        total = (await ask(trail, limit=1, **filters))["pagination"]
        assert (total["total"], total["total_relation"]) == (10000, "gte")


HOSTILE = [
    "' OR '1'='1",
    "'; DROP TABLE audit_events; --",
    "%",
    "_",
    "\\",
    "{}",
    "%s",
    "%(x)s",
    '"',
    "日本語 🚀",
    "é" * 255,
    "*x",
]


@pytest.mark.parametrize("value", HOSTILE)
async def test_hostile_values_are_values(trail, value):
    (event_id,) = insert_events(trail.url, [{"correlation_id": value, "event_data": {value: value}}])
    insert_events(trail.url, [{}])
    assert await ids_of(trail, correlation_id=value) == [event_id]
    assert await ids_of(trail, data=json.dumps({value: value})) == [event_id]
    timeline = await trail.client.get(f"/api/v1/audit/correlations/{_quoted(value)}/timeline")
    assert timeline.json()["summary"]["events"] == 1


def _quoted(value):
    return quote(value, safe="")


async def test_a_value_longer_than_an_address_may_be_is_414(trail):
    assert (await ask(trail, status=414, actor_id="x" * 10_000))["title"] == "URI Too Long"


async def test_every_column_comes_back_null_or_not_digit_for_digit(trail):
    numbers = '{"big": 18446744073709551617, "tiny": 0.1000000000000000055511151231257827}'
    full = {
        "event_data": numbers, "actor_ip": "10.1.2.3", "resource_name": "n", "parent_event_id": uuid4(),
        "parent_event_date": NOW.date(), "trace_id": "a" * 32, "span_id": "b" * 16, "namespace": "ns",
        "cluster_name": "cl", "severity": "info", "duration_ms": 1500, "error_code": "E", "error_message": "boom",
    }  # fmt: skip
    full_id, bare_id = insert_events(trail.url, [full, {"event_timestamp": NOW}])
    found = await trail.client.get(f"{EVENTS}/{full_id}")
    event = found.json()
    assert (event["actor_ip"], event["duration_ms"], event["trace_id"]) == ("10.1.2.3", 1500, "a" * 32)
    assert "18446744073709551617" in found.text
    assert "0.1000000000000000055511151231257827" in found.text
    bare = await ask(trail, f"{EVENTS}/{bare_id}")
    assert bare["event_timestamp"] == NOW.isoformat().replace("+00:00", "Z")
    optional = set(full) - {"event_data"}
    assert {name for name, value in bare.items() if value is None} == optional | {"event_metadata", "recorded_by"}
    assert {event["event_id"] for event in (await ask(trail))["data"]} == {full_id, bare_id}


async def test_an_absent_value_is_null_in_every_form_and_empty_in_csv(trail):
    """C20; an empty text stays one, save in CSV, which cannot tell them apart."""
    (event_id,) = insert_events(trail.url, [{"namespace": "", "error_message": ""}])
    absent = {
        "actor_ip", "resource_name", "parent_event_id", "parent_event_date", "trace_id", "span_id", "cluster_name",
        "event_metadata", "severity", "duration_ms", "error_code", "recorded_by",
    }  # fmt: skip
    timeline = await ask(trail, "/api/v1/audit/correlations/c-1/timeline")
    ndjson, table = [(await trail.client.get(EVENTS, headers={"Accept": accept})).text for accept in STREAMS]
    forms = [
        await ask(trail, f"{EVENTS}/{event_id}"),
        (await ask(trail))["data"][0],
        timeline["events"][0]["event"],
        json.loads(ndjson),
    ]
    for form in forms:
        assert {name for name, value in form.items() if value is None} == absent
        assert (form["namespace"], form["error_message"]) == ("", "")
    (row,) = csv.DictReader(io.StringIO(table, newline=""))
    assert {name for name, value in row.items() if not value} == absent | {"namespace", "error_message"}
    assert list(row) == list(forms[0])


async def test_an_event_is_found_by_any_kind_of_id_in_any_month(trail):
    generated_long_ago = UUID("01939f5e-7f3c-7d2a-8c3e-0b6f1a2b3c4d")
    ids = insert_events(trail.url, [{"event_id": generated_long_ago}, {"event_id": uuid4()}])
    for event_id in ids:
        assert (await ask(trail, f"{EVENTS}/{event_id}"))["event_id"] == event_id
    assert (await ask(trail, f"{EVENTS}/{uuid4()}", status=404))["title"] == "Not Found"
    assert (await ask(trail, f"{EVENTS}/nonsense", status=400))["title"] == "Validation Error"


async def test_a_timeline_has_gaps_depths_and_a_summary(trail):
    root, child, grandchild = uuid4(), uuid4(), uuid4()
    insert_events(trail.url, [
        {"event_id": root, "event_timestamp": NOW},
        {"event_id": child, "event_timestamp": NOW + timedelta(milliseconds=5), "parent_event_id": root,
         "parent_event_date": NOW.date(), "event_category": "analysis", "actor_id": "analysis-service"},
        {"event_id": grandchild, "event_timestamp": NOW + timedelta(seconds=1), "parent_event_id": child,
         "parent_event_date": NOW.date(), "event_outcome": "failure"},
    ])  # fmt: skip
    path = "/api/v1/audit/correlations/c-1/timeline"
    whole = await ask(trail, path)
    assert [(e["event"]["event_id"], e["gap_ms"], e["depth"]) for e in whole["events"]] == [
        (str(root), None, 0), (str(child), 5, 1), (str(grandchild), 995, 2),
    ]  # fmt: skip
    assert whole["summary"]["by_category"] == {"analysis": 1, "gateway": 2}
    assert whole["summary"]["by_outcome"] == {"failure": 1, "success": 2}
    assert whole["summary"]["services"] == ["analysis-service", "gateway-service"]
    first = await ask(trail, path, limit=2)
    rest = await ask(trail, path, limit=2, cursor=first["pagination"]["next_cursor"])
    assert rest["summary"] is None
    assert [(e["gap_ms"], e["depth"]) for e in rest["events"]] == [(995, 2)]
    assert (await ask(trail, "/api/v1/audit/correlations/unknown/timeline", status=404))["status"] == 404
    foreign = first["pagination"]["next_cursor"]
    await ask(trail, "/api/v1/audit/correlations/c-2/timeline", status=400, cursor=foreign)


async def test_streams_bring_every_event_in_order(trail):
    ids = insert_events(trail.url, ({"event_timestamp": NOW + timedelta(seconds=n)} for n in range(1234)))
    lines = await trail.client.get(EVENTS, headers={"Accept": "application/x-ndjson"}, params={"order": "asc"})
    assert lines.headers["content-type"] == "application/x-ndjson"
    assert [json.loads(line)["event_id"] for line in lines.text.splitlines()] == ids
    table = await trail.client.get(EVENTS, headers={"Accept": "text/csv"}, params={"limit": 7})
    rows = list(csv.DictReader(io.StringIO(table.text, newline="")))
    assert [row["event_id"] for row in rows] == ids[::-1][:7]
    refused = await trail.client.get(EVENTS, headers={"Accept": "application/xml"})
    assert refused.status_code == 406


@pytest.mark.parametrize(("accept", "lines"), [("application/x-ndjson", 0), ("text/csv", 1)])
async def test_a_stream_of_no_events_is_empty_and_no_failure(trail, accept, lines):
    answer = await trail.client.get(EVENTS, headers={"Accept": accept}, params={"correlation_id": "nobody's"})
    assert (answer.status_code, len(answer.text.splitlines())) == (200, lines)


async def test_a_stream_that_is_closed_gives_its_connection_and_turn_back(trail):
    insert_events(trail.url, ({} for _ in range(1500)))
    for _ in range(5):
        portions = trail.queries.export(EventQuery(where=EventFilter()))
        assert 0 < len(await anext(portions)) < 1500
        await portions.aclose()
    assert trail.pool.get_stats()["pool_available"] == trail.pool.get_stats()["pool_size"]
    assert len(await ids_of(trail)) == 50


async def test_a_query_that_takes_too_long_is_503_with_advice(database_url):
    insert_events(database_url, [{}])
    with psycopg.connect(database_url) as locker:
        locker.execute("LOCK TABLE audit_events IN ACCESS EXCLUSIVE MODE")
        async with reading(database_url, options="-c statement_timeout=150") as trail:
            for accept in ("application/json", "application/x-ndjson"):
                response = await trail.client.get(EVENTS, headers={"Accept": accept})
                assert response.status_code == 503
                assert response.json()["type"].endswith("/query-timeout")
                assert "Narrow it" in response.json()["detail"]


async def test_a_database_that_is_away_is_503_at_once_and_reads_return_with_it(own_postgres):
    async with reading(own_postgres.url) as trail:
        assert (await trail.client.get(EVENTS)).status_code == 200
        own_postgres.kill()
        for _ in range(3):
            started = asyncio.get_running_loop().time()
            response = await trail.client.get(EVENTS)
            assert response.status_code == 503
            assert response.headers["retry-after"]
            assert asyncio.get_running_loop().time() - started < 1
        own_postgres.start()

        async def served():
            return (await trail.client.get(EVENTS)).status_code == 200

        assert await eventually(served)


async def test_reads_use_the_standby_and_fall_back_to_the_primary(database_url, own_postgres):
    (there,) = insert_events(own_postgres.url, [{}])
    (here,) = insert_events(database_url, [{}])
    async with (
        read_pool(own_postgres.url) as pool,
        read_server("standby", pool, own_postgres.url) as standby,
        reading(database_url, standby=standby) as trail,
    ):
        assert await ids_of(trail) == [there]
        assert (await ask(trail, f"{EVENTS}/{here}"))["event_id"] == here
        own_postgres.kill()
        assert await ids_of(trail) == [here]
        lines = await trail.client.get(EVENTS, headers={"Accept": "application/x-ndjson"})
        assert json.loads(lines.text)["event_id"] == here
