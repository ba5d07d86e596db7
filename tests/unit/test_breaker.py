"""The breaker by itself: when it opens, who learns of it, and what closes it again."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator

import pytest
from prometheus_client import REGISTRY

from audit.breaker import Breaker
from repository.errors import DatabaseUnavailableError
from tests.fixtures.awaiting import eventually


class Postgres:
    """What a probe meets: a server that answers, one that is away, or one that hangs."""

    def __init__(self) -> None:
        self.state = "away"
        self.probes = 0
        self.probing = 0

    async def probe(self) -> None:
        self.probes += 1
        self.probing += 1
        try:
            if self.state == "hung":
                await asyncio.Event().wait()
            if self.state == "away":
                raise DatabaseUnavailableError
        finally:
            self.probing -= 1


@pytest.fixture
def postgres() -> Postgres:
    return Postgres()


@pytest.fixture
async def breaker(postgres: Postgres) -> AsyncIterator[Breaker]:
    made = Breaker(postgres.probe, threshold=3, interval=0.001, doubt=0.05, patience=0.05)
    yield made
    await made.stop()


def fail(breaker: Breaker, times: int) -> None:
    for _ in range(times):
        breaker.failure()


async def test_it_opens_at_so_many_failures_in_a_row_and_not_before(breaker: Breaker) -> None:
    fail(breaker, 2)
    assert not breaker.is_open
    breaker.failure()
    assert breaker.is_open


async def test_a_success_between_failures_starts_the_count_anew(breaker: Breaker) -> None:
    fail(breaker, 2)
    breaker.success()
    fail(breaker, 2)
    assert not breaker.is_open


async def test_only_a_good_probe_closes_it(breaker: Breaker, postgres: Postgres) -> None:
    fail(breaker, 3)
    await eventually(lambda: postgres.probes >= 5)
    breaker.success()  # of a write that began before
    assert breaker.is_open
    postgres.state = "there"
    await asyncio.wait_for(breaker.closed(), 5)
    assert not breaker.is_open
    probes = postgres.probes
    fail(breaker, 2)
    assert not breaker.is_open, "failures of before do not count any more"
    assert postgres.probes == probes, "nobody probes what is taken for there"


async def test_a_probe_that_hangs_is_given_up_and_repeated(breaker: Breaker, postgres: Postgres) -> None:
    postgres.state = "hung"
    fail(breaker, 3)
    await eventually(lambda: postgres.probes >= 2)
    assert breaker.is_open
    postgres.state = "there"
    await asyncio.wait_for(breaker.closed(), 5)


async def test_it_opens_and_closes_again_as_often_as_it_must(breaker: Breaker, postgres: Postgres) -> None:
    before = REGISTRY.get_sample_value("datastorage_breaker_opened_total") or 0
    for _ in range(3):
        postgres.state = "away"
        fail(breaker, 3)
        assert REGISTRY.get_sample_value("datastorage_breaker_open") == 1
        postgres.state = "there"
        await asyncio.wait_for(breaker.closed(), 5)
        assert REGISTRY.get_sample_value("datastorage_breaker_open") == 0
    assert REGISTRY.get_sample_value("datastorage_breaker_opened_total") == before + 3


@pytest.mark.parametrize("state", ["away", "hung"])
async def test_a_write_that_hangs_opens_it_when_a_probe_is_not_answered_either(
    breaker: Breaker, postgres: Postgres, state: str
) -> None:
    postgres.state = state
    breaker.suspect()
    await asyncio.wait_for(breaker.opened(), 5)
    postgres.state = "there"
    await asyncio.wait_for(breaker.closed(), 5)


async def test_a_write_that_only_takes_long_opens_nothing(breaker: Breaker, postgres: Postgres) -> None:
    postgres.state = "there"
    breaker.suspect()
    await eventually(lambda: postgres.probes == 1 and not postgres.probing)
    assert not breaker.is_open


async def test_any_number_of_suspicions_is_one_probe(breaker: Breaker, postgres: Postgres) -> None:
    postgres.state = "hung"
    for _ in range(10):
        breaker.suspect()
        await asyncio.sleep(0)
    assert (postgres.probes, postgres.probing) == (1, 1)


async def test_failures_during_a_suspicion_open_it_and_it_still_heals(breaker: Breaker, postgres: Postgres) -> None:
    postgres.state = "hung"
    breaker.suspect()
    await eventually(lambda: postgres.probing)
    fail(breaker, 3)
    assert breaker.is_open
    postgres.state = "there"
    await asyncio.wait_for(breaker.closed(), 5)


async def test_all_who_wait_learn_of_it(breaker: Breaker, postgres: Postgres) -> None:
    waiting = [asyncio.create_task(breaker.opened()) for _ in range(50)]
    await asyncio.sleep(0)
    fail(breaker, 3)
    await asyncio.wait_for(asyncio.gather(*waiting), 5)
    waiting = [asyncio.create_task(breaker.closed()) for _ in range(50)]
    postgres.state = "there"
    await asyncio.wait_for(asyncio.gather(*waiting), 5)
    assert not breaker.is_open


@pytest.mark.parametrize("state", ["away", "hung"])
async def test_stopped_it_probes_no_more_though_postgresql_is_away(
    breaker: Breaker, postgres: Postgres, state: str
) -> None:
    before = asyncio.all_tasks()
    postgres.state = state
    fail(breaker, 3)
    await eventually(lambda: postgres.probes)
    await breaker.stop()
    assert asyncio.all_tasks() == before
    assert postgres.probing == 0
    await breaker.stop()
