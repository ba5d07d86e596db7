"""What operators see of the pools: sizes, waits and time-outs, and that a full pool says so, not too often."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from concurrent.futures import ThreadPoolExecutor

import psycopg
import pytest
import structlog
from prometheus_client import REGISTRY
from psycopg_pool import PoolTimeout

from repository.measured_pool import MeasuredPool
from tests.fixtures.awaiting import eventually_sync
from tests.fixtures.events import event_body
from tests.fixtures.service import StartService


class _Clock:
    now = 1000.0

    def __call__(self) -> float:
        return self.now


@pytest.fixture
async def pool(database_url: str) -> AsyncIterator[tuple[MeasuredPool, _Clock]]:
    clock = _Clock()
    made = MeasuredPool(database_url, clock=clock, name="tested", min_size=1, max_size=2, timeout=5, open=False)
    await made.open(wait=True)
    yield made, clock
    await made.close()


def value(name: str) -> float:
    found = REGISTRY.get_sample_value(f"datastorage_db_connection{name}", {"pool": "tested"})
    return found or 0


def sizes(pool: MeasuredPool) -> list[float]:
    pool.publish()
    return [value(f"s_{name}") for name in ("open", "in_use", "idle", "waiting")]


async def test_the_gauges_say_what_a_pool_holds(pool: tuple[MeasuredPool, _Clock]) -> None:
    tested, _ = pool
    assert sizes(tested) == [1, 0, 1, 0]
    async with tested.connection():
        assert sizes(tested) == [1, 1, 0, 0]
        async with tested.connection():
            assert sizes(tested) == [2, 2, 0, 0]
            waiting = asyncio.create_task(tested.getconn())
            while not tested._waiting:
                await asyncio.sleep(0)
            assert sizes(tested) == [2, 2, 0, 1]
        connection = await waiting
    assert sizes(tested) == [2, 1, 1, 0]
    await tested.putconn(connection)
    assert sizes(tested) == [2, 0, 2, 0]


async def test_a_connection_that_breaks_is_not_counted_as_held(pool: tuple[MeasuredPool, _Clock]) -> None:
    tested, _ = pool
    async with tested.connection() as connection:
        await connection.close()
    async with tested.connection():
        assert sizes(tested)[1] == 1
    assert sizes(tested)[1] == 0


async def test_waits_and_timeouts_are_counted_and_a_full_pool_says_so_once_a_minute(
    pool: tuple[MeasuredPool, _Clock],
) -> None:
    tested, clock = pool
    waits, timeouts = value("_wait_duration_seconds_count"), value("_timeouts_total")
    with structlog.testing.capture_logs() as lines:
        async with tested.connection(), tested.connection():
            assert lines == []
            for later in (0, 30, 29, 1):
                clock.now += later
                with pytest.raises(PoolTimeout):
                    await tested.getconn(timeout=0.01)
    assert value("_wait_duration_seconds_count") - waits == 6
    assert value("_timeouts_total") - timeouts == 4
    assert [(line["event"], line.get("count")) for line in lines] == [
        ("connection pool exhausted (2/2 in use)", None),
        ("request queued, waiting for available connection", 1),
        ("connection pool exhausted (2/2 in use)", None),
        ("request queued, waiting for available connection", 3),
    ]


def test_a_busy_pool_is_not_taken_for_an_outage(database_url: str, start_service: StartService) -> None:
    """The pool for writes has one connection, which an event holds for longer than a health check waits."""
    with psycopg.connect(database_url, autocommit=True) as connection:
        connection.execute(
            "CREATE FUNCTION slow() RETURNS trigger LANGUAGE plpgsql AS"
            " $$ BEGIN PERFORM pg_sleep(3); RETURN NULL; END $$"
        )
        connection.execute(
            "CREATE TRIGGER slow AFTER INSERT ON audit_events FOR EACH ROW WHEN (NEW.correlation_id = 'slow')"
            " EXECUTE FUNCTION slow()"
        )
        service = start_service(settings={"pool_max_size": 3, "pool_min_size": 1, "write_deadline": 20})
        with ThreadPoolExecutor(1) as threads:
            slow = threads.submit(
                service.client.post, "/api/v1/audit/events", json=event_body({"correlation_id": "slow"})
            )
            sleeping = "SELECT FROM pg_stat_activity WHERE datname = current_database() AND wait_event = 'PgSleep'"
            eventually_sync(lambda: connection.execute(sleeping).fetchone() is not None)
            ready = service.client.get("/health/ready")
            assert not slow.done()
            assert (ready.status_code, ready.json()["status"]) == (200, "ready")
            assert slow.result().status_code == 201
