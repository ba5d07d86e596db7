"""Last month broken while this month works: late events are queued, every worker says so, a repair is left alone."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import AbstractContextManager, contextmanager
from datetime import UTC, date, datetime, timedelta
from typing import Any
from uuid import uuid4

import httpx
import psycopg
import pytest

from repository.partitions import label, next_month, previous_month, window
from tests.fixtures.awaiting import eventually_sync
from tests.fixtures.events import event_body
from tests.fixtures.service import Service, StartService

PATH = "/api/v1/audit/events"
NOW = datetime.now(UTC)
TODAY = NOW.date()
LAST = previous_month(TODAY)
TABLE = f"audit_events_{label(LAST)}"
FARTHEST = window(TODAY)[-1]
DETACH = f"ALTER TABLE audit_events DETACH PARTITION {TABLE}"
ATTACH = f"ALTER TABLE audit_events ATTACH PARTITION {TABLE} FOR VALUES FROM ('{LAST}') TO ('{next_month(LAST)}')"
MADE = f"SELECT 1 FROM pg_inherits WHERE inhrelid = to_regclass('audit_events_{label(FARTHEST)}')"
SETTINGS = {"event_max_age": 70 * 86400, "partition_interval": 1}
#: A worker that does not know of the fault must not overwrite what the other one shows: enough scrapes to meet both.
SCRAPES = 12


def event(day: date = TODAY, correlation_id: str = "late", **more: object) -> dict[str, Any]:
    at = NOW if day == TODAY else datetime(day.year, day.month, 15, tzinfo=UTC)
    return event_body({"event_timestamp": at.isoformat(), "correlation_id": correlation_id, **more})


def execute(url: str, statement: str) -> list[Any]:
    with psycopg.connect(url, autocommit=True) as connection:
        cursor = connection.execute(statement)
        return cursor.fetchall() if cursor.description else []


@contextmanager
def detached(url: str) -> Iterator[None]:
    execute(url, DETACH)
    try:
        yield
    finally:
        execute(url, ATTACH)


@contextmanager
def locked(url: str) -> Iterator[None]:
    with psycopg.connect(url) as connection:
        connection.execute(f"LOCK TABLE {TABLE} IN ACCESS EXCLUSIVE MODE")
        yield


@pytest.fixture(scope="module")
def service(module_database_url: str, module_queue_url: str) -> Iterator[Service]:
    """Two workers: what one of them knows, the scrape of the other must say too."""
    with Service(database_url=module_database_url, redis_url=module_queue_url, workers=2, settings=SETTINGS) as running:
        yield running


def shown(service: Service, month: date) -> set[str]:
    """The states of a month that scrapes of either worker show, over a few of them."""
    line = re.compile(rf'datastorage_partition_status{{partition="{label(month)}",status="(\w+)"}} 1\.0')
    scrapes = [httpx.get(f"{service.url}/metrics", timeout=10).text for _ in range(SCRAPES)]
    return {",".join(line.findall(scrape)) for scrape in scrapes}


def stored(url: str, correlation_id: str) -> set[str]:
    rows = execute(url, f"SELECT event_id::text FROM audit_events WHERE correlation_id = '{correlation_id}'")
    return {row[0] for row in rows}


@pytest.mark.parametrize(("fault", "state"), [(locked, "unavailable"), (detached, "missing")])
def test_only_last_month_is_queued_and_its_state_is_told_by_every_worker(
    service: Service, module_database_url: str, fault: Callable[[str], AbstractContextManager[None]], state: str
) -> None:
    post, correlation = service.client.post, f"late-{state}"
    with fault(module_database_url):
        late = post(PATH, json=event(LAST, correlation))
        assert late.status_code == 202
        batch = post(f"{PATH}/batch", json=[event(LAST, correlation), event(correlation_id=correlation)])
        assert batch.status_code == 202
        assert [one["status"] for one in batch.json()["results"]] == ["queued", "created"]
        assert post(PATH, json=event()).status_code == 201
        eventually_sync(lambda: shown(service, LAST) == {state})
        assert shown(service, TODAY) == {"available"}
    eventually_sync(lambda: post(PATH, json=event(LAST)).status_code == 201)
    sent = {late.json()["event_id"], *batch.json()["event_ids"]}
    eventually_sync(lambda: stored(module_database_url, correlation) == sent)
    eventually_sync(lambda: shown(service, LAST) == {"available"})


def test_a_locked_month_is_in_nobodys_way(service: Service, module_database_url: str) -> None:
    """What looks at all months (ids that clients made, upkeep, operators) looks past it."""
    execute(module_database_url, f"DROP TABLE audit_events_{label(FARTHEST)}")
    with locked(module_database_url):
        for _ in range(3):
            answer = service.client.post(PATH, json=event(event_id=str(uuid4())))
            assert answer.status_code == 201
        eventually_sync(lambda: execute(module_database_url, MADE))
        listed = service.client.get("/api/v1/partitions")
        months = {one["partition"]: one for one in listed.json()["partitions"]}
        assert months[label(LAST)]["status"] == "unavailable"
        assert months[label(LAST)]["bytes"] is None
        assert months[label(TODAY)]["status"] == "available"
        assert months[label(TODAY)]["bytes"] > 0
    eventually_sync(lambda: service.client.post(PATH, json=event(LAST)).status_code == 201)


def test_a_repair_in_progress_is_left_alone_by_writers_and_by_upkeep(
    service: Service, module_database_url: str, module_queue_url: str
) -> None:
    """A farther month that is missing too shows that upkeep ran, of this service and of one that starts meanwhile."""
    execute(module_database_url, DETACH)
    with ThreadPoolExecutor(4) as writers:
        execute(module_database_url, f"DROP TABLE audit_events_{label(FARTHEST)}")
        posts = [
            writers.submit(httpx.post, f"{service.url}{PATH}", json=event(LAST, "repair"), timeout=30)
            for _ in range(20)
        ]
        eventually_sync(lambda: execute(module_database_url, MADE))
        execute(module_database_url, f"DROP TABLE audit_events_{label(FARTHEST)}")
        with Service(database_url=module_database_url, redis_url=module_queue_url, settings=SETTINGS) as other:
            assert other.client.post(PATH, json=event(LAST, "repair")).status_code == 202
            eventually_sync(lambda: execute(module_database_url, MADE))
    assert {post.result().status_code for post in posts} == {202}
    bounds = f"SELECT relname, relispartition FROM pg_class WHERE relname = '{TABLE}'"
    assert execute(module_database_url, bounds) == [(TABLE, False)]
    assert execute(module_database_url, f"SELECT count(*) FROM {TABLE} WHERE correlation_id = 'repair'") == [(0,)]
    execute(module_database_url, ATTACH)
    eventually_sync(lambda: len(stored(module_database_url, "repair")) == 21, timeout=20)
    eventually_sync(lambda: service.client.post(PATH, json=event(LAST)).status_code == 201)


def test_the_month_is_that_of_utc_whatever_zone_the_database_and_the_process_are_in(
    start_service: StartService, database_url: str
) -> None:
    """A month's last second in New York is the next month's."""
    execute(database_url, f"ALTER DATABASE {database_url.rpartition('/')[2]} SET timezone = 'America/Los_Angeles'")
    at = f"{LAST - timedelta(days=1)}T23:59:59-05:00"
    service = start_service(settings=SETTINGS, environment={"TZ": "America/New_York"})
    sent = service.client.post(PATH, json=event(event_timestamp=at))
    assert sent.status_code == 201
    found = execute(database_url, "SELECT tableoid::regclass::text, event_date FROM audit_events")
    assert found == [(TABLE, LAST)]
    stored = service.client.get(sent.headers["Location"]).json()
    assert datetime.fromisoformat(stored["event_timestamp"]) == datetime.fromisoformat(at)
