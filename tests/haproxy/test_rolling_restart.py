"""Two instances of two workers behind HAProxy: a rolling restart under load answers no error and loses nothing."""

from __future__ import annotations

import csv
import io
import shutil
import subprocess
from collections.abc import Iterator
from contextlib import ExitStack, closing, contextmanager
from pathlib import Path

import httpx
import pytest
import redis

from datastorage.embedded import free_port
from evidence.report import Verdict
from evidence.verify import verify_database
from repository import migrations
from repository.sealing import SealingStore
from tests.chaos.arena import Load, event, judge
from tests.fixtures.awaiting import eventually_sync
from tests.fixtures.service import Service

pytestmark = pytest.mark.timeout(600)
PATH = "/api/v1/audit/events"
#: docs/scaling.md shows this.
CONFIG = """
defaults
    mode http
    timeout connect 2s
    timeout client 30s
    timeout server 60s
    timeout check 5s
frontend api
    bind 127.0.0.1:{port}
    default_backend datastorage
backend datastorage
    balance roundrobin
    option httpchk GET /health/ready
    http-check expect status 200
    option redispatch
    retries 3
    retry-on conn-failure
    default-server check inter 200ms fall 1 rise 1
{servers}
listen stats
    bind 127.0.0.1:{stats}
    stats enable
    stats uri /
"""


class Balancer:
    """HAProxy in front of some instances."""

    def __init__(self, services: list[Service], home: Path) -> None:
        self._port, self._stats = free_port(), free_port()
        self.url = f"http://127.0.0.1:{self._port}"
        servers = "\n".join(f"    server s{n} 127.0.0.1:{one.port}" for n, one in enumerate(services))
        self._config = home / "haproxy.cfg"
        self._config.write_text(CONFIG.format(port=self._port, stats=self._stats, servers=servers))

    @contextmanager
    def running(self) -> Iterator[None]:
        program = shutil.which("haproxy", path="/usr/sbin:/usr/bin:/usr/local/sbin")
        assert program, "this ring needs Debian's package haproxy"
        process = subprocess.Popen([program, "-f", str(self._config), "-db"])
        try:
            yield
        finally:
            process.terminate()
            process.wait(30)

    def rows(self) -> dict[str, dict[str, str]]:
        """What HAProxy says of each server and of the whole."""
        text = httpx.get(f"http://127.0.0.1:{self._stats}/;csv").text.removeprefix("# ")
        found = csv.DictReader(io.StringIO(text))
        return {row["svname"]: row for row in found if row["pxname"] == "datastorage"}

    def up(self, number: int) -> bool:
        try:
            return self.rows()[f"s{number}"]["status"] == "UP"
        except httpx.TransportError:
            return False


@pytest.fixture
def services(database_url: str, queue_url: str) -> Iterator[list[Service]]:
    """Two instances of two workers over one PostgreSQL and one queue."""
    with ExitStack() as stack:
        made = []
        for _ in range(2):
            settings = {"shutdown_drain": 8, "log_level": "warning", "dlq_max_len": 50_000}
            one = Service(database_url=database_url, redis_url=queue_url, workers=2, settings=settings)
            stack.callback(one.close)
            made.append(one.start())
        yield made


def test_a_rolling_restart_answers_no_error_and_loses_nothing(
    services: list[Service], database_url: str, queue_url: str, tmp_path: Path
) -> None:
    balancer = Balancer(services, tmp_path)
    with balancer.running():
        eventually_sync(lambda: all(map(balancer.up, range(2))), timeout=30)
        with Load([balancer.url], "rolling", seed=11, threads=4) as load:
            for _ in range(2):
                for number, service in enumerate(services):
                    before = len(load.ledger.numbers)
                    assert service.stop() == 0
                    assert migrations.migrate(database_url) == [], "beside the others, as a release does"
                    service.start()
                    eventually_sync(lambda number=number: balancer.up(number), timeout=60)
                    eventually_sync(lambda before=before: len(load.ledger.numbers) > before + 20, timeout=60)
        total = balancer.rows()["BACKEND"]
    ledger = load.ledger
    print(f"{len(ledger.numbers)} events acknowledged over four restarts, {total['stot']} requests")
    assert ledger.unforeseen == []
    assert (ledger.tally.refused, ledger.tally.unknown, int(total["hrsp_5xx"])) == (0, 0, 0)
    with redis.Redis.from_url(queue_url) as client:
        eventually_sync(lambda: client.xlen("audit:dlq:events") == 0, timeout=60)
        assert client.xlen("audit:dead-letter:events") == 0
    tally = judge(database_url, "rolling", ledger.numbers, ledger.refusals)
    assert tally.acknowledged > 80
    assert (tally.missing, tally.doubled, tally.altered, tally.falsely_refused) == (0, 0, 0, 0)


def test_there_is_one_sealer_and_metrics_add_up(services: list[Service], database_url: str) -> None:
    """What only one may do is done by one; what each counts is the whole when it is added."""
    for number in range(60):
        assert services[number % 2].client.post(PATH, json=event("counted", number)).status_code == 201

    def sealed() -> bool:
        with closing(SealingStore(database_url)) as store:
            report = verify_database(store, (), lambda _done, _total: None)
        assert report.verdict is Verdict.OK
        return report.size == 60 and report.pending == 0

    eventually_sync(sealed, timeout=60, every=0.5)
    assert sum(_requests(service) for service in services) == 60


def _requests(service: Service) -> int:
    lines = service.client.get("/metrics").text.splitlines()
    name = "datastorage_http_request_duration_seconds_count"
    found = [line for line in lines if line.startswith(name) and 'operation="create_audit_event"' in line]
    return round(sum(float(line.rpartition(" ")[2]) for line in found))
