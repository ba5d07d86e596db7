"""PostgreSQL away: events are queued, and stored exactly once, without a restart, when it is back."""

from __future__ import annotations

import asyncio
import json
import re
import subprocess
import sys
from datetime import UTC, datetime
from typing import Any
from uuid import uuid4

import msgspec
import psycopg
import redis

from dlq import EVENTS as QUEUE
from dlq import Item, Queue, command_client
from repository.partitions import next_month
from tests.fixtures.awaiting import eventually_sync
from tests.fixtures.controlled import Controlled
from tests.fixtures.events import event_body
from tests.fixtures.service import Service

EVENTS = "/api/v1/audit/events"


def event(**more: object) -> dict[str, object]:
    return event_body({"correlation_id": "outage", **more})


def test_events_taken_while_postgresql_is_away_are_stored_once_when_it_is_back(
    own_postgres: Controlled, queue_url: str
) -> None:
    with Service(database_url=own_postgres.url, redis_url=queue_url) as service:
        own_postgres.kill()
        sent = [event(event_id=str(uuid4())) for _ in range(5)]
        answers = [service.client.post(EVENTS, json=body) for body in sent]
        assert [answer.status_code for answer in answers] == [202] * 5
        assert answers[0].json()["message"] == "audit event queued for async processing"
        own_postgres.start()

        def stored() -> list[str]:
            with psycopg.connect(own_postgres.url) as connection:
                rows = connection.execute("SELECT event_id::text FROM audit_events WHERE correlation_id = 'outage'")
                return [row[0] for row in rows]

        eventually_sync(lambda: len(stored()) >= len(sent), timeout=20)
        assert sorted(stored()) == sorted(str(body["event_id"]) for body in sent)
        assert service.client.post(EVENTS, json=event()).status_code == 201


def test_what_a_killed_replica_held_is_stored_by_another(own_postgres: Controlled, queue_url: str) -> None:
    """It died with entries pending that it could not store: their month was under repair."""
    now = datetime.now(UTC)
    month = f"audit_events_{now:%Y_%m}"
    first = now.date().replace(day=1)
    bounds = f"FROM ('{first}') TO ('{next_month(first)}')"
    with Service(database_url=own_postgres.url, redis_url=queue_url) as killed:
        execute(own_postgres, f"ALTER TABLE audit_events DETACH PARTITION {month}")
        sent = [killed.client.post(EVENTS, json=event()) for _ in range(3)]
        assert [answer.status_code for answer in sent] == [202] * 3
        eventually_sync(lambda: [one["pending"] for one in consumers(queue_url)] == [3])
        killed.kill()
    execute(own_postgres, f"ALTER TABLE audit_events ATTACH PARTITION {month} FOR VALUES {bounds}")
    settings = {"dlq_claim_idle": 1}
    with Service(database_url=own_postgres.url, redis_url=queue_url, settings=settings) as heir:
        addresses = [f"{EVENTS}/{answer.json()['event_id']}" for answer in sent]
        eventually_sync(lambda: {heir.client.get(address).status_code for address in addresses} == {200}, timeout=20)
        eventually_sync(lambda: [one["pending"] for one in consumers(queue_url)] == [0, 0])
        assert len({one["name"] for one in consumers(queue_url)}) == 2


def test_no_answer_and_no_entry_carries_the_words_of_a_driver(
    service: Service, database_url: str, queue_url: str
) -> None:
    """Neither of a failure that is PostgreSQL's nor of one that is ours."""
    known = service.client.post(EVENTS, json=event()).json()["event_id"]
    with psycopg.connect(database_url, autocommit=True) as connection:
        connection.execute("ALTER TABLE audit_events RENAME COLUMN severity TO gone")
        connection.execute("ALTER TABLE notification_audit RENAME TO gone")
    get, post = service.client.get, service.client.post
    answers = [
        post(EVENTS, json=event()),
        post(f"{EVENTS}/batch", json=[event(), event(event_id=str(uuid4()))]),
        get(EVENTS),
        get(f"{EVENTS}/{known}"),
        get("/api/v1/audit/notifications"),
    ]
    assert {answer.status_code for answer in answers} <= {500, 503}, [answer.text for answer in answers]
    asyncio.run(enqueue(queue_url))
    eventually_sync(lambda: "entry backs off" in service.log())
    with redis.Redis.from_url(queue_url) as client:
        ((_, entry),) = client.xrange("audit:dlq:events")
    assert entry[b"last_error"] == b"PostgreSQL failed at it (SQLSTATE 42703)"
    said = " ".join([*(answer.text for answer in answers), *(map(str, entry.values()))]).lower()
    words = "psycopg|select |insert |copy |column |relation |constraint|error:|line 1|traceback"
    assert re.findall(words, said) == []


async def enqueue(queue_url: str) -> None:
    """Queue an event as another process would."""
    record = event(event_id=str(uuid4()), event_version="1.0")
    del record["version"]
    record |= dict.fromkeys(("actor_type", "actor_id", "resource_type", "resource_id"), "x")
    client = command_client(queue_url, timeout=2)
    queue = Queue(client, QUEUE, capacity=10, timeout=2, clock=lambda: datetime.now(UTC))
    await queue.enqueue([Item(id=str(record["event_id"]), digest="d", payload=msgspec.json.encode(record))])
    await client.aclose()


def consumers(queue_url: str) -> list[dict[str, Any]]:
    with redis.Redis.from_url(queue_url) as client:
        found: list[dict[str, Any]] = client.xinfo_consumers("audit:dlq:events", "replay")
    return found


def execute(postgres: Controlled, statement: str) -> None:
    with psycopg.connect(postgres.url, autocommit=True) as connection:
        connection.execute(statement)


def test_numbers_of_any_size_pass_through_the_queue(own_postgres: Controlled, queue_url: str) -> None:
    """As large as the contract takes."""
    text = json.dumps(event(event_id=str(uuid4()), event_data={"number": "@"}))
    sent, other = (text.replace('"@"', "7" * 999 + last) for last in "78")
    with Service(database_url=own_postgres.url, redis_url=queue_url) as service:

        def post(body: str) -> int:
            return service.client.post(EVENTS, content=body, headers={"Content-Type": "application/json"}).status_code

        own_postgres.kill()
        assert [post(sent), post(sent), post(other)] == [202, 202, 409]
        own_postgres.start()
        eventually_sync(lambda: post(sent) == 200, timeout=20)
        assert post(other) == 409
        assert "7" * 1000 in service.client.get(EVENTS, params={"correlation_id": "outage"}).text
        command = [sys.executable, "-m", "datastorage", "events", "--url", service.url]
        shown = subprocess.run(command, capture_output=True, text=True, check=False)
        assert (shown.returncode, "outage" in shown.stdout) == (0, True), shown.stderr
