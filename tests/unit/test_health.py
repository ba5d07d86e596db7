"""The health of a target by itself: when it goes down, who learns of it, and what brings it up again."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator

import pytest
from prometheus_client import REGISTRY

from pipeline.health import Health, ReadHealth, StillAnswersError
from repository.errors import DatabaseUnavailableError
from tests.fixtures.awaiting import eventually


class Target:
    """What a probe meets: a server that answers, one that is away, one that takes no writes, or one that hangs."""

    def __init__(self) -> None:
        self.state = "away"
        self.probes = 0
        self.probing = 0
        self.recovered = 0

    async def probe(self) -> None:
        self.probes += 1
        self.probing += 1
        try:
            if self.state == "hung":
                await asyncio.Event().wait()
            if self.state == "away":
                raise DatabaseUnavailableError
            if self.state == "read-only":
                raise StillAnswersError
        finally:
            self.probing -= 1

    async def recover(self) -> None:
        self.recovered += 1


@pytest.fixture
def target() -> Target:
    return Target()


@pytest.fixture
async def health(target: Target) -> AsyncIterator[Health]:
    made = Health("primary", target.probe, interval=0.001, doubt=0.05, patience=0.05, on_up=target.recover)
    yield made
    await made.stop()


def gauge() -> float | None:
    return REGISTRY.get_sample_value("datastorage_target_down", {"target": "primary"})


@pytest.mark.parametrize("state", ["away", "hung"])
async def test_it_goes_down_only_when_a_probe_fails(health: Health, target: Target, state: str) -> None:
    target.state = "there"
    health.request_probe()
    await eventually(lambda: target.probes == 1 and not target.probing)
    assert not health.is_down
    target.state = state
    health.request_probe()
    await asyncio.wait_for(health.down(), 5)
    target.state = "there"
    await asyncio.wait_for(health.up(), 5)
    assert target.recovered == 1


async def test_what_its_user_knows_for_sure_needs_no_probe(health: Health, target: Target) -> None:
    health.went_down("it said so")
    assert health.is_down
    target.state = "there"
    await asyncio.wait_for(health.up(), 5)
    probes = target.probes
    await asyncio.sleep(0)
    assert target.probes == probes, "nobody probes what is considered up"


async def test_a_probe_that_hangs_is_given_up_and_repeated(health: Health, target: Target) -> None:
    target.state = "hung"
    health.request_probe()
    await eventually(lambda: target.probes >= 2)
    assert health.is_down
    target.state = "there"
    await asyncio.wait_for(health.up(), 5)


async def test_it_goes_down_and_up_as_often_as_it_must(health: Health, target: Target) -> None:
    name = "datastorage_target_went_down_total"
    before = REGISTRY.get_sample_value(name, {"target": "primary"}) or 0
    for _ in range(3):
        target.state = "away"
        health.request_probe()
        await asyncio.wait_for(health.down(), 5)
        assert gauge() == 1
        target.state = "there"
        await asyncio.wait_for(health.up(), 5)
        assert gauge() == 0
    assert REGISTRY.get_sample_value(name, {"target": "primary"}) == before + 3


async def test_any_number_of_requests_is_one_probe(health: Health, target: Target) -> None:
    target.state = "hung"
    for _ in range(10):
        health.request_probe()
        await asyncio.sleep(0)
    assert (target.probes, target.probing) == (1, 1)


async def test_who_uses_it_learns_at_once_that_it_is_down_unless_it_has_ended(health: Health) -> None:
    told: list[str] = []
    health.on_down(lambda: told.append("stays"))
    health.on_down(lambda: told.append("gone"))()
    health.request_probe()
    await asyncio.wait_for(health.down(), 5)
    assert told == ["stays"]


async def test_a_server_that_takes_no_writes_still_answers_reads(health: Health, target: Target) -> None:
    reads, told = ReadHealth(health), list[str]()
    reads.on_down(lambda: told.append("reads"))
    target.state = "read-only"
    health.request_probe()
    await asyncio.wait_for(health.down(), 5)
    assert (health.is_down, reads.is_down, told) == (True, False, [])
    target.state = "away"
    await eventually(lambda: reads.is_down)


async def test_all_who_wait_learn_of_it(health: Health, target: Target) -> None:
    waiting = [asyncio.create_task(health.down()) for _ in range(50)]
    await asyncio.sleep(0)
    health.request_probe()
    await asyncio.wait_for(asyncio.gather(*waiting), 5)
    waiting = [asyncio.create_task(health.up()) for _ in range(50)]
    target.state = "there"
    await asyncio.wait_for(asyncio.gather(*waiting), 5)
    assert not health.is_down


@pytest.mark.parametrize("state", ["away", "hung"])
async def test_stopped_it_probes_no_more_though_the_target_is_down(health: Health, target: Target, state: str) -> None:
    before = asyncio.all_tasks()
    target.state = state
    health.request_probe()
    await eventually(lambda: target.probes)
    await health.stop()
    assert asyncio.all_tasks() == before
    assert target.probing == 0
    await health.stop()


async def test_one_who_cannot_be_told_keeps_nobody_from_hearing_of_it_and_the_target_from_coming_back(
    health: Health, target: Target
) -> None:
    told: list[str] = []

    def fail() -> None:
        raise RuntimeError("Cannot change state of expiring Timeout")

    health.on_down(fail)
    health.on_down(lambda: told.append("down"))
    health.request_probe()
    await asyncio.wait_for(health.down(), 5)
    await eventually(lambda: told == ["down"])
    target.state = "there"
    await asyncio.wait_for(health.up(), 5)
