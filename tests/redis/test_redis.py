"""The queue on Redis from Debian, and behind Sentinel: a failover during an outage of PostgreSQL loses nothing."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
from pathlib import Path
from uuid import uuid4

import pytest

from tests.chaos.arena import Load, event, judge, stored
from tests.fixtures.awaiting import eventually_sync
from tests.fixtures.controlled import Controlled
from tests.fixtures.service import Service
from tests.redis.conftest import Cluster, Node, takes_writes

pytestmark = pytest.mark.timeout(600)
ROOT = Path(__file__).parents[2]
PATH = "/api/v1/audit/events"
CORE = ("test_queue.py", "test_v1_backlog.py")


@pytest.mark.parametrize("how", [signal.SIGKILL, signal.SIGSTOP], ids=["kill -9", "SIGSTOP"])
def test_what_was_queued_survives_the_loss_of_the_master(
    cluster: Cluster, own_postgres: Controlled, how: signal.Signals
) -> None:
    """PostgreSQL is away, and the master with it. A 202 means that a replica has it; nobody is restarted."""
    settings = {"redis_replicas": 1, "dlq_max_len": 50_000, "dlq_claim_idle": 1, "shutdown_drain": 0}
    with Service(database_url=own_postgres.url, redis_url=cluster.url(), settings=settings) as service:
        assert service.client.get("/health/ready").json()["status"] == "ready"
        own_postgres.kill()
        with Load([service.url], "sentinel", seed=7, threads=2) as load:
            eventually_sync(lambda: load.ledger.tally.queued > 50, timeout=60)
            took = cluster.fail_over(how)
            before = load.ledger.tally.queued
            eventually_sync(lambda: load.ledger.tally.queued > before + 50, timeout=60)
        print(f"another master after {took:.1f} s")
        assert load.ledger.unforeseen == []
        own_postgres.start()
        eventually_sync(lambda: cluster.master().client.xlen("audit:dlq:events") == 0, timeout=60)
        assert cluster.master().client.xlen("audit:dead-letter:events") == 0
        tally = judge(own_postgres.url, "sentinel", load.ledger.numbers, load.ledger.refusals)
        assert tally.acknowledged > 100
        assert (tally.missing, tally.doubled, tally.altered, tally.falsely_refused) == (0, 0, 0, 0)


def test_without_enough_replicas_nothing_is_acknowledged(cluster: Cluster, own_postgres: Controlled) -> None:
    settings = {"redis_replicas": 3, "shutdown_drain": 0}
    with Service(database_url=own_postgres.url, redis_url=cluster.url(), settings=settings) as service:
        own_postgres.kill()
        answer = service.client.post(PATH, json=event("nobody", 1))
        assert answer.status_code == 503
        assert answer.json()["type"].endswith("/outcome-unknown"), "the master has it, and too few replicas"


def test_repeating_what_no_replica_has_acknowledges_it_no_sooner(cluster: Cluster, own_postgres: Controlled) -> None:
    settings = {"redis_replicas": 1, "shutdown_drain": 0}
    with Service(database_url=own_postgres.url, redis_url=cluster.url(), settings=settings) as service:
        own_postgres.kill()
        sent = event("nobody", 1, event_id=str(uuid4()))
        replicas = [node.process for port, node in cluster.nodes.items() if port != cluster.master().port]
        for replica in replicas:
            replica.send_signal(signal.SIGSTOP)
        for _ in range(3):
            answer = service.client.post(PATH, json=sent)
            assert (answer.status_code, answer.json()["type"].rpartition("/")[2]) == (503, "outcome-unknown")
        for replica in replicas:
            replica.send_signal(signal.SIGCONT)
        eventually_sync(lambda: service.client.post(PATH, json=sent).status_code == 202, timeout=20)


def test_a_master_without_the_replicas_that_it_wants_queues_nothing(
    pair: tuple[Node, Node], own_postgres: Controlled
) -> None:
    """min-replicas-to-write: NOREPLICAS is a refusal, so that a client knows that nothing is kept."""
    master, replica = pair
    url = f"redis://127.0.0.1:{master.port}/0"
    kept, refused = (event("pair", number, event_id=str(uuid4())) for number in (1, 2))
    settings = {"shutdown_drain": 0, "dlq_claim_idle": 1}
    with Service(database_url=own_postgres.url, redis_url=url, settings=settings) as service:
        own_postgres.kill()
        assert service.client.post(PATH, json=kept).status_code == 202
        replica.process.send_signal(signal.SIGSTOP)
        eventually_sync(lambda: not takes_writes(master), timeout=30)
        for _ in range(3):
            answer = service.client.post(PATH, json=refused)
            assert (answer.status_code, answer.json()["type"].rpartition("/")[2]) == (503, "service-unavailable")
        assert master.client.xlen("audit:dlq:events") == 1
        own_postgres.start()
        eventually_sync(lambda: service.client.post(PATH, json=refused).status_code in {200, 201}, timeout=60)
        assert master.client.xlen("audit:dlq:events") == 1, "reading as a consumer is a write, and refused too"
        replica.process.send_signal(signal.SIGCONT)
        eventually_sync(lambda: master.client.xlen("audit:dlq:events") == 0, timeout=60)
        assert master.client.xlen("audit:dead-letter:events") == 0
        assert sorted(stored(own_postgres.url, "pair")) == sorted(
            [(str(kept["event_id"]), 1), (str(refused["event_id"]), 2)]
        )


def test_the_tests_of_the_queue_pass_on_redis_from_debian(redis_7: str, postgres_url: str) -> None:
    """The suite's own servers are PostgreSQL and Valkey; here the same tests have this Redis."""
    files = [str(ROOT / "tests/integration" / name) for name in CORE]
    environment = {
        **os.environ,
        "DATASTORAGE_TEST_SERVERS": "external",
        "DATABASE_URL": postgres_url,
        "REDIS_URL": redis_7,
    }
    ended = subprocess.run(
        [sys.executable, "-m", "pytest", "-q", *files], check=False, capture_output=True, text=True, env=environment
    )
    assert ended.returncode == 0, ended.stdout[-5000:]
