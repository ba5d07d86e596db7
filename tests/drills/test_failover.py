"""Failover on PostgreSQL's own replication: a primary that is lost under load, its synchronous standby promoted."""

from __future__ import annotations

import time
from collections.abc import Iterator
from contextlib import ExitStack
from dataclasses import dataclass

import pytest
import redis

from datastorage.embedded import embedded_valkey
from tests.chaos.arena import Load, event, judge
from tests.fixtures.awaiting import eventually_sync
from tests.fixtures.controlled import Controlled
from tests.fixtures.replication import Pair, execute, replicated
from tests.fixtures.servers import open_directory
from tests.fixtures.service import Service

pytestmark = pytest.mark.timeout(300)
PATH = "/api/v1/audit/events"
PROBE = "probes"
#: Seconds after a promotion within which writes are committed again rather than queued...
BACK_WITHIN = 5.0
#: ...or as many times as long as one new session of PostgreSQL takes, where the machine is busy.
SESSIONS = 50
SETTINGS = {"dlq_max_len": 50_000, "dlq_claim_idle": 1, "shutdown_drain": 0, "log_level": "warning"}


@dataclass
class Stage:
    """A pair of servers, a queue, and two instances that know both hosts."""

    pair: Pair
    valkey: Controlled
    services: list[Service]

    def await_answers(self, status: int) -> None:
        """Wait until every instance answers a write with `status`."""
        for service in self.services:

            def answered(service: Service = service) -> bool:
                return service.client.post(PATH, json=event(PROBE, -1)).status_code == status

            eventually_sync(answered, timeout=60)

    def waiting(self) -> int:
        """Entries and dead letters of the queue."""
        with redis.Redis.from_url(self.valkey.url) as client:
            return sum(int(client.xlen(name)) for name in ("audit:dlq:events", "audit:dead-letter:events"))  # type: ignore[arg-type]

    def session_time(self) -> float:
        """Seconds that a new session on the primary takes now."""
        began = time.monotonic()
        execute(self.pair.primary, "SELECT 1")
        return time.monotonic() - began


@pytest.fixture(scope="module")
def stage() -> Iterator[Stage]:
    with ExitStack() as stack:
        pair = stack.enter_context(replicated())
        valkey = embedded_valkey(stack.enter_context(open_directory()), port=0)
        valkey.start_anywhere()
        stack.callback(valkey.stop)
        services = []
        for _ in range(2):
            service = Service(database_url=pair.url, redis_url=valkey.url, settings=SETTINGS)
            stack.callback(service.close)
            services.append(service.start())
        yield Stage(pair, Controlled(valkey), services)


@pytest.mark.parametrize(("loss", "seed"), [("kill -9", 1), ("SIGSTOP", 2), ("switchover", 3)])
def test_a_promoted_standby_takes_over_and_nothing_acknowledged_is_lost(stage: Stage, loss: str, seed: int) -> None:
    """The primary is lost under load. What was acknowledged is on the standby; writes are queued, then direct again.

    The second and third loss come to servers whose roles are swapped already: the old primary has rejoined.
    """
    correlation_id = f"failover {loss}"
    pids = [service.pid for service in stage.services]
    old = stage.pair.primary
    with Load([service.url for service in stage.services], correlation_id, seed=seed, threads=2) as load:
        eventually_sync(lambda: len(load.ledger.numbers) > 50, timeout=60)
        {"kill -9": old.kill, "SIGSTOP": old.pause, "switchover": old.stop}[loss]()
        stage.await_answers(202)
        stage.pair.promote()
        began = time.monotonic()
        stage.await_answers(201)
        back = time.monotonic() - began
        session = stage.session_time()
        stage.pair.fence()
    print(f"{loss}: direct writes back {back:.2f} s after the promotion, a session takes {session:.2f} s")
    assert load.ledger.unforeseen == []
    eventually_sync(lambda: stage.waiting() == 0, timeout=60)
    tally = judge(stage.pair.primary.url, correlation_id, load.ledger.numbers, load.ledger.refusals)
    assert tally.acknowledged > 50
    assert load.ledger.tally.queued > 0
    assert (tally.missing, tally.doubled, tally.altered, tally.falsely_refused) == (0, 0, 0, 0)
    assert [service.pid for service in stage.services] == pids, "nobody was restarted"
    assert all(service.running for service in stage.services)
    assert back < max(BACK_WITHIN, SESSIONS * session)
    stage.pair.rejoin()
    assert stage.pair.standby is old
    stage.await_answers(201)
