"""Every answer to a write is true, and one slow thing never stops what is healthy."""

from __future__ import annotations

import asyncio
import os
import signal
import threading
import time
from collections import Counter
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import UUID, uuid4

import httpx
import psycopg
import pytest

from repository.audit_events import AuditEvents
from repository.deadline import Server
from repository.errors import DatabaseUnavailableError
from repository.measured_pool import MeasuredPool
from repository.partitions import next_month, previous_month
from repository.records import Row
from tests.fixtures.awaiting import eventually_sync
from tests.fixtures.controlled import Controlled
from tests.fixtures.events import audit_event, event_body
from tests.fixtures.proxy import OpenProxy
from tests.fixtures.service import Service, StartService

PATH = "/api/v1/audit/events"
WRITERS = (
    "SELECT pid FROM pg_stat_activity WHERE datname = current_database() AND application_name = 'datastorage writes'"
)


def event(**more: object) -> dict[str, Any]:
    return event_body({"correlation_id": "true", **more})


def rows_of(url: str, event_id: str) -> int:
    with psycopg.connect(url) as connection:
        row = connection.execute("SELECT count(*) FROM audit_events WHERE event_id = %s", [event_id]).fetchone()
    return row[0] if row else 0


async def post_all(url: str, bodies: list[dict[str, Any]]) -> list[int]:
    limits = httpx.Limits(max_connections=None)
    async with httpx.AsyncClient(base_url=url, timeout=60, limits=limits) as client:
        return [one.status_code for one in await asyncio.gather(*(client.post(PATH, json=body) for body in bodies))]


def is_down(service: Service) -> bool:
    return '"target": "primary"' in service.log() and "target is down" in service.log()


def test_without_postgresql_a_thousand_writes_at_once_are_all_queued(own_postgres: Controlled, queue_url: str) -> None:
    settings = {"dlq_max_len": 2000, "writes_max": 1200}
    with Service(database_url=own_postgres.url, redis_url=queue_url, settings=settings) as service:
        own_postgres.kill()
        statuses = asyncio.run(post_all(service.url, [event() for _ in range(1000)]))
        assert Counter(statuses) == {202: 1000}
        batch = service.client.post(
            f"{PATH}/batch", json=[event() for _ in range(1000)], headers={"Prefer": "handling=lenient"}
        )
        assert Counter(one["status"] for one in batch.json()["results"]) == {"queued": 1000}
        refused = service.client.post(PATH, json=event())
        assert (refused.status_code, refused.json()["type"].rpartition("/")[2]) == (503, "service-unavailable")


@pytest.mark.parametrize("path", [PATH, f"{PATH}/batch", "/api/v1/audit/notifications"])
def test_what_may_be_stored_is_said_to_be_unknown_and_repeating_it_stores_it_once(
    own_postgres: Controlled, own_valkey: Controlled, path: str
) -> None:
    with Service(database_url=own_postgres.url, redis_url=own_valkey.url) as service:
        body: Any = event(event_id=str(uuid4()))
        if path.endswith("batch"):
            body = [body, event(event_id=str(uuid4()))]
        elif path.endswith("notifications"):
            body = dict.fromkeys(("remediation_id", "notification_id", "recipient", "message_summary"), "x")
            body |= {"channel": "email", "status": "sent", "sent_at": datetime.now(UTC).isoformat()}
        service.client.post(PATH, json=event()).raise_for_status()
        own_postgres.pause()
        own_valkey.pause()
        answer = service.client.post(path, json=body)
        assert answer.status_code == 503
        assert answer.json()["type"].endswith("/outcome-unknown")
        assert "may be stored" in answer.json()["detail"]
        assert answer.headers["retry-after"]
        own_valkey.resume()
        own_postgres.resume()

        def kept() -> bool:
            return service.client.post(path, json=body).status_code in {200, 201, 202, 409}

        eventually_sync(kept, timeout=20)
        if path == PATH:
            eventually_sync(lambda: rows_of(own_postgres.url, body["event_id"]) == 1, timeout=20)


@pytest.mark.parametrize("own_id", [True, False])
def test_a_lost_connection_whose_backend_commits_later_is_no_rejection(
    database_url: str, start_service: StartService, open_proxy: OpenProxy, *, own_id: bool
) -> None:
    with psycopg.connect(database_url, autocommit=True) as connection:
        connection.execute(
            "CREATE FUNCTION slow() RETURNS trigger LANGUAGE plpgsql AS"
            " $$ BEGIN PERFORM pg_sleep(0.25); RETURN NULL; END $$"
        )
        connection.execute(
            "CREATE CONSTRAINT TRIGGER slow AFTER INSERT ON audit_events DEFERRABLE INITIALLY DEFERRED"
            " FOR EACH ROW WHEN (NEW.correlation_id = 'slow') EXECUTE FUNCTION slow()"
        )
    proxy = open_proxy(database_url)
    service = start_service(database_url=proxy.url(database_url))
    hit = proxy.cut_at(b'"marker"', forward=True)
    named = {"event_id": str(uuid4())} if own_id else {}
    answer = service.client.post(PATH, json=event(correlation_id="slow", event_data={"marker": 1}, **named))
    assert hit.is_set()
    assert answer.status_code in ({200, 201} if own_id else {201}), answer.text
    assert rows_of(database_url, answer.json()["event_id"]) == 1


@contextmanager
def frozen_writers(url: str, count: int) -> Iterator[int]:
    """So many of the service's sessions are stopped: the server is well, and they say nothing. Yields how many."""
    with psycopg.connect(url, autocommit=True) as connection:
        pids = [pid for (pid,) in connection.execute(WRITERS).fetchall()][:count]
    for pid in pids:
        os.kill(pid, signal.SIGSTOP)
    try:
        yield len(pids)
    finally:
        for pid in pids:
            os.kill(pid, signal.SIGCONT)


@pytest.mark.parametrize("count", [1, 4])
def test_silent_connections_cost_their_own_writes_a_deadline_and_nobody_else(
    database_url: str, start_service: StartService, count: int
) -> None:
    service = start_service()
    with ThreadPoolExecutor(16) as threads:  # opens the pool's connections
        list(threads.map(lambda _: service.client.post(PATH, json=event()), range(64)))
    with frozen_writers(database_url, count) as frozen:
        ids = [str(uuid4()) for _ in range(24)]

        def post(event_id: str) -> tuple[int, float]:
            began = time.monotonic()
            return service.client.post(PATH, json=event(event_id=event_id)).status_code, time.monotonic() - began

        with ThreadPoolExecutor(4) as threads:
            answers = list(threads.map(post, ids))
        assert {status for status, _ in answers} <= {200, 201, 202}
        late = sum(took > 1.0 for _, took in answers)
        assert late <= 4 * frozen, "others are not held up"
        assert "deadline exceeded: connection discarded" in service.log()
        assert not is_down(service), "the server is not to blame"
        assert service.client.post(PATH, json=event()).status_code == 201, "the pool has recovered"
    for event_id in ids:
        eventually_sync(lambda event_id=event_id: rows_of(database_url, event_id) == 1, timeout=20)


def waits_for_a_lock(url: str) -> bool:
    with psycopg.connect(url) as connection:
        return connection.execute(f"{WRITERS} AND wait_event_type = 'Lock'").fetchone() is not None


def test_a_lock_on_an_id_is_contention_and_a_busy_pool_is_waited_for(
    database_url: str, start_service: StartService
) -> None:
    """The pool for writes has one connection, and an event waits on it for a lock."""
    service = start_service(settings={"pool_max_size": 3, "pool_min_size": 1, "write_pool_timeout": 0.2})
    held = str(uuid4())
    with psycopg.connect(database_url) as connection, ThreadPoolExecutor(30) as threads:
        connection.execute("INSERT INTO audit_event_ids VALUES (%s, current_date, 'x')", [held])
        contended = threads.submit(service.client.post, PATH, json=event(event_id=held))
        eventually_sync(lambda: waits_for_a_lock(database_url))
        notification = dict.fromkeys(("remediation_id", "notification_id", "recipient", "message_summary"), "x")
        notification |= {"channel": "email", "status": "sent", "sent_at": datetime.now(UTC).isoformat()}
        others = [threads.submit(service.client.post, PATH, json=event()) for _ in range(20)]
        others.append(threads.submit(service.client.post, "/api/v1/audit/notifications", json=notification))
        assert {one.result().status_code for one in others} == {201}, service.log()[-3000:]
        assert contended.result().status_code == 202
        connection.rollback()
    eventually_sync(lambda: rows_of(database_url, held) == 1, timeout=20)
    assert not is_down(service)
    assert service.log().count("connection pool exhausted (1/1 in use)") == 1


def test_a_month_that_cannot_be_read_fails_only_reads_that_touch_it(
    database_url: str, start_service: StartService
) -> None:
    service = start_service()
    now = datetime.now(UTC)
    ids = [service.client.post(PATH, json=event()).json()["event_id"] for _ in range(3)]
    month = previous_month(now.date())
    with psycopg.connect(database_url) as connection:
        connection.execute(f"LOCK TABLE audit_events_{month:%Y_%m} IN ACCESS EXCLUSIVE MODE")
        recent = {"since": max(now - timedelta(hours=1), now.replace(day=1, hour=0, minute=0)).isoformat()}
        with ThreadPoolExecutor(26) as threads:
            touching = [threads.submit(service.client.get, PATH) for _ in range(6)]
            others = [threads.submit(service.client.get, PATH, params=recent) for _ in range(10)]
            others += [threads.submit(service.client.get, f"{PATH}/{ids[n % 3]}") for n in range(10)]
            assert {one.result().status_code for one in others} == {200}, service.log()[-3000:]
            assert {one.result().status_code for one in touching} == {503}
    assert service.client.get(PATH).status_code == 200


def test_ids_are_unique_whatever_age_of_events_is_allowed(database_url: str, start_service: StartService) -> None:
    service = start_service(settings={"event_max_age": 400 * 86400})
    now = datetime.now(UTC)
    for event_id in (str(uuid4()), str(UUID(int=(int(now.timestamp() * 1000) << 80) | 7 << 76 | 2 << 62))):
        first = event(event_id=event_id, event_timestamp=now.isoformat())
        other = first | {"event_timestamp": (now - timedelta(days=300)).isoformat()}
        statuses = [service.client.post(PATH, json=body).status_code for body in (first, other, first)]
        assert statuses == [201, 409, 200]
        assert rows_of(database_url, event_id) == 1
        assert service.client.get(f"{PATH}/{event_id}").status_code == 200
        assert service.client.get(f"{PATH}/{event_id}/receipt").json()["state"] == "stored"


def test_an_old_version_that_writes_beside_this_one_is_found_by_its_ids(
    database_url: str, start_service: StartService
) -> None:
    service = start_service()
    event_id = str(uuid4())
    columns = (
        "event_id, event_version, event_timestamp, event_date, event_type, event_category, event_action, event_outcome,"
        " actor_type, actor_id, resource_type, resource_id, correlation_id, event_data"
    )
    statement = (
        f"INSERT INTO audit_events ({columns}) VALUES (%s, '1.0', now(), (now() AT TIME ZONE 'UTC')::date, 't',"
        " 'gateway', 'a', 'success', 's', 'a', 'r', 'r', 'old', '{}')"
    )
    with psycopg.connect(database_url, autocommit=True) as connection:
        connection.execute(statement, [event_id])
        with pytest.raises(psycopg.errors.SerializationFailure):
            connection.execute(statement.replace("now()", "(now() - interval '32 days')"), [event_id])
    assert service.client.get(f"{PATH}/{event_id}").json()["correlation_id"] == "old"
    assert service.client.post(PATH, json=event(event_id=event_id)).status_code == 409


class Well:
    """The health of a server that is never down."""

    is_down = False

    async def up(self) -> None:
        """It is."""

    def request_probe(self) -> None:
        """Nothing to find out."""

    def on_down(self, _act: object) -> Any:
        return lambda: None


async def test_a_thousand_duplicates_cost_a_few_statements(database_url: str, monkeypatch: pytest.MonkeyPatch) -> None:
    options = "-c timezone=UTC -c datastorage.writes_ids=on"
    kwargs = {"autocommit": True, "options": options}
    statements: list[str] = []
    execute = psycopg.AsyncConnection.execute

    async def counted(self: Any, query: Any, *arguments: Any, **more: Any) -> Any:
        statements.append(str(query)[:60])
        return await execute(self, query, *arguments, **more)

    monkeypatch.setattr(psycopg.AsyncConnection, "execute", counted)
    month = datetime.now(UTC).date().replace(day=1)
    other = next_month(month)
    units = [
        [Row(record=audit_event(number, datetime(day.year, day.month, 5, tzinfo=UTC)))]
        for number, day in enumerate([month, other] * 500, start=1)
    ]
    async with MeasuredPool(database_url, kwargs=kwargs, name="writes", open=False) as pool:
        table = AuditEvents(Server(pool, Well(), wait=5, slow=5), database_url, deadline=30)
        assert {one.state for (one,) in await table.write(units)} == {"stored"}
        statements.clear()
        assert {one.state for (one,) in await table.write(units)} == {"duplicate"}
    assert len(statements) <= 4, statements


async def test_an_export_that_hangs_in_mid_stream_ends_at_its_deadline(
    database_url: str, open_proxy: OpenProxy
) -> None:
    proxy = open_proxy(database_url)
    async with MeasuredPool(proxy.url(database_url), name="reads", open=False, min_size=1, max_size=1) as pool:
        server = Server(pool, Well(), wait=5, slow=0.2)

        async def stream() -> None:
            async with server.lease(0.5) as (connection, extend):
                for _ in range(3):
                    extend()
                    await connection.execute("SELECT 1")
                proxy.hold_open()
                extend()
                await connection.execute("SELECT 1")

        with pytest.raises(DatabaseUnavailableError):
            await asyncio.wait_for(stream(), 30)
        assert await server.run(_one, deadline=5) == 1, "the pool has another connection"


async def _one(connection: Any) -> int:
    row = await (await connection.execute("SELECT 1")).fetchone()
    return int(row[0])


def test_a_followed_trail_shows_each_event_once_and_downloads_none_again(start_service: StartService) -> None:
    from datastorage.cli import events as cli

    service = start_service()
    seen: list[str] = []
    downloaded = 0

    def write() -> None:
        with httpx.Client(base_url=service.url, timeout=30) as client:
            for _ in range(20):
                client.post(f"{PATH}/batch", json=[event(resource_id=str(uuid4())) for _ in range(100)])

    writer = threading.Thread(target=write)
    since, last = cli._until(), None
    writer.start()
    with httpx.Client(base_url=service.url, timeout=30) as client:

        def follow() -> bool:
            nonlocal since, last, downloaded
            until = cli._until()
            for one in cli._between(client, {}, since, until):
                downloaded += 1
                if last is None or cli._place(one) > cli._place(last):
                    seen.append(one["event_id"])
                    last = one
            since = until
            return len(seen) >= 2000

        eventually_sync(follow, timeout=60, every=0.2)
        follow()
    writer.join()
    assert len(seen) == len(set(seen)) == 2000
    assert downloaded <= 2000 + 50, "the ends of spans at the most"
