"""Each alert is seen firing in a real Prometheus, against a real fault; those of an outage clear afterwards."""

from __future__ import annotations

import contextlib
import os
import signal
import threading
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path
from uuid import uuid4

import psycopg
import pytest
import redis

from tests.fixtures.awaiting import eventually_sync
from tests.fixtures.controlled import Controlled
from tests.fixtures.events import event_body
from tests.fixtures.proxy import OpenProxy
from tests.fixtures.service import Service, StartService
from tests.prometheus.conftest import Prometheus

PATH = "/api/v1/audit/events"
LABELS = {"signal_type": "OOMKilled", "severity": "high", "component": "c", "environment": "e", "priority": "P1"}
OF_AN_OUTAGE = {
    "DataStoragePostgresDown",
    "DataStorageQueueWarning",
    "DataStorageQueueCritical",
    "DataStorageQueueOverflowImminent",
    "DataStorageQueueStale",
    "DataStorageFallbackRateHigh",
    "DataStorageWriteSuccessLow",
    "DataStorageErrorRateHigh",
}
#: On a busy machine too only what a test breaks is broken.
PATIENT = {"slow_write": 10, "redis_timeout": 10, "write_pool_timeout": 20, "pool_timeout": 20, "connect_timeout": 20}
pytestmark = pytest.mark.timeout(600)


def event() -> dict[str, object]:
    return event_body({"correlation_id": "alerts", "event_id": str(uuid4())})


@contextmanager
def always(*acts: Callable[[], object], pause: float = 0.05) -> Iterator[None]:
    """Do each act over and over, each in a thread of its own, until the block ends."""
    ended = threading.Event()

    def go_on(act: Callable[[], object]) -> None:
        while not ended.wait(pause):
            act()

    with ThreadPoolExecutor(len(acts)) as pool:
        running = [pool.submit(go_on, act) for act in acts]
        try:
            yield
        finally:
            ended.set()
    for one in running:
        one.result()


def fires(prometheus: Prometheus, *alerts: str) -> None:
    """Wait until each of the alerts has fired, not necessarily at the same time."""
    seen: set[str] = set()

    def all_seen() -> bool:
        seen.update(prometheus.firing())
        return seen >= set(alerts)

    try:
        eventually_sync(all_seen, timeout=180, every=0.3)
    except AssertionError:
        pytest.fail(f"never fired: {set(alerts) - seen}; seen: {seen}")


def write(service: Service) -> int:
    return service.client.post(PATH, json=event()).status_code


def read(service: Service) -> int:
    return service.client.get(PATH, params={"correlation_id": "alerts"}).status_code


def execute(postgres: Controlled, *statements: str) -> None:
    with psycopg.connect(postgres.url, autocommit=True) as connection:
        for statement in statements:
            connection.execute(statement)


def test_the_alerts_of_an_outage_fire_and_clear(
    own_postgres: Controlled, own_valkey: Controlled, prometheus_of: Callable[[Service], Prometheus]
) -> None:
    with Service(
        database_url=own_postgres.url, redis_url=own_valkey.url, workers=2, settings={"dlq_max_len": 20, **PATIENT}
    ) as service:
        prometheus = prometheus_of(service)
        assert write(service) == 201
        own_postgres.kill()
        assert [write(service) for _ in range(16)] == [202] * 16
        fires(prometheus, "DataStoragePostgresDown", "DataStorageQueueWarning", "DataStorageFallbackRateHigh")
        assert [write(service) for _ in range(2)] == [202] * 2
        fires(prometheus, "DataStorageQueueCritical", "DataStorageQueueStale")
        assert [write(service) for _ in range(2)] == [202] * 2
        with always(lambda: write(service)):
            fires(
                prometheus,
                "DataStorageQueueOverflowImminent",
                "DataStorageWriteSuccessLow",
                "DataStorageErrorRateHigh",
            )
        assert prometheus.query("max(datastorage_dlq_depth)") == [20]
        own_postgres.start()
        eventually_sync(lambda: write(service) == 201, timeout=30)
        eventually_sync(lambda: prometheus.firing().isdisjoint(OF_AN_OUTAGE), timeout=120, every=0.3)
        assert prometheus.query("max(datastorage_dlq_depth)") == [0]
        service.stop()
        fires(prometheus, "DataStorageInstanceDown")


def test_the_alerts_of_slow_stores_fire(
    own_postgres: Controlled, queue_url: str, open_proxy: OpenProxy, prometheus_of: Callable[[Service], Prometheus]
) -> None:
    slow = open_proxy(own_postgres.url)
    with Service(
        database_url=slow.url(own_postgres.url),
        redis_url=queue_url,
        settings={"pool_min_size": 2, "pool_max_size": 3, **PATIENT},
    ) as service:
        prometheus = prometheus_of(service)
        assert write(service) == 201
        slow.delay(0.1)
        readers = [lambda: read(service)] * 6
        with always(lambda: write(service), *readers):
            fires(
                prometheus,
                "DataStorageWriteLatencyBurnFast",
                "DataStorageWriteLatencyBurnSlow",
                "DataStorageQueryLatencyBurnFast",
                "DataStorageQueryLatencyBurnSlow",
                "DataStoragePoolWaitHigh",
                "DataStoragePoolNearlyExhausted",
            )


def test_the_alerts_of_months_and_of_records_that_need_a_person_fire(
    own_postgres: Controlled, own_valkey: Controlled, prometheus_of: Callable[[Service], Prometheus]
) -> None:
    queue = redis.Redis.from_url(own_valkey.url)
    queue.config_set("appendfsync", "no")
    with Service(
        database_url=own_postgres.url, redis_url=own_valkey.url, settings={"event_data_max_bytes": 200, **PATIENT}
    ) as service:
        prometheus = prometheus_of(service)
        assert write(service) == 201
        fires(prometheus, "DataStorageRedisNotDurable")
        queue.xadd("audit:dlq:events", {"type": "nonsense"})
        fires(prometheus, "DataStorageDeadLetters")
        search = {"remediation_id": "r", "filters": LABELS, "top_k": 3}
        assert service.client.post("/api/v1/workflows/search", json=search).status_code == 200
        fires(prometheus, "DataStorageSelfAuditDropped")
        now = datetime.now(UTC)
        later = [month for month in months(service) if month > f"{now:%Y_%m}"]
        detach = "ALTER TABLE audit_events DETACH PARTITION audit_events_{}"
        execute(own_postgres, *map(detach.format, [f"{now:%Y_%m}", *later]))
        assert write(service) == 202
        fires(prometheus, "DataStoragePartitionUnavailable", "DataStoragePartitionHorizonShort")


def test_workers_that_die_early_again_and_again_are_told(
    start_service: StartService, prometheus_of: Callable[[Service], Prometheus]
) -> None:
    service = start_service(workers=2)
    prometheus = prometheus_of(service)
    children = Path(f"/proc/{service.pid}/task/{service.pid}/children")

    def kill_the_newest() -> None:
        with contextlib.suppress(ProcessLookupError):
            os.kill(max(map(int, children.read_text().split())), signal.SIGABRT)

    with always(kill_the_newest, pause=1):
        fires(prometheus, "DataStorageBackgroundLoopRestarted")


def months(service: Service) -> list[str]:
    return [one["month"].replace("-", "_") for one in service.client.get("/api/v1/partitions").json()["partitions"]]
