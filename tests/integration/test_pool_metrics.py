"""What operators see of the pools: sizes, waits and time-outs, and that a full pool says so, not too often."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator

import pytest
import structlog
from prometheus_client import REGISTRY
from psycopg_pool import PoolTimeout

from repository.measured_pool import MeasuredPool


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
