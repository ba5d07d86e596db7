"""A real Prometheus that scrapes one service, with our rules in seconds instead of minutes."""

from __future__ import annotations

import contextlib
import re
import shutil
import subprocess
from collections.abc import Callable, Iterator
from pathlib import Path

import httpx
import pytest

from datastorage.embedded import free_port
from tests.fixtures.awaiting import eventually_sync
from tests.fixtures.service import Service

RULES = Path(__file__).parents[2] / "deploy" / "prometheus" / "rules.yaml"
_CONFIG = """
global: {{scrape_interval: 2s, scrape_timeout: 2s, evaluation_interval: 1s}}
rule_files: [rules.yaml]
scrape_configs:
  - job_name: datastorage
    static_configs: [{{targets: ["{target}"]}}]
"""


def hastened(rules: str) -> str:
    """The rules with windows and patience of seconds: what takes an hour in production takes a test's time."""
    rules = re.sub(r"\[(5m|30m|1h|6h)\]", "[15s]", rules)
    rules = re.sub(r"\[15m\]", "[30s]", rules)
    rules = re.sub(r"> (60|300)\b", "> 3", rules)
    return re.sub(r"\b(for|interval): \d+[smh]", r"\1: 1s", rules)


class Prometheus:
    """A running Prometheus."""

    def __init__(self, home: Path, target: str) -> None:
        port = free_port()
        (home / "rules.yaml").write_text(hastened(RULES.read_text()))
        (home / "prometheus.yaml").write_text(_CONFIG.format(target=target))
        self._log = home / "prometheus.log"
        self._client = httpx.Client(base_url=f"http://127.0.0.1:{port}", timeout=10)
        command = [
            "prometheus",
            f"--config.file={home / 'prometheus.yaml'}",
            f"--storage.tsdb.path={home / 'data'}",
            f"--web.listen-address=127.0.0.1:{port}",
            "--log.level=warn",
        ]
        with self._log.open("wb") as log:
            self._process = subprocess.Popen(command, stdout=log, stderr=log, stdin=subprocess.DEVNULL)

    def wait_until_scraping(self) -> None:
        def scraping() -> bool:
            assert self._process.poll() is None, self._log.read_text()
            with contextlib.suppress(httpx.TransportError):
                return self._client.get("/-/ready").is_success and self.query("up") == [1.0]
            return False

        eventually_sync(scraping, timeout=60)

    def query(self, query: str) -> list[float]:
        """The values of an instant query."""
        answer = self._client.get("/api/v1/query", params={"query": query}).json()
        return [float(one["value"][1]) for one in answer["data"]["result"]]

    def firing(self) -> set[str]:
        """The names of the alerts that fire now."""
        alerts = self._client.get("/api/v1/alerts").json()["data"]["alerts"]
        return {alert["labels"]["alertname"] for alert in alerts if alert["state"] == "firing"}

    def close(self) -> None:
        self._process.terminate()
        self._process.wait(30)
        self._client.close()


@pytest.fixture
def prometheus_of(tmp_path: Path) -> Iterator[Callable[[Service], Prometheus]]:
    """Starts the Prometheus of a service."""
    if shutil.which("prometheus") is None:
        pytest.fail("prometheus is not installed: Debian's package `prometheus` has it, .ci/run installs it")
    with contextlib.ExitStack() as stack:

        def start(service: Service) -> Prometheus:
            started = Prometheus(tmp_path, f"127.0.0.1:{service.port}")
            stack.callback(started.close)
            started.wait_until_scraping()
            return started

        yield start
