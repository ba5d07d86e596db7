"""`datastorage dev` from nothing: serves, stops without a trace, finds its data again, mends its servers."""

from __future__ import annotations

import json
import os
import re
import signal
import stat
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path

import httpx
import pytest

from datastorage.embedded import free_port
from tests.fixtures.awaiting import eventually_sync
from tests.fixtures.servers import open_directory
from tests.fixtures.service import clean_environment

EVENT = {
    "version": "1.0",
    "event_type": "gateway.signal.received",
    "event_category": "gateway",
    "event_action": "received",
    "event_outcome": "success",
    "correlation_id": "kept",
    "event_data": {},
}


def datastorage(*arguments: object) -> list[str]:
    return [sys.executable, "-m", "datastorage", *map(str, arguments)]


@contextmanager
def dev(home: Path, port: int) -> Iterator[tuple[subprocess.Popen[str], httpx.Client]]:
    log = home.parent / "dev.log"
    with log.open("w") as output:
        process = subprocess.Popen(
            datastorage("dev", "--port", port, "--data-dir", home),
            env=clean_environment(COLUMNS="100"),
            stdout=output,
            stderr=subprocess.STDOUT,
            text=True,
            start_new_session=True,
        )
    with httpx.Client(base_url=f"http://127.0.0.1:{port}", timeout=10) as client:
        try:
            eventually_sync(lambda: "Ready after" in log.read_text() or process.poll() is not None, timeout=40)
            assert process.poll() is None, log.read_text()
            yield process, client
        finally:
            if process.poll() is None:
                process.send_signal(signal.SIGTERM)
            process.wait(30)


@pytest.fixture(scope="module")
def home() -> Iterator[Path]:
    with open_directory() as directory:
        yield directory.path / "dev" / "data"


@pytest.fixture(scope="module")
def port() -> int:
    return free_port()


def alive(pid: int) -> bool:
    try:
        return Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0] != "Z"
    except OSError:
        return False


def run_file(home: Path) -> dict[str, object]:
    return json.loads((home / "run.json").read_text())


def test_dev_serves_from_nothing_and_ends_without_leaving_a_process(home: Path, port: int) -> None:
    home.parent.mkdir(exist_ok=True)
    with dev(home, port) as (process, client):
        stored = client.post("/api/v1/audit/events", json={**EVENT, "event_timestamp": datetime.now(UTC).isoformat()})
        assert stored.status_code == 201
        eventually_sync((home / "run.json").exists, timeout=5)
        assert stat.S_IMODE((home / "run.json").stat().st_mode) == 0o600
        pids = run_file(home)["pids"]
        process.send_signal(signal.SIGINT)
        assert process.wait(30) == 0
    assert not [name for name, pid in pids.items() if alive(pid)]
    first_lines = (home.parent / "dev.log").read_text()
    for line in (
        f"API         http://127.0.0.1:{port}",
        f"Swagger UI  http://127.0.0.1:{port}/ui",
        f"Data        {home}",
    ):
        assert line in first_lines


def test_the_data_is_there_at_the_next_start_and_a_killed_server_is_mended(home: Path, port: int) -> None:
    with dev(home, port) as (_, client):
        found = client.get("/api/v1/audit/events", params={"correlation_id": "kept"}).json()
        assert found["pagination"]["total"] == 1
        eventually_sync((home / "run.json").exists, timeout=5)
        os.kill(run_file(home)["pids"]["postgresql"], signal.SIGKILL)

        def stored() -> bool:
            body = {**EVENT, "correlation_id": "mended", "event_timestamp": datetime.now(UTC).isoformat()}
            return client.post("/api/v1/audit/events", json=body).status_code == 201

        eventually_sync(stored, timeout=20)


def test_demo_prints_the_incident_and_events_shows_it(home: Path, port: int) -> None:
    with dev(home, port):
        options = {"env": clean_environment(COLUMNS="120"), "capture_output": True, "text": True, "timeout": 60}
        demo = subprocess.run(datastorage("demo", "--data-dir", home), check=False, **options)
        assert demo.returncode == 0, demo.stderr
        assert "27 events of demo-" in demo.stdout
        assert "notification.escalated" in demo.stdout
        incident = re.findall(r"27 events of (\S+)", demo.stdout)
        chosen = ("--url", f"http://127.0.0.1:{port}", "--correlation-id", incident[0])
        events = subprocess.run(datastorage("events", *chosen), check=False, **options)
        assert events.returncode == 0, events.stderr
        assert "27 of 27 events" in events.stdout
