"""Receipts, dead letters, the state of queues and months: over HTTP and on the command line, real stores below."""

from __future__ import annotations

import asyncio
import re
import subprocess
import sys
from datetime import UTC, datetime
from typing import Any
from uuid import uuid4

import msgspec
import psycopg
import pytest
import redis

from dlq import EVENTS, NOTIFICATIONS, Item, Queue, command_client, scripts
from tests.fixtures.awaiting import eventually_sync
from tests.fixtures.controlled import Controlled
from tests.fixtures.events import event_body
from tests.fixtures.proxy import OpenProxy
from tests.fixtures.service import Service, StartService

PATH = "/api/v1/audit/events"
NOT_DURABLE = "appendonly is off: set `appendonly yes`"
LETTERS = "/api/v1/dlq/dead-letters"


def event(**more: object) -> dict[str, Any]:
    return event_body({"correlation_id": "rr-letters", **more})


def inject(queue_url: str, *items: Item) -> None:
    """Queue records as another process would."""

    async def enqueue() -> None:
        client = command_client(queue_url, timeout=2)
        await Queue(client, EVENTS, capacity=10_000, timeout=2, clock=lambda: datetime.now(UTC)).enqueue(items)
        await client.aclose()

    asyncio.run(enqueue())


def poison(record_id: str, payload: bytes = b"[]") -> Item:
    """An entry that can never be stored."""
    return Item(id=record_id, digest="d", payload=payload)


def letters(service: Service) -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = service.client.get(LETTERS).json()["data"]
    return found


def with_letters(service: Service, queue_url: str, count: int) -> list[dict[str, Any]]:
    inject(queue_url, *(poison(str(uuid4())) for _ in range(count)))
    eventually_sync(lambda: len(letters(service)) == count)
    return letters(service)


def acts(service: Service, act: str) -> list[dict[str, Any]]:
    params = {"event_type": f"datastorage.dead_letter.{act}"}
    found: list[dict[str, Any]] = service.client.get(PATH, params=params).json()["data"]
    return found


def gauge(service: Service, name: str, **labels: str) -> float:
    wanted = ",".join(f'{key}="{value}"' for key, value in sorted(labels.items()))
    for line in service.client.get("/metrics").text.splitlines():
        match = re.fullmatch(rf"{name}(?:{{(.*)}})? (\S+)", line)
        if match and ",".join(sorted((match[1] or "").split(","))) == wanted:
            return float(match[2])
    pytest.fail(f"{name} {labels} is not in the scrape")


def test_a_receipt_follows_an_event_from_the_queue_into_the_table(own_postgres: Controlled, queue_url: str) -> None:
    with Service(database_url=own_postgres.url, redis_url=queue_url) as service:
        own_postgres.kill()
        receipt = service.client.post(PATH, json=event()).json()["receipt"]
        queued = service.client.get(receipt)
        assert queued.status_code == 200
        assert queued.json()["state"] == "queued"
        assert set(queued.json()) == {"event_id", "state", "since"}
        own_postgres.start()
        states = set()

        def stored() -> bool:
            answer = service.client.get(receipt)
            states.add((answer.status_code, answer.json().get("state")))
            return answer.json().get("state") == "stored"

        eventually_sync(stored, timeout=20, every=0.002)
        assert states == {(200, "queued"), (200, "stored")}, "there is no moment at which it is nowhere"


def test_a_receipt_of_an_event_that_can_never_be_stored_says_so(service: Service, queue_url: str) -> None:
    stored = event(event_id=str(uuid4()))
    assert service.client.post(PATH, json=stored).status_code == 201
    assert service.client.get(f"{PATH}/{stored['event_id']}/receipt").json()["state"] == "stored"
    lost = str(uuid4())
    inject(queue_url, poison(lost))
    address = f"{PATH}/{lost}/receipt"
    eventually_sync(lambda: service.client.get(address).json().get("state") == "dead_letter")
    receipt = service.client.get(address).json()
    assert receipt["attempts"] == 1
    assert receipt["last_error"] == "its payload is not an audit event"
    assert service.client.get(f"{PATH}/{uuid4()}/receipt").status_code == 404


def test_a_receipt_of_a_stored_event_needs_no_queue_and_of_an_unknown_one_asks_again(
    own_valkey: Controlled, start_service: StartService
) -> None:
    service = start_service(redis_url=own_valkey.url)
    stored = service.client.post(PATH, json=event()).json()["event_id"]
    own_valkey.kill()
    assert service.client.get(f"{PATH}/{stored}/receipt").json()["state"] == "stored"
    unknown = service.client.get(f"{PATH}/{uuid4()}/receipt")
    assert unknown.status_code == 503
    assert "Retry-After" in unknown.headers


def test_dead_letters_can_be_listed_page_by_page_and_inspected(service: Service, queue_url: str) -> None:
    inject(queue_url, *(poison(f"r-{number}", b'{"number": %d}' % number) for number in range(7)))
    eventually_sync(lambda: len(letters(service)) == 7)
    seen, address = [], f"{LETTERS}?limit=3&queue=events"
    while address:
        page = service.client.get(address)
        seen += [letter["record_id"] for letter in page.json()["data"]]
        address = page.links["next"]["url"] if "next" in page.links else ""
    assert seen == [f"r-{number}" for number in range(7)]
    first = letters(service)[0]
    whole = service.client.get(f"{LETTERS}/{first['id']}").json()
    assert whole == first | {"record": {"number": 0}}
    assert service.client.get(LETTERS, params={"queue": "notifications"}).json()["data"] == []


@pytest.mark.parametrize(
    ("method", "path"),
    [("GET", "events-1-1"), ("DELETE", "events-1-1?reason=x"), ("POST", "events-1-99999999999999999999/replay")],
)
def test_an_unknown_dead_letter_is_not_found(service: Service, method: str, path: str) -> None:
    assert service.client.request(method, f"{LETTERS}/{path}").status_code == 404


def test_a_discarded_letter_is_gone_and_the_trail_says_why(service: Service, queue_url: str) -> None:
    letter, kept = with_letters(service, queue_url, 2)
    assert service.client.delete(f"{LETTERS}/{letter['id']}").status_code == 400, "a reason is required"
    answer = service.client.delete(f"{LETTERS}/{letter['id']}", params={"reason": "sent again"})
    assert answer.json() == {"id": letter["id"], "record_id": letter["record_id"], "state": "discarded"}
    assert letters(service) == [kept]
    (act,) = acts(service, "discarded")
    assert act["resource_id"] == letter["id"]
    assert (act["actor_type"], act["actor_id"], act["event_outcome"]) == ("service", "datastorage", "success")
    assert act["event_data"]["reason"] == "sent again"
    assert act["event_data"]["record_id"] == letter["record_id"]
    assert service.client.delete(f"{LETTERS}/{letter['id']}", params={"reason": "again"}).status_code == 404


def test_a_replayed_letter_is_tried_anew_and_stored_once_it_can_be(
    service: Service, database_url: str, queue_url: str
) -> None:
    sent = event(event_id=str(uuid4()), correlation_id="rr-mended")
    record = {name: value for name, value in sent.items() if name != "version"}
    record |= dict.fromkeys(("actor_type", "actor_id", "resource_type", "resource_id"), "x") | {"event_version": "1.0"}
    with psycopg.connect(database_url, autocommit=True) as connection:
        connection.execute("ALTER TABLE audit_events ADD CONSTRAINT sabotage CHECK (correlation_id <> 'rr-mended')")
        inject(queue_url, Item(id=sent["event_id"], digest="d", payload=msgspec.json.encode(record)))
        eventually_sync(lambda: len(letters(service)) == 1)
        connection.execute("ALTER TABLE audit_events DROP CONSTRAINT sabotage")
    (letter,) = letters(service)
    assert "SQLSTATE 23514" in letter["last_error"]
    answer = service.client.post(f"{LETTERS}/{letter['id']}/replay")
    assert answer.status_code == 202
    assert answer.json() == {"id": letter["id"], "record_id": sent["event_id"], "state": "queued"}
    address = f"{PATH}/{sent['event_id']}"
    eventually_sync(lambda: service.client.get(address).status_code == 200)
    assert letters(service) == []
    (act,) = acts(service, "replayed")
    assert act["correlation_id"] == "rr-mended", "the timeline of the record tells of it"


def test_all_letters_are_replayed_in_portions(service: Service, queue_url: str) -> None:
    with_letters(service, queue_url, 5)
    answer = service.client.post(f"{LETTERS}/replay", params={"limit": 3})
    assert answer.status_code == 202
    assert answer.json() == {"replayed": 3, "left": {}}
    assert len(acts(service, "replayed")) == 3
    eventually_sync(lambda: len(letters(service)) == 5)  # they cannot be stored today either


def test_nothing_is_replayed_that_cannot_be_recorded(own_postgres: Controlled, queue_url: str) -> None:
    """PostgreSQL away, and room for one letter and its event: the answer is true, and the trail complete."""
    with Service(database_url=own_postgres.url, redis_url=queue_url, settings={"dlq_max_len": 8}) as service:
        with_letters(service, queue_url, 5)
        own_postgres.kill()
        for _ in range(5):
            assert service.client.post(PATH, json=event()).status_code == 202
        answer = service.client.post(f"{LETTERS}/replay")
        assert (answer.status_code, answer.json()) == (202, {"replayed": 1, "left": {"full": 4}})
        one = service.client.post(f"{LETTERS}/{letters(service)[0]['id']}/replay")
        assert one.status_code == 503
        assert len(letters(service)) == 4
        own_postgres.start()
        eventually_sync(lambda: len(acts(service, "replayed")) == 1, timeout=20)


def test_a_notification_that_died_is_replayed_too(service: Service, database_url: str) -> None:
    body = {
        "notification_id": "n-1",
        "remediation_id": "rr-notice",
        "recipient": "oncall",
        "channel": "sms",
        "message_summary": "m",
        "status": "sent",
        "sent_at": "2025-12-01T10:00:00Z",
    }

    async def enqueue(item: Item) -> None:
        client = command_client(service.environment["REDIS_URL"], timeout=2)
        queue = Queue(client, NOTIFICATIONS, capacity=10, timeout=2, clock=lambda: datetime.now(UTC))
        await queue.enqueue([item])
        await client.aclose()

    with psycopg.connect(database_url, autocommit=True) as connection:
        connection.execute("ALTER TABLE notification_audit ADD CONSTRAINT sabotage CHECK (channel <> 'sms')")
        asyncio.run(enqueue(Item(id="n-1", digest="d", payload=msgspec.json.encode(body))))
        eventually_sync(lambda: len(letters(service)) == 1)
        connection.execute("ALTER TABLE notification_audit DROP CONSTRAINT sabotage")
    (letter,) = letters(service)
    assert letter["queue"] == "notifications"
    assert service.client.post(f"{LETTERS}/{letter['id']}/replay").status_code == 202
    eventually_sync(lambda: service.client.get("/api/v1/audit/notifications/n-1").status_code == 200)
    (act,) = acts(service, "replayed")
    assert act["correlation_id"] == "rr-notice"


def test_a_full_queue_refuses_and_keeps_every_entry(own_postgres: Controlled, queue_url: str) -> None:
    """D17, D14 and D13: 503 with Retry-After, nothing trimmed, gauges right."""
    with Service(database_url=own_postgres.url, redis_url=queue_url, settings={"dlq_max_len": 20}) as service:
        own_postgres.kill()
        levels = []
        for _ in range(20):
            assert service.client.post(PATH, json=event()).status_code == 202
            names = ("warning", "critical", "overflow_imminent")
            levels.append([gauge(service, f"datastorage_dlq_{name}", stream="events") for name in names])
        none, warning, critical, overflow = [0, 0, 0], [1, 0, 0], [0, 1, 0], [0, 0, 1]
        assert levels == [none] * 15 + [warning] * 2 + [critical] + [overflow] * 2
        refused = service.client.post(PATH, json=event())
        assert refused.status_code == 503
        assert int(refused.headers["Retry-After"]) >= 1
        batch = service.client.post(f"{PATH}/batch", json=[event(), event()])
        assert batch.status_code == 503
        with redis.Redis.from_url(queue_url) as client:
            assert client.xlen("audit:dlq:events") == 20
        own_postgres.start()
        eventually_sync(lambda: service.client.get("/api/v1/dlq").json()["streams"][0]["depth"] == 0, timeout=20)
        assert gauge(service, "datastorage_dlq_depth", stream="events") == 0
        assert gauge(service, "datastorage_dlq_capacity_ratio", stream="events") == 0
        assert gauge(service, "datastorage_dlq_overflow_imminent", stream="events") == 0


def queue_gauges(service: Service) -> dict[str, float]:
    """The gauges of the events' queue in one scrape: depth, ratio and the three alarms."""
    found = re.findall(r'datastorage_dlq_(\w+){stream="events"} (\S+)', service.client.get("/metrics").text)
    names = ("depth", "capacity_ratio", "warning", "critical", "overflow_imminent")
    return {name: float(value) for name, value in found if name in names}


def expected(depth: int, *alarms: int) -> dict[str, float]:
    levels = dict(zip(("warning", "critical", "overflow_imminent"), alarms or (0, 0, 0), strict=True))
    return {"depth": depth, "capacity_ratio": depth / 1000, **levels}


def test_a_scrape_tells_how_full_the_queue_is_at_that_moment_whoever_filled_it(
    own_postgres: Controlled, queue_url: str
) -> None:
    """D13, D14, D16 and D17 with the default capacity; another process fills the queue."""
    with Service(database_url=own_postgres.url, redis_url=queue_url) as service:
        assert queue_gauges(service) == expected(0)
        own_postgres.kill()
        assert service.client.post(PATH, json=event()).status_code == 202
        seen, wanted, depth = [], [], 1
        for target, *alarms in (
            (1, 0, 0, 0),
            (500, 0, 0, 0),
            (700, 0, 0, 0),
            (799, 0, 0, 0),
            (800, 1, 0, 0),
            (899, 1, 0, 0),
            (900, 0, 1, 0),
            (949, 0, 1, 0),
            (950, 0, 0, 1),
            (998, 0, 0, 1),
        ):
            inject(queue_url, *(poison(str(uuid4())) for _ in range(target - depth)))
            depth = target
            seen.append(queue_gauges(service))
            wanted.append(expected(target, *alarms))
        assert seen == wanted
        too_many = service.client.post(f"{PATH}/batch", json=[event() for _ in range(3)])
        assert too_many.status_code == 503
        assert int(too_many.headers["Retry-After"]) >= 1
        assert queue_gauges(service)["depth"] == 998, "nothing of a batch that does not fit whole"
        assert service.client.post(f"{PATH}/batch", json=[event(), event()]).status_code == 202
        assert service.client.post(PATH, json=event()).status_code == 503
        assert queue_gauges(service) == expected(1000, 0, 0, 1)
        with redis.Redis.from_url(queue_url) as client:
            client.delete("audit:dlq:events", "audit:dlq:events:index")  # as another process' replay would
        assert queue_gauges(service) == expected(0)


def test_gauges_are_right_in_the_scrape_of_any_worker(start_service: StartService, queue_url: str) -> None:
    service = start_service(workers=2)
    with_letters(service, queue_url, 3)
    assert {gauge(service, "datastorage_dead_letters", stream="events") for _ in range(10)} == {3}
    for letter in letters(service):
        service.client.delete(f"{LETTERS}/{letter['id']}", params={"reason": "test"})
    assert {gauge(service, "datastorage_dead_letters", stream="events") for _ in range(10)} == {0}


def test_the_queues_show_what_waits(own_postgres: Controlled, queue_url: str) -> None:
    with Service(database_url=own_postgres.url, redis_url=queue_url) as service:
        own_postgres.kill()
        service.client.post(PATH, json=event())
        events, notifications = service.client.get("/api/v1/dlq").json()["streams"]
        assert events.pop("oldest_age_seconds") >= 0
        common = {"capacity": 1000, "alarm": "none", "dead_letters": 0}
        assert events == {"name": "events", "depth": 1, "ratio": 0.001, **common}
        empty = {"name": "notifications", "depth": 0, "ratio": 0, "oldest_age_seconds": None, **common}
        assert notifications == empty


def test_the_months_are_listed_with_their_state(service: Service, database_url: str) -> None:
    service.client.post(PATH, json=event()).raise_for_status()
    months = {one["partition"]: one for one in service.client.get("/api/v1/partitions").json()["partitions"]}
    now = datetime.now(UTC)
    current = months[f"{now:%Y_%m}"]
    assert current["first"] == f"{now:%Y-%m}-01"
    assert current["status"] == "available"
    assert current["bytes"] > 0
    assert abs((datetime.fromisoformat(current["last_write"]) - now).total_seconds()) < 60
    assert len(months) == 5
    name = max(months)
    assert gauge(service, "datastorage_partition_horizon_days") > 62
    assert gauge(service, "datastorage_partition_status", partition=name, status="available") == 1
    with psycopg.connect(database_url, autocommit=True) as connection:
        connection.execute(f"ALTER TABLE audit_events DETACH PARTITION audit_events_{name}")
    months = {one["partition"]: one for one in service.client.get("/api/v1/partitions").json()["partitions"]}
    assert (months[name]["status"], months[name]["last"]) == ("missing", None)
    assert gauge(service, "datastorage_partition_status", partition=name, status="missing") == 1
    assert gauge(service, "datastorage_partition_status", partition=name, status="available") == 0
    assert gauge(service, "datastorage_partition_horizon_days") < 100


def test_a_redis_that_may_lose_entries_is_named(own_valkey: Controlled, start_service: StartService) -> None:
    with redis.Redis.from_url(own_valkey.url) as client:
        client.config_set("appendonly", "no")
    service = start_service(redis_url=own_valkey.url)

    eventually_sync(lambda: NOT_DURABLE in service.client.get("/health/ready").json()["warnings"])
    ready = service.client.get("/health/ready")
    assert (ready.status_code, ready.json()["status"]) == (200, "ready")
    assert gauge(service, "datastorage_queue_durable") == 0
    assert "Redis may lose acknowledged entries" in service.log()


def test_the_warning_stays_while_the_queue_carries_everything(own_postgres: Controlled, own_valkey: Controlled) -> None:
    with redis.Redis.from_url(own_valkey.url) as client:
        client.config_set("appendonly", "no")
    with Service(database_url=own_postgres.url, redis_url=own_valkey.url) as service:
        eventually_sync(lambda: NOT_DURABLE in service.client.get("/health/ready").json()["warnings"])
        own_postgres.kill()
        service.client.post(PATH, json=event())
        ready = service.client.get("/health/ready").json()
        assert (ready["status"], ready["components"]["breaker"]) == ("degraded", "open")
        assert NOT_DURABLE in ready["warnings"]


def cli(service: Service, *arguments: str) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, "-m", "datastorage", "dlq", *arguments, "--url", service.url]
    environment = service.environment | {"COLUMNS": "160"}
    return subprocess.run(command, capture_output=True, text=True, check=False, timeout=60, env=environment)


def test_the_command_line_lists_shows_replays_and_discards(service: Service, queue_url: str) -> None:
    first, *_ = with_letters(service, queue_url, 3)
    table = cli(service, "status").stdout.splitlines()
    assert table[0].split() == ["queue", "waiting", "of", "full", "oldest", "dead", "letters", "alarm"]
    assert table[1].split() == ["events", "0", "1000", "0%", "-", "3", "none"]
    listed = cli(service, "list").stdout
    assert listed.count("its payload is not an audit event") == 3
    assert first["id"] in listed
    assert '"record": []' in cli(service, "show", first["id"]).stdout
    gone = cli(service, "discard", first["id"], "--reason", "sent again")
    assert gone.stdout == f"{first['record_id']} is discarded\n"
    again = cli(service, "discard", first["id"], "--reason", "sent again")
    assert again.returncode == 2
    assert "404: there is no dead letter" in again.stderr
    assert cli(service, "replay").returncode == 2
    everything = cli(service, "replay", "--all")
    assert everything.stdout == "2 queued again\n"
    assert "2/2" in everything.stderr, "the bar says how far it got"
    eventually_sync(lambda: len(letters(service)) == 2)
    (one, _) = letters(service)
    assert cli(service, "replay", one["id"]).stdout == f"{one['record_id']} is queued again\n"


def test_the_command_line_says_that_there_are_none(service: Service) -> None:
    assert cli(service, "list").stdout == "No dead letters.\n"
    assert cli(service).stdout == cli(service, "status").stdout, "looking is what it does by itself"
    before = [sys.executable, "-m", "datastorage", "dlq", "--url", service.url, "list"]
    assert (
        subprocess.run(before, capture_output=True, text=True, check=False, timeout=60).stdout == "No dead letters.\n"
    )
    command = [sys.executable, "-m", "datastorage", "dlq", "status", "--url", "http://127.0.0.1:1"]
    nowhere = subprocess.run(command, capture_output=True, text=True, check=False, timeout=60)
    assert nowhere.returncode == 2
    assert "nothing answers at http://127.0.0.1:1" in nowhere.stderr


@pytest.mark.parametrize(("act", "script"), [("DELETE", "discard"), ("POST", "requeue")])
def test_an_act_whose_reply_is_lost_is_not_said_to_be_undone(
    database_url: str, queue_url: str, open_proxy: OpenProxy, act: str, script: str
) -> None:
    proxy = open_proxy(queue_url)
    with Service(database_url=database_url, redis_url=proxy.url(queue_url)) as service:
        (letter,) = with_letters(service, queue_url, 1)
        with redis.Redis.from_url(queue_url) as client:
            sha = client.script_load(scripts.load(script))
        hit = proxy.cut_at(str(sha).encode(), forward=True)
        path = f"{LETTERS}/{letter['id']}" + ("/replay" if act == "POST" else "")
        answer = service.client.request(act, path, params={"reason": "test"} if act == "DELETE" else {})
        assert hit.is_set()
        assert answer.status_code == 503
        assert answer.json()["type"].endswith("/outcome-unknown")
        eventually_sync(lambda: letter["id"] not in [one["id"] for one in letters(service)])
