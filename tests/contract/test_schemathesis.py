"""Schemathesis against the real service: all phases and checks, over every operation in the contract."""

import re

import pytest

from tests.fixtures.controlled import Controlled
from tests.fixtures.dead_letters import inject, poison
from tests.fixtures.service import StartService
from tests.fuzz.contract import OUTAGE, Fuzzed, fuzz


@pytest.mark.timeout(700)
def test_the_service_keeps_its_contract_whatever_it_is_sent(start_service: StartService, queue_url: str) -> None:
    fuzzed = Fuzzed()
    service = start_service(settings=fuzzed.settings)
    inject(queue_url, *[poison() for _ in range(100)])
    ended = fuzz(service.url, fuzzed.key, "--max-examples", "20", timeout=600)
    assert ended.returncode == 0, ended.stdout
    # Each of these is followed from one operation's answer to the next one's request, see `links` in the contract.
    covered = re.search(r"API Links: +([0-9]+) covered", ended.stdout)
    assert covered is not None, ended.stdout
    assert int(covered[1]) >= 8, ended.stdout  # 12 to 24 of 70: what a walk meets depends on what is stored
    assert "Traceback" not in service.log()


@pytest.mark.timeout(700)
@pytest.mark.parametrize("capacity", [1_000_000, 1], ids=["queue-takes-all", "queue-full"])
def test_without_postgresql_it_keeps_its_contract_too(
    start_service: StartService, own_postgres: Controlled, queue_url: str, capacity: int
) -> None:
    fuzzed = Fuzzed(dlq_max_len=capacity)
    service = start_service(settings=fuzzed.settings, database_url=own_postgres.url)
    inject(queue_url, *[poison() for _ in range(20)])
    own_postgres.stop()
    phases = ["--phases", "examples,fuzzing,stateful", "--max-examples", "5"]
    ended = fuzz(service.url, fuzzed.key, *phases, config=OUTAGE, timeout=600)
    assert ended.returncode == 0, ended.stdout
    assert "Traceback" not in service.log()
