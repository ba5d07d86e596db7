"""One event, however often and wherever it is sent, is one row: ids, keys, duplicates at once, restarts, the queue."""

from __future__ import annotations

import asyncio
import random
import ssl
import threading
from collections import Counter
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import uuid4

import httpx
import psycopg
import pytest

from repository.partitions import create_month, window
from telemetry.clock import new_event_id
from tests.fixtures.awaiting import eventually_sync
from tests.fixtures.controlled import Controlled
from tests.fixtures.events import event_body
from tests.fixtures.proxy import OpenProxy
from tests.fixtures.service import Service, StartService

PATH = "/api/v1/audit/events"
NOW = datetime.now(UTC)


def event(**more: object) -> dict[str, Any]:
    return event_body({"event_timestamp": NOW.isoformat(), "correlation_id": "once", **more})


def count(url: str, condition: str = "true") -> int:
    with psycopg.connect(url) as connection:
        row = connection.execute(f"SELECT count(*) FROM audit_events WHERE {condition}").fetchone()
    return row[0] if row else 0


@pytest.fixture(scope="module")
def pair(module_database_url: str, module_queue_url: str) -> Iterator[list[Service]]:
    """Two processes over one database."""
    options = {"database_url": module_database_url, "redis_url": module_queue_url}
    with Service(**options, settings={"event_max_age": 60 * 86400}) as one, Service(**options, workers=2) as other:
        yield [one, other]


def test_of_duplicates_at_once_one_is_created_two_hundred_times(pair: list[Service], module_database_url: str) -> None:
    """Single and batch, over both processes."""
    with httpx.Client(timeout=30) as client, ThreadPoolExecutor(6) as pool:

        def send(turn: int, body: dict[str, Any]) -> int:
            url = pair[turn % 2].url
            if turn < 4:
                return client.post(f"{url}{PATH}", json=body).status_code
            return client.post(f"{url}{PATH}/batch", json=[event(), body]).json()["results"][1]["status"]

        ids = []
        for number in range(200):
            body = event(event_id=str(uuid4() if number % 2 else new_event_id()))
            ids.append(body["event_id"])
            answers = list(pool.map(lambda turn, body=body: send(turn, body), range(6)))
            created = [answer for answer in answers if answer in {201, "created"}]
            assert len(created) == 1, answers
            assert set(answers) <= {200, 201, "created", "duplicate"}
    assert count(module_database_url, f"event_id IN ({','.join(repr(one) for one in ids)})") == 200


def test_shuffled_overlapping_batches_never_lock_each_other_out(pair: list[Service]) -> None:
    """200 rounds in four threads; each event is created once."""
    rng = random.Random(20261121)
    shared = [event(event_id=str(uuid4()), event_data={"n": n}) for n in range(40)]
    created: Counter[str] = Counter()
    lock = threading.Lock()
    plans = [[rng.sample(shared, 15) for _ in range(50)] for _ in range(4)]

    def run(place: int) -> set[int]:
        statuses = set()
        with httpx.Client(base_url=pair[place % 2].url, timeout=30) as client:
            for batch in plans[place]:
                answer = client.post(f"{PATH}/batch", json=batch)
                statuses.add(answer.status_code)
                with lock:
                    created.update(r["event_id"] for r in answer.json()["results"] if r["status"] == "created")
        return statuses

    with ThreadPoolExecutor(4) as pool:
        assert set().union(*pool.map(run, range(4))) <= {200, 201}
    assert set(created.values()) == {1}
    assert set(created) <= {one["event_id"] for one in shared}


@pytest.mark.parametrize("change", [{"event_data": {"k": "w"}}, {"event_action": "other"}, {"severity": None}])
def test_another_content_under_the_same_id_is_a_conflict(pair: list[Service], change: dict[str, Any]) -> None:
    post = pair[0].client.post
    first = event(event_id=str(uuid4()))
    assert post(PATH, json=first).status_code == 201
    assert post(PATH, json=first | change).status_code == 409
    batch = post(f"{PATH}/batch", json=[event(correlation_id="not stored"), first | change])
    assert batch.status_code == 409
    assert batch.json()["detail"].startswith("event at index 1:")
    lenient = post(f"{PATH}/batch", json=[event(), first | change], headers={"Prefer": "handling=lenient"})
    assert [one["status"] for one in lenient.json()["results"]] == ["created", "rejected"]
    assert count(pair[0].database_url, "correlation_id = 'not stored'") == 0


def test_an_id_is_unique_over_all_months(pair: list[Service]) -> None:
    before = (NOW.replace(day=1) - timedelta(days=1)).isoformat()
    for own_id in (str(uuid4()), str(new_event_id())):
        assert pair[0].client.post(PATH, json=event(event_id=own_id)).status_code == 201
        assert pair[0].client.post(PATH, json=event(event_id=own_id, event_timestamp=before)).status_code == 409


def test_a_key_stands_for_an_id(pair: list[Service]) -> None:
    headers = {"Idempotency-Key": f"order-{uuid4()}"}
    post = pair[0].client.post
    first = post(PATH, json=event(), headers=headers)
    again = pair[1].client.post(PATH, json=event(), headers=headers)
    assert (first.status_code, again.status_code) == (201, 200)
    assert first.json()["event_id"] == again.json()["event_id"]
    assert post(PATH, json=event(event_action="other"), headers=headers).status_code == 409
    assert post(PATH, json=event(), headers={"Idempotency-Key": "ü".encode("latin-1")}).status_code == 400  # type: ignore[dict-item]
    batch = {"Idempotency-Key": f"batch-{uuid4()}"}
    both = [post(f"{PATH}/batch", json=[event(), event()], headers=batch) for _ in range(2)]
    assert [one.status_code for one in both] == [201, 200]
    assert len(set(both[0].json()["event_ids"])) == 2
    assert both[0].json()["event_ids"] == both[1].json()["event_ids"]


def test_a_restart_forgets_nothing(start_service: StartService) -> None:
    service = start_service(settings={"shutdown_drain": 0})
    body = event(event_id=str(uuid4()))
    assert service.client.post(PATH, json=body).status_code == 201
    service.kill()
    service.start()
    assert service.client.post(PATH, json=body).status_code == 200
    assert service.client.post(PATH, json=body | {"event_action": "other"}).status_code == 409


def test_a_queued_event_and_a_direct_one_are_one(own_postgres: Controlled, queue_url: str) -> None:
    with Service(database_url=own_postgres.url, redis_url=queue_url) as service:
        post = service.client.post
        stored, queued = (event(event_id=str(uuid4())) for _ in range(2))
        assert post(PATH, json=stored).status_code == 201
        own_postgres.kill()
        assert post(PATH, json=stored).status_code == 202, "whether it is stored cannot be asked: replay finds out"
        assert [post(PATH, json=queued).status_code for _ in range(3)] == [202] * 3
        assert post(PATH, json=queued | {"event_action": "other"}).status_code == 409
        own_postgres.start()
        eventually_sync(lambda: post(PATH, json=queued).status_code == 200, timeout=20)
        eventually_sync(lambda: service.client.get("/api/v1/dlq").json()["streams"][0]["depth"] == 0, timeout=20)
        assert service.client.get("/api/v1/dlq").json()["streams"][0]["dead_letters"] == 0
        assert count(own_postgres.url) == 2


def test_a_child_of_a_queued_parent_follows_it(own_postgres: Controlled, queue_url: str) -> None:
    """A parent that cannot be asked for is not taken for absent."""
    with Service(database_url=own_postgres.url, redis_url=queue_url) as service:
        own_postgres.kill()
        parent, child = (event(event_id=str(uuid4())) for _ in range(2))
        child["parent_event_id"] = parent["event_id"]
        assert service.client.post(PATH, json=child).status_code == 202
        assert service.client.post(PATH, json=parent).status_code == 202
        own_postgres.start()
        address = f"{PATH}/{child['event_id']}"
        eventually_sync(lambda: service.client.get(address).status_code == 200, timeout=20)
        assert service.client.get(address).json()["parent_event_date"] == f"{NOW:%Y-%m-%d}"


def test_three_processes_make_one_unprepared_month_under_load(module_database_url: str, module_queue_url: str) -> None:
    """O5: a month inside the accepted window that nobody has made yet, met by all at once, without deadlock."""
    old = NOW - timedelta(days=100)
    month = f"audit_events_{old:%Y_%m}"
    options = {"database_url": module_database_url, "redis_url": module_queue_url, "workers": 2}
    settings = {"event_max_age": 400 * 86400}
    with (
        Service(**options, settings=settings) as one,
        Service(**options, settings=settings) as two,
        Service(**options, settings=settings) as three,
        ThreadPoolExecutor(12) as pool,
    ):
        urls = [one.url, two.url, three.url]
        body = event(correlation_id="unprepared", event_timestamp=old.isoformat())
        posts = pool.map(lambda n: httpx.post(f"{urls[n % 3]}{PATH}", json=body, timeout=30).status_code, range(60))
        assert set(posts) == {201}
    assert count(module_database_url, "correlation_id = 'unprepared'") == 60
    with psycopg.connect(module_database_url) as connection:
        attached = connection.execute("SELECT relispartition FROM pg_class WHERE relname = %s", [month]).fetchone()
    assert attached == (True,)


def test_a_month_that_somebody_else_makes_meanwhile_is_no_broken_month(
    module_database_url: str, module_queue_url: str
) -> None:
    """Between the write that missed the month and the look at it, another process may have made it."""
    old = NOW - timedelta(days=135)
    settings = {"event_max_age": 400 * 86400}
    options = {"database_url": module_database_url, "redis_url": module_queue_url, "settings": settings}
    waiting = """SELECT count(*) FROM pg_locks JOIN pg_database ON pg_database.oid = database
        WHERE datname = current_database() AND locktype = 'advisory' AND NOT granted"""
    with (
        Service(**options) as service,
        psycopg.connect(module_database_url, autocommit=True) as observer,
        psycopg.connect(module_database_url, autocommit=True) as maker,
        ThreadPoolExecutor(1) as pool,
    ):
        with maker.transaction():
            assert create_month(maker, old.date())  # takes the lock that makers take, until the transaction ends
            body = event(event_timestamp=old.isoformat())
            post = pool.submit(httpx.post, f"{service.url}{PATH}", json=body, timeout=30)
            eventually_sync(lambda: observer.execute(waiting).fetchone() == (1,))
        assert post.result().status_code == 201


def load(url: str, until: threading.Event, statuses: Counter[int]) -> None:
    with httpx.Client(base_url=url, timeout=30) as client:
        while not until.is_set():
            own = {"event_id": str(uuid4())} if len(statuses) % 2 else {}
            statuses[client.post(PATH, json=event(correlation_id="load", **own)).status_code] += 1


def test_instances_that_start_at_once_under_load_disturb_no_write(
    service: Service, start_service: StartService, database_url: str
) -> None:
    """Each of them looks after the months, and one of those is missing."""
    missing = f"audit_events_{window(NOW.date())[-1]:%Y_%m}"
    statuses: Counter[int] = Counter()
    done = threading.Event()
    writers = [threading.Thread(target=load, args=(service.url, done, statuses)) for _ in range(3)]
    for writer in writers:
        writer.start()
    eventually_sync(lambda: statuses[201] > 20)
    with psycopg.connect(database_url, autocommit=True) as connection:
        connection.execute(f"ALTER TABLE audit_events DETACH PARTITION {missing} CONCURRENTLY")
        connection.execute(f"DROP TABLE {missing}")
        started = [start_service(wait=False) for _ in range(3)]
        for one in started:
            one.wait_until_live()
        attached = f"SELECT 1 FROM pg_inherits WHERE inhrelid = to_regclass('{missing}')"
        eventually_sync(lambda: connection.execute(attached).fetchall())
    seen = statuses[201]
    eventually_sync(lambda: statuses[201] > seen + 20)
    done.set()
    for writer in writers:
        writer.join()
    assert set(statuses) == {201}
    assert not any("partition upkeep failed" in one.log() for one in [service, *started])


def test_a_migration_while_serving_is_not_noticed(service: Service, database_url: str) -> None:
    """0A000: cached plans that an ALTER TABLE made useless, on reads and writes."""
    statuses: Counter[int] = Counter()
    done = threading.Event()
    writers = [threading.Thread(target=load, args=(service.url, done, statuses)) for _ in range(3)]
    for writer in writers:
        writer.start()
    eventually_sync(lambda: statuses[201] > 50)
    with psycopg.connect(database_url, autocommit=True) as connection:
        for number in range(5):
            connection.execute(f"ALTER TABLE audit_events ADD COLUMN later_{number} text")
            reads = [service.client.get(PATH, params={"correlation_id": "load"}).status_code for _ in range(10)]
            assert set(reads) == {200}
            seen = statuses[201]
            eventually_sync(lambda seen=seen: statuses[201] > seen + 20)
    done.set()
    for writer in writers:
        writer.join()
    assert set(statuses) == {201}


def test_backends_that_are_killed_lose_and_double_nothing(service: Service, database_url: str) -> None:
    statuses: Counter[int] = Counter()
    done = threading.Event()
    writers = [threading.Thread(target=load, args=(service.url, done, statuses)) for _ in range(3)]
    for writer in writers:
        writer.start()
    kill = """
        SELECT count(pg_terminate_backend(pid)) FROM pg_stat_activity
        WHERE datname = current_database() AND application_name = 'datastorage writes'
    """
    with psycopg.connect(database_url, autocommit=True) as connection:
        for _ in range(5):
            seen = sum(statuses.values())
            eventually_sync(lambda seen=seen: sum(statuses.values()) > seen + 20)
            connection.execute(kill)
    done.set()
    for writer in writers:
        writer.join()
    assert set(statuses) <= {200, 201, 202}, statuses
    eventually_sync(lambda: count(database_url, "correlation_id = 'load'") == sum(statuses.values()), timeout=20)


@pytest.mark.parametrize(("writers", "settings"), [(50, {"pool_max_size": 25}), (150, {})])
def test_more_writers_than_connections_wait_and_are_served(
    start_service: StartService, database_url: str, writers: int, settings: dict[str, Any]
) -> None:
    """P5 and P1."""
    service = start_service(workers=2, settings=settings)
    gate = threading.Barrier(writers)

    def post(_number: int) -> int:
        with httpx.Client(timeout=30) as client:
            gate.wait()
            return client.post(f"{service.url}{PATH}", json=event()).status_code

    with ThreadPoolExecutor(writers) as pool:
        assert list(pool.map(post, range(writers))) == [201] * writers
    assert count(database_url) == writers


@pytest.mark.parametrize("connections", [32, 500])
async def test_of_many_connections_none_is_passed_over(service: Service, connections: int) -> None:
    """Each posts again as soon as it is answered; nobody has five answers before everybody has one."""
    answers = [0] * connections
    started = asyncio.Event()
    tls = ssl.create_default_context()  # unused, but costly to make for each client

    async def client(number: int) -> None:
        async with httpx.AsyncClient(base_url=service.url, timeout=60, verify=tls) as own:
            (await own.get("/health/live")).raise_for_status()
            ready.release()
            await started.wait()
            for _ in range(5):
                assert (await own.post(PATH, json=event())).status_code == 201
                answers[number] += 1
            assert min(answers) > 0

    ready = asyncio.Semaphore(0)
    async with asyncio.TaskGroup() as group:
        for number in range(connections):
            group.create_task(client(number))
        for _ in range(connections):
            await ready.acquire()
        started.set()
    assert answers == [5] * connections


def test_clients_that_leave_take_nothing_with_them(
    start_service: StartService, database_url: str, open_proxy: OpenProxy
) -> None:
    """They close before the answer: what was handed over is stored, and no connection of the pool is lost."""
    month = f"audit_events_{NOW:%Y_%m}"
    proxy = open_proxy(database_url)
    service = start_service(database_url=proxy.url(database_url), settings={"lock_timeout": 5})
    with psycopg.connect(database_url) as locker:
        locker.execute(f"LOCK TABLE {month} IN ACCESS EXCLUSIVE MODE")

        def leave(_number: int) -> str:
            try:
                httpx.post(f"{service.url}{PATH}", json=event(correlation_id="left"), timeout=0.3)
            except httpx.ReadTimeout:
                return "left"
            return "answered"

        with ThreadPoolExecutor(20) as pool:
            assert set(pool.map(leave, range(20))) == {"left"}
        locker.rollback()
    eventually_sync(lambda: count(database_url, "correlation_id = 'left'") == 20)
    assert [service.client.post(PATH, json=event()).status_code for _ in range(30)] == [201] * 30
    eventually_sync(lambda: "datastorage_http_requests_in_flight 1.0" in service.client.get("/metrics").text)


@pytest.mark.parametrize("sqlstate", ["40001", "40P01"])
def test_a_transaction_that_lost_against_another_is_done_again(
    service: Service, database_url: str, sqlstate: str
) -> None:
    """Every other insert fails as PostgreSQL fails it; nobody sees more than a success."""
    month = f"audit_events_{NOW:%Y_%m}"
    with psycopg.connect(database_url, autocommit=True) as connection:
        connection.execute("CREATE SEQUENCE turns")
        connection.execute(f"""
            CREATE FUNCTION lose() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN
                IF nextval('turns') % 2 = 1 THEN RAISE EXCEPTION 'lost' USING ERRCODE = '{sqlstate}'; END IF;
                RETURN NEW;
            END $$;
            CREATE TRIGGER lose BEFORE INSERT ON {month} FOR EACH ROW EXECUTE FUNCTION lose()
        """)
    bodies = [event(**({"event_id": str(uuid4())} if number % 2 else {})) for number in range(10)]
    assert [service.client.post(PATH, json=body).status_code for body in bodies] == [201] * 10
    assert count(database_url) == 10


def test_no_parent_is_missed_while_the_queue_that_holds_it_is_away(
    own_postgres: Controlled, own_valkey: Controlled
) -> None:
    with Service(database_url=own_postgres.url, redis_url=own_valkey.url) as service:
        own_postgres.kill()
        parent, child = (event(event_id=str(uuid4())) for _ in range(2))
        child["parent_event_id"] = parent["event_id"]
        assert service.client.post(PATH, json=parent).status_code == 202
        own_valkey.stop()
        own_postgres.start()
        eventually_sync(lambda: service.client.post(PATH, json=event()).status_code == 201, timeout=20)
        answers = service.client.post(PATH, json=child), service.client.post(f"{PATH}/batch", json=[child, event()])
        for answer in answers:
            assert answer.status_code == 503, answer.text
            assert answer.json()["type"].endswith("/service-unavailable")
        own_valkey.start()
        eventually_sync(lambda: service.client.post(PATH, json=child).status_code in {201, 202}, timeout=20)
        eventually_sync(lambda: service.client.get(f"{PATH}/{child['event_id']}").status_code == 200, timeout=20)
