"""One month broken: only that month's events are queued, everything else goes on, and recovery needs nobody."""

from __future__ import annotations

import re
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any
from uuid import uuid4

import psycopg
import pytest

from repository.partitions import create_month
from tests.fixtures.awaiting import eventually_sync
from tests.fixtures.controlled import Controlled
from tests.fixtures.events import event_body
from tests.fixtures.service import Service

PATH = "/api/v1/audit/events"
NOW = datetime.now(UTC)
BEFORE = NOW.replace(day=1) - timedelta(days=1)
MONTH = f"audit_events_{NOW:%Y_%m}"
FIRST, NEXT = NOW.date().replace(day=1), (NOW.replace(day=1) + timedelta(days=32)).date().replace(day=1)
ATTACH = f"ALTER TABLE audit_events ATTACH PARTITION {MONTH} FOR VALUES FROM ('{FIRST}') TO ('{NEXT}')"


def event(at: datetime = NOW, **more: object) -> dict[str, Any]:
    return event_body({"event_timestamp": at.isoformat(), "correlation_id": "months", **more})


def execute(postgres: Controlled, statement: str) -> list[Any]:
    with psycopg.connect(postgres.url, autocommit=True) as connection:
        cursor = connection.execute(statement)
        return cursor.fetchall() if cursor.description else []


@contextmanager
def detached(postgres: Controlled) -> Iterator[None]:
    execute(postgres, f"ALTER TABLE audit_events DETACH PARTITION {MONTH}")
    yield
    assert execute(postgres, f"SELECT relispartition FROM pg_class WHERE relname = '{MONTH}'") == [(False,)], (
        "a month under repair is left alone"
    )
    execute(postgres, ATTACH)


@contextmanager
def locked(postgres: Controlled) -> Iterator[None]:
    with psycopg.connect(postgres.url) as connection:
        connection.execute(f"LOCK TABLE {MONTH} IN ACCESS EXCLUSIVE MODE")
        yield


@contextmanager
def garbled(postgres: Controlled) -> Iterator[None]:
    with damaged(postgres, MONTH, lambda content: b"\xa5" * len(content)):
        yield


@contextmanager
def index_truncated(postgres: Controlled) -> Iterator[None]:
    with damaged(postgres, f"{MONTH}_pkey", lambda content: content[: len(content) // 8192 // 2 * 8192]):
        yield


@contextmanager
def damaged(postgres: Controlled, relation: str, damage: Any) -> Iterator[None]:
    """The file of a relation damaged while PostgreSQL was down, and put back as it was."""
    (where,) = execute(postgres, f"SELECT pg_relation_filepath(oid) FROM pg_class WHERE relname = '{relation}'")
    (directory,) = execute(postgres, "SHOW data_directory")
    file = Path(directory[0]) / where[0]
    postgres.stop()
    content = file.read_bytes()
    assert content, "there is nothing to damage"
    file.write_bytes(damage(content))
    postgres.start()
    yield
    postgres.stop()
    file.write_bytes(content)
    postgres.start()


def status_of(service: Service, status: str) -> float:
    name = rf'datastorage_partition_status{{partition="{NOW:%Y_%m}",status="{status}"}} (\S+)'
    found = re.search(name, service.client.get("/metrics").text)
    assert found is not None
    return float(found[1])


@pytest.mark.parametrize("fault", [detached, locked, garbled, index_truncated])
def test_a_broken_month_is_queued_and_the_others_go_on(own_postgres: Controlled, queue_url: str, fault: Any) -> None:
    settings = {"event_max_age": 60 * 86400}
    with Service(database_url=own_postgres.url, redis_url=queue_url, settings=settings) as service:
        post = service.client.post
        sent = [post(PATH, json=event()).json()["event_id"]]
        with fault(own_postgres):

            def broken() -> bool:
                answer = post(PATH, json=event())
                assert answer.status_code == 202, answer.text
                sent.append(answer.json()["event_id"])
                return post(PATH, json=event(BEFORE)).status_code == 201

            eventually_sync(broken)  # PostgreSQL itself may have been away for a moment
            batch = post(f"{PATH}/batch", json=[event(), event(BEFORE)])
            assert batch.status_code == 202
            assert [one["status"] for one in batch.json()["results"]] == ["queued", "created"]
            sent.append(batch.json()["event_ids"][0])
            own_id = {"event_id": str(uuid4())}
            assert [post(PATH, json=event(**own_id)).status_code for _ in range(2)] == [202, 202]
            sent.append(own_id["event_id"])
            assert status_of(service, "available") == 0
        eventually_sync(lambda: post(PATH, json=event(correlation_id="after")).status_code == 201, timeout=20)
        found = f"SELECT event_id::text FROM {MONTH} WHERE correlation_id = 'months'"
        eventually_sync(lambda: len(execute(own_postgres, found)) >= len(sent), timeout=20)
        assert sorted(one for (one,) in execute(own_postgres, found)) == sorted(sent)
        eventually_sync(lambda: status_of(service, "available") == 1)
        assert (status_of(service, "unavailable"), status_of(service, "missing")) == (0, 0)


def test_a_month_whose_partition_has_another_name_goes_on(own_postgres: Controlled, queue_url: str) -> None:
    execute(own_postgres, f"ALTER TABLE {MONTH} RENAME TO audit_events_renamed")
    with Service(database_url=own_postgres.url, redis_url=queue_url) as service:
        assert service.client.post(PATH, json=event()).status_code == 201
        assert execute(own_postgres, f"SELECT to_regclass('{MONTH}')") == [(None,)]


def test_privileges_that_were_taken_away_queue_until_they_are_back(own_postgres: Controlled, queue_url: str) -> None:
    execute(own_postgres, "CREATE ROLE service LOGIN PASSWORD 'secret'")
    execute(own_postgres, "GRANT SELECT, INSERT ON ALL TABLES IN SCHEMA public TO service")
    own, host = own_postgres.url.rsplit("@", 1)
    assert own
    url = f"postgresql://service:secret@{host}"
    with Service(database_url=url, redis_url=queue_url) as service:
        assert service.client.post(PATH, json=event()).status_code == 201
        execute(own_postgres, f"REVOKE ALL ON {MONTH} FROM service")
        assert service.client.post(PATH, json=event()).status_code == 201, "rows go through audit_events"
        execute(own_postgres, "REVOKE INSERT ON audit_events FROM service")
        queued = service.client.post(PATH, json=event())
        assert queued.status_code == 202
        assert status_of(service, "unavailable") == 1
        execute(own_postgres, "GRANT INSERT ON audit_events TO service")
        address = f"{PATH}/{queued.json()['event_id']}"
        eventually_sync(lambda: service.client.get(address).status_code == 200, timeout=20)
        eventually_sync(lambda: service.client.post(PATH, json=event()).status_code == 201)
        eventually_sync(lambda: status_of(service, "available") == 1)


def test_a_month_that_the_service_may_not_make_is_queued_until_it_is_there(
    own_postgres: Controlled, queue_url: str
) -> None:
    execute(own_postgres, "CREATE ROLE service LOGIN PASSWORD 'secret'")
    execute(own_postgres, "GRANT SELECT, INSERT ON ALL TABLES IN SCHEMA public TO service")
    _, host = own_postgres.url.rsplit("@", 1)
    url = f"postgresql://service:secret@{host}"
    old = NOW - timedelta(days=100)
    with Service(database_url=url, redis_url=queue_url, settings={"event_max_age": 400 * 86400}) as service:
        assert service.client.post(PATH, json=event()).status_code == 201
        queued = service.client.post(PATH, json=event(old))
        assert queued.status_code == 202
        assert service.client.post(PATH, json=event()).status_code == 201
        with psycopg.connect(own_postgres.url, autocommit=True) as connection:
            assert create_month(connection, old.date())
        address = f"{PATH}/{queued.json()['event_id']}"
        eventually_sync(lambda: service.client.get(address).status_code == 200, timeout=20)


def test_a_month_that_is_dropped_while_it_does_not_work_is_made_anew(own_postgres: Controlled, queue_url: str) -> None:
    with Service(database_url=own_postgres.url, redis_url=queue_url) as service:
        execute(own_postgres, f"ALTER TABLE audit_events DETACH PARTITION {MONTH}")
        queued = service.client.post(PATH, json=event())
        assert queued.status_code == 202
        execute(own_postgres, f"DROP TABLE {MONTH}")
        address = f"{PATH}/{queued.json()['event_id']}"
        eventually_sync(lambda: service.client.get(address).status_code == 200, timeout=20)


def test_a_replayed_event_equals_a_direct_one_member_for_member(own_postgres: Controlled, queue_url: str) -> None:
    members = {
        "actor_type": "user",
        "actor_id": "ä",
        "resource_type": "pod",
        "resource_id": "p-1",
        "severity": "high",
        "namespace": "ns",
        "cluster_name": "c-1",
        "duration_ms": 1500,
        "error_code": "E1",
        "error_message": "näh\u2028",
        "trace_id": "4bf92f3577b34da6a3ce929d0e0e4736",
        "span_id": "00f067aa0ba902b7",
        "event_data": {"big": 2**80, "exact": 0.1, "deep": {"": [None, {}]}},
    }
    with Service(database_url=own_postgres.url, redis_url=queue_url) as service:
        parent = service.client.post(PATH, json=event()).json()["event_id"]
        direct = service.client.post(PATH, json=event(parent_event_id=parent, **members)).json()["event_id"]
        own_postgres.kill()
        answer = service.client.post(PATH, json=event(parent_event_id=parent, **members))
        assert answer.status_code == 202
        own_postgres.start()
        address = f"{PATH}/{answer.json()['event_id']}"
        eventually_sync(lambda: service.client.get(address).status_code == 200, timeout=20)
        rows = [service.client.get(f"{PATH}/{one}").json() for one in (direct, answer.json()["event_id"])]
        assert rows[1]["parent_event_date"] is not None
        for row in rows:
            del row["event_id"], row["recorded_at"]
        assert rows[0] == rows[1]


def test_a_batch_whose_parent_is_in_a_broken_month_is_kept_whole(own_postgres: Controlled, queue_url: str) -> None:
    settings = {"event_max_age": 60 * 86400}
    with Service(database_url=own_postgres.url, redis_url=queue_url, settings=settings) as service:
        parent, child, other = (event(at, event_id=str(uuid4())) for at in (NOW, BEFORE, BEFORE))
        child["parent_event_id"] = parent["event_id"]
        with detached(own_postgres):
            service.client.post(PATH, json=event())  # finds the month broken
            answer = service.client.post(f"{PATH}/batch", json=[parent, child, other])
            assert answer.status_code == 202, answer.text
            assert [one["status"] for one in answer.json()["results"]] == ["queued", "queued", "created"]
        address = f"{PATH}/{child['event_id']}"
        eventually_sync(lambda: service.client.get(address).status_code == 200, timeout=20)
        assert service.client.get(address).json()["parent_event_date"] == f"{NOW:%Y-%m-%d}"


def test_a_month_that_takes_long_to_make_holds_up_nobody(own_postgres: Controlled, queue_url: str) -> None:
    far = NOW - timedelta(days=200)
    execute(own_postgres, "ALTER FUNCTION audit_events_make_month RENAME TO make_month_at_last")
    execute(
        own_postgres,
        "CREATE FUNCTION audit_events_make_month(month date) RETURNS boolean LANGUAGE plpgsql AS"
        " $$ BEGIN PERFORM pg_sleep(8); RETURN make_month_at_last(month); END $$",
    )
    settings = {"event_max_age": 400 * 86400}
    with Service(database_url=own_postgres.url, redis_url=queue_url, settings=settings) as service:
        queued = service.client.post(PATH, json=event(far), timeout=6)
        assert queued.status_code == 202, queued.text
        assert service.client.post(PATH, json=event(far), timeout=2).status_code == 202
        assert service.client.post(PATH, json=event()).status_code == 201
        execute(own_postgres, "DROP FUNCTION audit_events_make_month")
        execute(own_postgres, "ALTER FUNCTION make_month_at_last RENAME TO audit_events_make_month")
        address = f"{PATH}/{queued.json()['event_id']}"
        eventually_sync(lambda: service.client.get(address).status_code == 200, timeout=30)
