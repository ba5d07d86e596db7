"""`datastorage check`, `top` and `bundle` against a running service."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import tarfile
from pathlib import Path
from typing import Any

import psycopg
import pytest

from tests.fixtures.controlled import Controlled
from tests.fixtures.events import event_body
from tests.fixtures.service import Service, StartService

PATH = "/api/v1/audit/events"
#: On a busy machine too only what a test breaks is broken.
PATIENT = {"slow_write": 10, "redis_timeout": 10, "write_pool_timeout": 20, "pool_timeout": 20, "connect_timeout": 20}


def cli(service: Service, *arguments: str, **more: Any) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, "-m", "datastorage", *arguments, "--url", service.url]
    environment = {**service.environment, "COLUMNS": "150", "TERM": "dumb"}
    return subprocess.run(command, env=environment, capture_output=True, text=True, timeout=100, check=False, **more)


def test_check_gives_each_step_of_a_healthy_deployment_its_verdict(start_service: StartService) -> None:
    service = start_service(workers=2, settings=PATIENT)
    ran = cli(service, "check")
    verdicts = {line[:22].strip(): line[24:31].strip() for line in ran.stdout.splitlines()[1:-1]}
    assert ran.returncode == 0, ran.stdout + ran.stderr
    assert ran.stdout.splitlines()[-1] == "10 of 10 steps passed"
    assert set(verdicts) == {
        "readiness",
        "write",
        "repeated write",
        "refusal of a bad event",
        "batch",
        "read by id",
        "query",
        "queue",
        "months",
        "metrics",
    }
    assert set(verdicts.values()) <= {"ok", "warning"}


def test_check_warns_in_an_outage_and_fails_where_events_are_taken_by_nothing(
    own_postgres: Controlled, own_valkey: Controlled
) -> None:
    with Service(database_url=own_postgres.url, redis_url=own_valkey.url) as service:
        own_postgres.kill()
        ran = cli(service, "check")
        assert "degraded" in ran.stdout
        assert "202: queued, PostgreSQL does not take it now" in ran.stdout
        assert ran.returncode == 1, "nothing can be read"
        own_valkey.kill()
        ran = cli(service, "check")
        assert ran.returncode == 1
        assert "not ready" in ran.stdout
        assert "failed: readiness, write" in ran.stdout.replace("\n", " ")


def test_check_says_where_nothing_answers(service: Service) -> None:
    service.stop()
    ran = cli(service, "check")
    assert ran.returncode == 2
    assert "nothing answers at" in ran.stderr


def test_top_shows_rates_latencies_pools_queue_and_months(start_service: StartService) -> None:
    service = start_service(workers=2, settings=PATIENT)
    command = [sys.executable, "-m", "datastorage", "top", "--once", "--interval", "3", "--url", service.url]
    environment = {**service.environment, "COLUMNS": "150", "TERM": "dumb"}
    with subprocess.Popen(command, env=environment, stdout=subprocess.PIPE, text=True) as looking:
        while looking.poll() is None:
            assert service.client.post(PATH, json=event_body({"correlation_id": "top"})).status_code == 201
        shown = looking.stdout.read() if looking.stdout else ""
    assert looking.returncode == 0
    assert " workers " in shown
    assert "up" in shown
    (row,) = [line.split() for line in shown.splitlines() if " create_audit_event " in line]
    assert float(row[2]) > 0, "requests a second"
    assert float(row[3]) > 0, "p50 in milliseconds"
    (row,) = [line.split() for line in shown.splitlines() if line.startswith("│ gateway ")]
    assert float(row[2]) > 0, "successful records a second"
    for word in ("writes", "reads", "events", "notifications", "all available"):
        assert word in shown


@pytest.fixture
def bundled(start_service: StartService, tmp_path: Path) -> dict[str, str]:
    service = start_service(settings={"cursor_secret": "hush-hush", **PATIENT})
    marked = event_body({"correlation_id": "bundle", "event_data": {"card": "payload-marker"}})
    assert service.client.post(PATH, json=marked).status_code == 201
    assert service.client.post(PATH, json={"version": "payload-marker"}).status_code == 400
    log = tmp_path / "service.log"
    log.write_text(
        service.log() + '{"level": "warning", "event": "seen"}\n{"level": "info", "event": "unseen"}\nno json\n'
    )
    target = tmp_path / "bundle.tar.gz"
    ran = cli(service, "bundle", "--output", str(target), "--log", str(log))
    assert ran.returncode == 0, ran.stderr
    assert os.stat(target).st_mode & 0o077 == 0  # noqa: PTH116
    with tarfile.open(target) as archive:
        files = {member.name.removeprefix("datastorage-bundle/"): archive.extractfile(member) for member in archive}
        return {name: file.read().decode() for name, file in files.items() if file}


def test_a_bundle_holds_what_support_needs_and_neither_payloads_nor_secrets(
    bundled: dict[str, str], database_url: str
) -> None:
    assert set(bundled) == {
        "versions.json",
        "settings.yaml",
        "health.json",
        "ready.json",
        "partitions.json",
        "queue.json",
        "metrics.txt",
        "statements.json",
        "warnings.jsonl",
    }
    assert json.loads(bundled["health.json"])["body"]["status"] == "healthy"
    assert "datastorage_audit_traces_total" in bundled["metrics.txt"]
    assert json.loads(bundled["versions.json"])["packages"]["connexion"]
    assert [json.loads(line)["event"] for line in bundled["warnings.jsonl"].splitlines()][-1] == "seen"
    assert "pg_stat_statements" in bundled["statements.json"]
    everything = "\n".join(bundled.values())
    password = psycopg.conninfo.conninfo_to_dict(database_url)["password"]
    for secret in ("payload-marker", "hush-hush", str(password)):
        assert secret not in everything


def test_slow_statements_are_listed_without_values_where_postgresql_keeps_them(
    own_postgres: Controlled, queue_url: str, tmp_path: Path
) -> None:
    with psycopg.connect(own_postgres.url, autocommit=True) as connection:
        connection.execute("ALTER SYSTEM SET shared_preload_libraries = 'pg_stat_statements'")
    own_postgres.stop()
    own_postgres.start()
    with psycopg.connect(own_postgres.url, autocommit=True) as connection:
        connection.execute("CREATE EXTENSION pg_stat_statements")
        connection.execute("SELECT 'payload-marker'")
    with Service(database_url=own_postgres.url, redis_url=queue_url, settings=PATIENT) as service:
        assert service.client.get(PATH).status_code == 200
        target = tmp_path / "bundle.tar.gz"
        assert cli(service, "bundle", "--output", str(target)).returncode == 0
    with tarfile.open(target) as archive:
        file = archive.extractfile("datastorage-bundle/statements.json")
        statements = json.load(file) if file else []
    assert any("audit_events" in one["statement"] and one["calls"] for one in statements)
    assert "payload-marker" not in str(statements)
