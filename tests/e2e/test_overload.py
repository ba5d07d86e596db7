"""More than a service can take: what is beyond is refused at once, and everything else is as it was."""

from __future__ import annotations

import asyncio

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


def test_at_twice_what_it_takes_the_excess_is_refused_and_the_rest_is_stored(
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
        # However fast this machine is at it: two hundred at once are more than sixteen.
        burst = await open_loop(service, rate=200 / 0.001, connections=200, seconds=0.01)
        done.set()
        return load, burst, await watching

    load, burst, statuses = asyncio.run(overload())
    assert {503} < set(load.statuses) | set(burst.statuses) <= {201, 202, 503}
    assert load.without_retry == burst.without_retry == 0
    assert len(statuses) > 3
    assert set(statuses) == {200}
    assert worker_rss(service) - before < 60
    taken = load.taken + burst.taken
    with psycopg.connect(database_url, autocommit=True) as connection:
        count = "SELECT count(*) FROM audit_events WHERE correlation_id = 'overload'"
        eventually_sync(lambda: connection.execute(count).fetchone() == (taken,), timeout=30)
