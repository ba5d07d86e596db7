"""Stopping: readiness first, then requests in flight, then writes and entries, each step bounded."""

from __future__ import annotations

import fcntl
import os
import socket
import tempfile
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import httpx
import psycopg
import pytest
import redis
from psycopg import sql

from tests.fixtures.awaiting import eventually_sync
from tests.fixtures.controlled import Controlled
from tests.fixtures.database import migrate
from tests.fixtures.events import event_body
from tests.fixtures.service import Service, StartService

PATH = "/api/v1/audit/events"
QUICK = {"shutdown_drain": 0, "shutdown_requests": 1, "shutdown_flush": 3}


def event(**more: object) -> dict[str, Any]:
    return event_body({"correlation_id": "shutdown", **more})


def depth(queue_url: str) -> int:
    with redis.Redis.from_url(queue_url) as client:
        count = client.xlen("audit:dlq:events")
    assert isinstance(count, int)
    return count


def ended(service: Service, within: float) -> float:
    """Wait for the end; the seconds it took."""
    began = time.monotonic()
    assert service.wait(within + 10) == 0, service.log()
    took = time.monotonic() - began
    assert took < within, service.log()
    return took


def test_an_idle_service_with_default_settings_leaves_after_the_drain(start_service: StartService) -> None:
    """M2, M7, M8, M13."""
    service = start_service()
    began = time.monotonic()
    service.terminate()
    not_ready_within_a_second(service)
    assert service.client.post(PATH, json=event()).status_code == 201, "requests still pass while balancers react"
    ended(service, within=10)
    assert 5 <= time.monotonic() - began < 10
    assert '"level": "error"' not in service.log()
    with pytest.raises(httpx.TransportError):
        httpx.get(f"{service.url}/health/live", timeout=5)


def not_ready_within_a_second(service: Service) -> None:
    ready = eventually_sync(lambda: (answer := service.client.get("/health/ready")).is_error and answer, timeout=1)
    assert (ready.status_code, ready.json()) == (503, {"status": "not_ready", "reason": "shutting_down"})
    assert service.client.get("/health/live").status_code == 200


@contextmanager
def held(database_url: str, table: str) -> Iterator[None]:
    """A table that whoever opens it waits for."""
    with psycopg.connect(database_url) as locker:
        locker.execute(sql.SQL("LOCK TABLE {} IN ACCESS EXCLUSIVE MODE").format(sql.Identifier(table)))
        yield


def in_flight(service: Service, count: int) -> None:
    """Wait until `count` requests are being served; the scrape that tells is one more."""
    line = f"datastorage_http_requests_in_flight {count + 1}.0"
    eventually_sync(lambda: line in service.client.get("/metrics").text)


def test_requests_in_flight_are_answered(start_service: StartService, database_url: str) -> None:
    """M5: writers that wait for a lock when the signal comes."""
    service = start_service(settings=QUICK | {"shutdown_requests": 10, "lock_timeout": 5})
    with ThreadPoolExecutor(10) as pool:
        with held(database_url, f"audit_events_{datetime.now(UTC):%Y_%m}"):
            posts = [pool.submit(httpx.post, f"{service.url}{PATH}", json=event(), timeout=20) for _ in range(10)]
            in_flight(service, 10)
            service.terminate()
            service.terminate()
        assert {post.result().status_code for post in posts} == {201}
    ended(service, within=10)
    with psycopg.connect(database_url) as connection:
        assert connection.execute("SELECT count(*) FROM audit_events").fetchone() == (10,)


def test_reads_and_mixed_requests_in_flight_are_answered(start_service: StartService, database_url: str) -> None:
    """M4, and M11: ten requests around the signal. A month that is not written to holds up every kind of read."""
    service = start_service(settings=QUICK | {"shutdown_drain": 3, "shutdown_requests": 10})
    first = service.client.post(PATH, json=event()).raise_for_status().json()["event_id"]
    timeline = "/api/v1/audit/correlations/shutdown/timeline"
    stream = {"Accept": "application/x-ndjson"}
    with ThreadPoolExecutor(10) as pool:
        with held(database_url, f"audit_events_{datetime.now(UTC) + timedelta(days=75):%Y_%m}"):
            reads = [
                pool.submit(httpx.get, service.url + address, headers=headers, timeout=20)
                for address, headers in [(PATH, {}), (timeline, {}), (PATH, stream), (f"{PATH}?order=asc&limit=1", {})]
            ]
            in_flight(service, len(reads))
            service.terminate()
            mixed = [
                pool.submit(httpx.get, f"{service.url}{PATH}/{first}", timeout=20),
                pool.submit(httpx.get, f"{service.url}/health/live", timeout=20),
                *(pool.submit(httpx.post, f"{service.url}{PATH}", json=event(), timeout=20) for _ in range(2)),
                *(pool.submit(httpx.post, f"{service.url}{PATH}/batch", json=[event()], timeout=20) for _ in range(2)),
            ]
            after = [attempt.exception() or attempt.result().status_code for attempt in mixed]
        answers = [read.result() for read in reads]
    assert [answer.status_code for answer in answers] == [200] * 4
    assert all(first in answer.text for answer in answers), "whole answers"
    assert sum(status in {200, 201} for status in after) > 0, "requests still pass while balancers react"
    assert all(isinstance(one, httpx.TransportError) or one in {200, 201} for one in after), after
    ended(service, within=10)


@pytest.fixture
def hanging() -> Iterator[list[socket.socket]]:
    """Connections of clients that hang, closed afterwards."""
    opened: list[socket.socket] = []
    yield opened
    for one in opened:
        one.close()


def half_a_request(service: Service) -> socket.socket:
    """A client that sends the beginning of a body, then nothing."""
    one = socket.create_connection(("127.0.0.1", service.port))
    one.sendall(f"POST {PATH} HTTP/1.1\r\nHost: x\r\nContent-Length: 1000\r\n\r\n{{".encode())
    return one


def test_a_client_that_hangs_delays_nobody_beyond_its_bound(
    start_service: StartService, database_url: str, queue_url: str, hanging: list[socket.socket]
) -> None:
    """Half a body is sent, then nothing; the later steps run all the same."""
    service = start_service(settings=QUICK | {"shutdown_flush": 10})
    hanging += [half_a_request(service) for _ in range(3)]
    service.client.post(PATH, json=event()).raise_for_status()
    service.terminate()
    ended(service, within=8)
    assert depth(queue_url) == 0
    with redis.Redis.from_url(queue_url) as client:
        assert client.xinfo_consumers("audit:dlq:events", "replay") == [], "the replay worker has signed off"
    with psycopg.connect(database_url) as connection:
        assert connection.execute("SELECT count(*) FROM audit_events").fetchone() == (1,)


def test_a_queue_that_cannot_be_drained_is_left_whole_after_the_default_times(
    own_postgres: Controlled, queue_url: str, hanging: list[socket.socket]
) -> None:
    """M14, with M2 and M7 on the way: a request that is under way keeps the process, but the port is closed.

    Before that an outage longer than what probes tolerate: ready and accepting all the time.
    """
    with Service(database_url=own_postgres.url, redis_url=queue_url, workers=2) as service:
        own_postgres.kill()
        killed = time.monotonic()

        def ready_for_long() -> bool:
            ready = service.client.get("/health/ready")
            if (ready.status_code, ready.json()["status"]) != (200, "degraded"):
                pytest.fail(ready.text)
            return time.monotonic() - killed > 15

        eventually_sync(ready_for_long, timeout=30, every=0.2)
        assert [service.client.post(PATH, json=event()).status_code for _ in range(5)] == [202] * 5
        hanging.append(half_a_request(service))
        began = time.monotonic()
        service.terminate()
        not_ready_within_a_second(service)
        eventually_sync(lambda: refuses(service), timeout=6)
        assert time.monotonic() - began >= 5, "the drain was not cut short"
        assert service.running
        hanging[0].close()
        ended(service, within=40)
        assert 5 < time.monotonic() - began < 50
        assert depth(queue_url) == 5


def refuses(service: Service) -> bool:
    """Whether a new connection is refused at once; one that is taken and left without an answer is not."""
    try:
        httpx.get(f"{service.url}/health/live", timeout=2)
    except httpx.TimeoutException:
        return False
    except httpx.TransportError:
        return True
    return False


@pytest.mark.parametrize("how", ["kill", "pause"])
def test_without_postgresql_the_entries_stay_in_the_stream(own_postgres: Controlled, queue_url: str, how: str) -> None:
    """M14 and M17: bounded, nothing deleted; the next process stores them, payload and version intact."""
    with Service(database_url=own_postgres.url, redis_url=queue_url, settings=QUICK) as service:
        getattr(own_postgres, how)()
        sent = [service.client.post(PATH, json=event(event_data={"number": number})) for number in range(5)]
        assert [answer.status_code for answer in sent] == [202] * 5
        service.terminate()
        ended(service, within=10)
        assert depth(queue_url) == 5
        own_postgres.resume()
        own_postgres.start()
        service.start()
        eventually_sync(lambda: depth(queue_url) == 0, timeout=20)
        statement = "SELECT event_id::text, event_version, event_data FROM audit_events ORDER BY event_data->'number'"
        with psycopg.connect(own_postgres.url) as connection:
            rows = connection.execute(statement).fetchall()
    assert rows == [(answer.json()["event_id"], "1.0", {"number": number}) for number, answer in enumerate(sent)]


@pytest.mark.parametrize("how", ["kill", "pause"])
def test_without_redis_the_end_is_bounded(own_valkey: Controlled, start_service: StartService, how: str) -> None:
    service = start_service(redis_url=own_valkey.url, settings=QUICK)
    getattr(own_valkey, how)()
    assert service.client.post(PATH, json=event()).status_code == 201
    service.terminate()
    ended(service, within=10)


def test_a_service_starts_without_postgresql_and_recovers(own_postgres: Controlled, queue_url: str) -> None:
    """L8 and M19."""
    own_postgres.stop()
    with Service(database_url=own_postgres.url, redis_url=queue_url) as service:
        ready = service.client.get("/health/ready")
        assert ready.status_code == 200
        assert ready.json()["status"] == "degraded"
        assert ready.json()["components"]["database"] == "unavailable"
        health = service.client.get("/health")
        assert health.status_code == 503
        told = health.json()
        assert told.pop("error").startswith("PostgreSQL ")
        assert told == {"status": "unhealthy", "database": "unreachable", "queue": "connected"}
        answer = service.client.post(PATH, json=event())
        assert answer.status_code == 202
        own_postgres.start()
        address = f"{PATH}/{answer.json()['event_id']}"
        eventually_sync(lambda: service.client.get(address).status_code == 200, timeout=20)
        eventually_sync(lambda: service.client.get("/health/ready").json()["status"] == "ready")


def test_a_service_starts_without_redis_and_recovers(own_valkey: Controlled, start_service: StartService) -> None:
    """L8."""
    own_valkey.stop()
    service = start_service(redis_url=own_valkey.url)
    ready = service.client.get("/health/ready")
    assert (ready.status_code, ready.json()["status"]) == (200, "degraded")
    assert ready.json()["components"] == {"database": "available", "queue": "unavailable"}
    health = service.client.get("/health")
    wanted = {"status": "healthy", "database": "connected", "queue": "unreachable"}
    assert (health.status_code, health.json()) == (200, wanted), "the queue is told, and no more"
    assert service.client.post(PATH, json=event()).status_code == 201
    own_valkey.start()
    eventually_sync(lambda: service.client.get("/health/ready").json()["status"] == "ready")


def test_without_both_stores_nothing_is_taken(own_postgres: Controlled, own_valkey: Controlled) -> None:
    """M19: 503 with Retry-After, and not ready."""
    with Service(database_url=own_postgres.url, redis_url=own_valkey.url) as service:
        own_postgres.kill()
        own_valkey.kill()
        answer = service.client.post(PATH, json=event())
        assert answer.status_code == 503
        assert int(answer.headers["Retry-After"]) >= 1
        ready = eventually_sync(lambda: (got := service.client.get("/health/ready")).is_error and got)
        assert ready.json()["reason"] == "no_store_available"
        assert service.client.get("/health/live").status_code == 200
        own_valkey.start()
        own_postgres.start()
        eventually_sync(lambda: service.client.get("/health/ready").json()["status"] == "ready", timeout=20)
        with psycopg.connect(own_postgres.url) as connection:
            assert connection.execute("SELECT count(*) FROM audit_events").fetchone() == (0,)


def test_a_database_without_a_schema_is_waited_for(own_postgres: Controlled, queue_url: str) -> None:
    """PostgreSQL comes later, empty: everything is queued, quietly, until somebody migrates."""
    with psycopg.connect(own_postgres.server.url_of("postgres"), autocommit=True) as connection:
        connection.execute("CREATE DATABASE later")
    url = own_postgres.server.url_of("later")
    own_postgres.stop()
    with Service(database_url=url, redis_url=queue_url) as service:
        own_postgres.start()
        answers = [service.client.post(PATH, json=event()) for _ in range(3)]
        assert [answer.status_code for answer in answers] == [202] * 3
        migrate(url)
        address = f"{PATH}/{answers[0].json()['event_id']}"
        eventually_sync(lambda: service.client.get(address).status_code == 200, timeout=30)
        assert service.log().count("target is down") <= 2, "the breaker does not flap"


def test_metrics_of_a_killed_instance_are_removed_by_the_next(start_service: StartService) -> None:
    killed, other = start_service(), start_service()
    home = Path(tempfile.gettempdir())
    (left,) = home.glob(f"datastorage-prometheus-{killed.pid}-*")
    (used,) = home.glob(f"datastorage-prometheus-{other.pid}-*")
    killed.kill()
    eventually_sync(lambda: unlocked(left))  # its workers are gone too
    start_service()
    assert not left.exists()
    assert used.is_dir()
    assert "datastorage_http_requests_total" in other.client.get("/metrics").text


def unlocked(directory: Path) -> bool:
    descriptor = os.open(directory, os.O_RDONLY)
    try:
        fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        return False
    finally:
        os.close(descriptor)
    return True
