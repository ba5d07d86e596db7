"""More than a service can take: what is beyond waits or is refused, and everything else is as it was."""

from __future__ import annotations

import asyncio
from concurrent.futures import ThreadPoolExecutor

import httpx
import psycopg

from tests.fixtures.awaiting import eventually_sync
from tests.fixtures.service import StartService
from tests.fuzz.overload import closed_loop, open_loop, worker_rss

SECONDS = 3.0


async def watched(url: str, done: asyncio.Event) -> list[int]:
    """Statuses of health and metrics until `done`."""
    statuses: list[int] = []
    host, port = url.removeprefix("http://").split(":")
    while not done.is_set():
        for path in ("/health/live", "/health/ready", "/metrics"):
            reader, writer = await asyncio.open_connection(host, int(port))
            writer.write(f"GET {path} HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n".encode())
            statuses.append(int((await reader.read())[9:12]))
            writer.close()
    return statuses


def test_at_twice_what_it_takes_what_is_answered_is_stored_and_the_rest_is_not(
    start_service: StartService, database_url: str
) -> None:
    service = start_service(settings={"writes_max": 16})
    peak = asyncio.run(closed_loop(service, connections=16, seconds=SECONDS))
    assert set(peak.statuses) <= {201, 202}
    before = worker_rss(service)

    async def overload():
        done = asyncio.Event()
        watching = asyncio.create_task(watched(service.url, done))
        load = await open_loop(service, rate=2 * peak.throughput, connections=200, seconds=SECONDS)
        done.set()
        return load, await watching

    load, statuses = asyncio.run(overload())
    assert set(load.statuses) <= {201, 202, 503}
    assert load.without_retry == 0
    assert len(statuses) > 3
    assert set(statuses) == {200}
    assert worker_rss(service) - before < 60
    with psycopg.connect(database_url, autocommit=True) as connection:
        count = "SELECT count(*) FROM audit_events WHERE correlation_id = 'overload'"
        eventually_sync(lambda: connection.execute(count).fetchone() == (load.taken,), timeout=30)


def test_who_waits_in_vain_is_told_to_come_again_and_nobody_else_waits(
    start_service: StartService, database_url: str
) -> None:
    """A read that waits for a lock has the only place of reads; writes, health and metrics have theirs."""
    patience = {"lock_timeout": 100, "read_statement_timeout": 100}
    service = start_service(settings={"reads_max": 1, **patience})
    events = f"{service.url}/api/v1/audit/events"
    with ThreadPoolExecutor(4) as pool:
        with psycopg.connect(database_url) as locking, psycopg.connect(database_url, autocommit=True) as looking:
            locking.execute("LOCK TABLE audit_events IN ACCESS EXCLUSIVE MODE")
            held = pool.submit(httpx.get, events, timeout=100)
            waits_for_lock = "SELECT count(*) FROM pg_locks WHERE NOT granted"
            eventually_sync(lambda: looking.execute(waits_for_lock).fetchone() == (1,), timeout=60)
            in_vain = [pool.submit(httpx.get, events, timeout=100) for _ in range(3)]
            assert service.client.get("/health/live").status_code == 200
            assert 'requests_total{operation="unknown"' not in service.client.get("/metrics").text
            for answer in (one.result() for one in in_vain):
                assert (answer.status_code, answer.headers["retry-after"]) == (503, "1")
                assert answer.json()["type"].endswith("/service-unavailable")
                assert answer.json()["request_id"] == answer.headers["x-request-id"]
            metrics = service.client.get("/metrics").text
            assert 'datastorage_requests_shed_total{limit="reads"} 3.0' in metrics
            assert 'requests_total{method="GET",operation="unknown",status="503"} 3.0' in metrics
            locking.rollback()
        assert held.result().status_code == 200
    assert service.client.get(events).status_code == 200
    assert "requests were turned away" in service.log()
