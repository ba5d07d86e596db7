"""Each alert is seen firing in a real Prometheus, against a real fault, and clearing when the fault is mended."""

from __future__ import annotations

import contextlib
import inspect
import os
import re
import signal
import sys
import threading
from collections.abc import Callable, Collection, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path
from uuid import uuid4

import psycopg
import pytest
import redis

from evidence.note import Signer
from repository.partitions import next_month
from tests.fixtures.awaiting import eventually_sync
from tests.fixtures.controlled import Controlled
from tests.fixtures.events import event_body
from tests.fixtures.proxy import OpenProxy
from tests.fixtures.service import Service, StartService
from tests.prometheus.conftest import RULES, Prometheus

PATH = "/api/v1/audit/events"
LABELS = {"signal_type": "OOMKilled", "severity": "high", "component": "c", "environment": "e", "priority": "P1"}
#: On a busy machine too only what a test breaks is broken.
PATIENT = {
    "slow_write": 10,
    "write_deadline": 10,
    "redis_timeout": 10,
    "write_pool_timeout": 20,
    "pool_timeout": 20,
    "connect_timeout": 20,
}
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


def clears(prometheus: Prometheus, but: Collection[str] = ()) -> None:
    """Wait until no alert fires but these."""
    eventually_sync(lambda: prometheus.firing() <= set(but), timeout=180, every=0.3)


def test_each_alert_is_seen_in_one_of_the_tests_below() -> None:
    seen = re.findall(r'"(DataStorage\w+)"', inspect.getsource(sys.modules[__name__]))
    assert set(seen) == set(re.findall(r"alert: (\w+)", RULES.read_text()))


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
        clears(prometheus)
        assert prometheus.query("max(datastorage_dlq_depth)") == [0]
        service.stop()
        fires(prometheus, "DataStorageInstanceDown")
        service.start()
        clears(prometheus)


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
        slow.delay(0.06)
        readers = [lambda: read(service)] * 8
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
        slow.delay(0)
        with always(lambda: write(service), lambda: read(service)):
            clears(prometheus)


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
        fires(
            prometheus,
            "DataStoragePartitionUnavailable",
            "DataStoragePartitionHorizonShort",
            "DataStorageSealingLag",
        )
        queue.config_set("appendfsync", "everysec")
        queue.delete("audit:dead-letter:events", "audit:dead-letter:events:index")
        execute(own_postgres, *(attach(month) for month in [f"{now:%Y_%m}", *later]))
        clears(prometheus)


def test_the_alerts_of_the_log_fire(
    own_postgres: Controlled, own_valkey: Controlled, tmp_path: Path, prometheus_of: Callable[[Service], Prometheus]
) -> None:
    published = tmp_path / "published"
    with Service(
        database_url=own_postgres.url,
        redis_url=own_valkey.url,
        settings={"log_directory": published, **PATIENT},
    ) as service:
        prometheus = prometheus_of(service)
        assert write(service) == 201
        fires(prometheus, "DataStorageLogUnsigned")
        checkpoint = published / "checkpoint"
        eventually_sync(checkpoint.is_file, timeout=30)
        kept = published.rename(tmp_path / "kept")
        published.write_text("in the way")
        assert write(service) == 201
        fires(prometheus, "DataStorageLogPublishFailing", "DataStorageLogPublishingLate")
        published.unlink()
        kept.rename(published)
        origin, _, root, *_ = checkpoint.read_text().split("\n")
        checkpoint.write_text(f"{origin}\n1000\n{root}\n")
        assert write(service) == 201
        fires(prometheus, "DataStorageLogHalted")
        os.kill(max(children(service)), signal.SIGSTOP)  # forked last: the sealer
        fires(prometheus, "DataStorageSealerDown")
        os.kill(max(children(service)), signal.SIGCONT)
        checkpoint.unlink()
        clears(prometheus, but={"DataStorageLogUnsigned"})
        service.stop()
        service.environment["DATASTORAGE_LOG_KEY"] = Signer.generate("log.example").secret_text()
        service.start()
        clears(prometheus)


def test_workers_that_die_early_again_and_again_are_told(
    start_service: StartService, prometheus_of: Callable[[Service], Prometheus]
) -> None:
    service = start_service(workers=2)
    prometheus = prometheus_of(service)

    def kill_the_newest() -> None:
        with contextlib.suppress(ProcessLookupError):
            os.kill(max(children(service)), signal.SIGABRT)

    with always(kill_the_newest, pause=1):
        fires(prometheus, "DataStorageBackgroundLoopRestarted")
    clears(prometheus)


def children(service: Service) -> list[int]:
    return [int(one) for one in Path(f"/proc/{service.pid}/task/{service.pid}/children").read_text().split()]


def attach(month: str) -> str:
    first = datetime.strptime(month, "%Y_%m").replace(tzinfo=UTC).date()
    bounds = f"FROM ('{first}') TO ('{next_month(first)}')"
    return f"ALTER TABLE audit_events ATTACH PARTITION audit_events_{month} FOR VALUES {bounds}"


def months(service: Service) -> list[str]:
    return [
        one["partition"].removeprefix("audit_events_")
        for one in service.client.get("/api/v1/partitions").json()["partitions"]
    ]
