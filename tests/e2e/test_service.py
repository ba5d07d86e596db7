"""The service as it is deployed: `datastorage serve` as a process, over servers on fixed ports."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from uuid import UUID, uuid4

import httpx
import pytest
from psycopg.conninfo import make_conninfo

from addresses.postgres import parameters
from datastorage.demo import event_types
from datastorage.embedded import embedded_postgres, embedded_valkey, free_port
from tests.fixtures.awaiting import eventually_sync
from tests.fixtures.controlled import Controlled
from tests.fixtures.database import migrate
from tests.fixtures.events import event_body
from tests.fixtures.servers import open_directory
from tests.fixtures.service import Service, StartService, clean_environment

API = int(os.environ.get("DATASTORAGE_TEST_API_PORT", "28090"))
POSTGRES = int(os.environ.get("DATASTORAGE_TEST_PG_PORT", "25433"))
VALKEY = int(os.environ.get("DATASTORAGE_TEST_REDIS_PORT", "26379"))
EVENTS = "/api/v1/audit/events"


@contextmanager
def running(server) -> Iterator[Controlled]:
    server.start()
    try:
        yield Controlled(server)
    finally:
        server.stop()


@pytest.fixture(scope="module")
def postgres() -> Iterator[Controlled]:
    with open_directory() as home:
        server = embedded_postgres(home, port=POSTGRES)
        with running(server) as controlled:
            server.create_database()
            migrate(server.url)
            yield controlled


@pytest.fixture(scope="module")
def valkey() -> Iterator[Controlled]:
    with open_directory() as home, running(embedded_valkey(home, port=VALKEY)) as controlled:
        yield controlled


@pytest.fixture(scope="module")
def api(postgres: Controlled, valkey: Controlled) -> Iterator[httpx.Client]:
    with Service(database_url=postgres.url, redis_url=valkey.url, port=API, workers=2) as service:
        yield service.client


def event(**more: object) -> dict[str, object]:
    return event_body({"correlation_id": f"e2e-{uuid4()}", **more})


def test_the_health_of_a_running_service(api: httpx.Client) -> None:
    health = {"status": "healthy", "database": "connected", "queue": "connected"}
    unsigned = "sealing is on and log_key is not set: checkpoints of the transparency log are unsigned"
    ready = {"status": "ready", "warnings": [unsigned]}
    for path, body in (("", health), ("/ready", ready), ("/live", {"status": "alive"})):
        response = api.get(f"/health{path}")
        assert (response.status_code, response.json()) == (200, body)


def test_an_event_is_stored_with_its_defaults_and_found_by_its_id(api: httpx.Client) -> None:
    sent = event()
    created = api.post(EVENTS, json=sent)
    assert created.status_code == 201
    assert created.json()["message"] == "Audit event created successfully"
    stored = api.get(created.headers["location"]).json()
    assert {name: stored[name] for name in ("event_type", "event_outcome", "correlation_id", "event_data")} == {
        name: sent[name] for name in ("event_type", "event_outcome", "correlation_id", "event_data")
    }
    assert (stored["actor_type"], stored["actor_id"], stored["severity"]) == ("service", "gateway-service", "info")
    assert (stored["resource_type"], stored["resource_id"]) == ("gateway", sent["correlation_id"])


@pytest.mark.parametrize("kind", event_types(), ids=lambda kind: kind.event_type)
def test_each_event_type_is_stored_and_found_by_each_field_that_clients_query(api: httpx.Client, kind) -> None:
    sent = event(
        event_type=kind.event_type,
        event_category=kind.event_category,
        event_action=kind.event_action,
        event_data=kind.sample_event_data,
    )
    event_id = api.post(EVENTS, json=sent).raise_for_status().json()["event_id"]
    assert api.get(f"{EVENTS}/{event_id}").json()["event_data"] == kind.sample_event_data
    for field in kind.queried_by:
        condition = json.dumps({field: kind.sample_event_data[field]})
        query = {"correlation_id": sent["correlation_id"], "data": condition}
        found = api.get(EVENTS, params=query).json()["data"]
        assert [row["event_id"] for row in found] == [event_id], field


def test_the_same_event_id_is_stored_once_and_other_content_is_a_conflict(api: httpx.Client) -> None:
    sent = event(event_id=str(uuid4()))
    assert [api.post(EVENTS, json=sent).status_code for _ in range(3)] == [201, 200, 200]
    assert api.post(EVENTS, json={**sent, "severity": "high"}).status_code == 409
    found = api.get(EVENTS, params={"correlation_id": str(sent["correlation_id"])}).json()
    assert found["pagination"]["total"] == 1


def test_an_idempotency_key_stands_for_an_event_id(api: httpx.Client) -> None:
    sent, key = event(), {"Idempotency-Key": str(uuid4())}
    first, second = (api.post(EVENTS, json=sent, headers=key) for _ in range(2))
    assert (first.status_code, second.status_code) == (201, 200)
    assert first.json()["event_id"] == second.json()["event_id"]
    assert api.post(EVENTS, json={**sent, "event_data": {"k": "w"}}, headers=key).status_code == 409


def test_a_batch_is_all_or_nothing_and_in_order(api: httpx.Client) -> None:
    batch = [event(correlation_id="batch", event_data={"n": number}) for number in range(3)]
    created = api.post(f"{EVENTS}/batch", json=batch)
    assert created.status_code == 201
    assert created.json()["message"] == "3 audit events created successfully"
    stored = [api.get(f"{EVENTS}/{event_id}").json()["event_data"] for event_id in created.json()["event_ids"]]
    assert stored == [{"n": 0}, {"n": 1}, {"n": 2}]
    bad = [event(correlation_id="bad batch") for _ in range(3)]
    del bad[1]["event_type"]
    refused = api.post(f"{EVENTS}/batch", json=bad)
    assert refused.status_code == 400
    assert refused.json()["detail"].startswith("event at index 1: event_type")
    assert api.get(EVENTS, params={"correlation_id": "bad batch"}).json()["pagination"]["total"] == 0


def test_a_parent_must_be_stored_or_stand_earlier_in_the_batch(api: httpx.Client) -> None:
    orphan = event(parent_event_id="00000000-0000-0000-0000-000000000001")
    refused = api.post(EVENTS, json=orphan)
    assert refused.status_code == 400
    assert "parent" in refused.json()["detail"]
    parent = event(event_id=str(uuid4()))
    family = [parent, event(parent_event_id=parent["event_id"])]
    ids = api.post(f"{EVENTS}/batch", json=family).raise_for_status().json()["event_ids"]
    assert api.get(f"{EVENTS}/{ids[1]}").json()["parent_event_id"] == parent["event_id"]
    assert api.post(f"{EVENTS}/batch", json=[event(), orphan]).json()["detail"].startswith("event at index 1:")


def test_numbers_come_back_digit_for_digit(api: httpx.Client) -> None:
    digits = ["9007199254740993", "18446744073709551617", "0.1000000000000000055511151231257827", "9" * 1000]
    body = json.dumps(event(event_data={"numbers": ["@"]})).replace('"@"', ", ".join(digits))
    created = api.post(EVENTS, content=body, headers={"content-type": "application/json"}).raise_for_status()
    text = api.get(created.headers["location"]).text
    assert f'"numbers": [{", ".join(digits)}]' in text


def test_fifty_writers_at_once_are_all_served(api: httpx.Client) -> None:
    answers: list[int] = []
    threads = [
        threading.Thread(target=lambda: answers.append(httpx.post(f"{api.base_url}{EVENTS}", json=event()).status_code))
        for _ in range(50)
    ]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert answers == [201] * 50


def test_metrics_count_requests_and_writes(api: httpx.Client) -> None:
    api.post(EVENTS, json=event()).raise_for_status()
    api.post(EVENTS, json={})
    text = api.get("/metrics").text
    assert 'datastorage_audit_traces_total{service="gateway",status="success"}' in text
    assert 'datastorage_write_duration_seconds_count{table="audit_events"}' in text
    assert "datastorage_validation_failures_total{" in text
    assert "# HELP" in text


def test_sigterm_says_so_finishes_and_exits_with_zero(postgres: Controlled, valkey: Controlled) -> None:
    settings = {"shutdown_drain": 2}
    with Service(database_url=postgres.url, redis_url=valkey.url, workers=2, settings=settings) as service:
        service.terminate()
        ready = eventually_sync(lambda: (answer := service.client.get("/health/ready")).is_error and answer, timeout=1)
        assert ready.status_code == 503
        assert ready.json() == {"status": "not_ready", "reason": "shutting_down"}
        assert service.client.get("/health/live").status_code == 200
        assert service.client.post(EVENTS, json=event()).status_code == 201
        service.terminate()
        assert service.wait(timeout=20) == 0


def test_a_service_without_any_store_ends_with_an_error_that_names_both() -> None:
    dead = f"127.0.0.1:{free_port()}"
    stores = {"DATABASE_URL": f"postgresql://u:p@{dead}/db", "REDIS_URL": f"redis://{dead}/0"}
    ended = _run("serve", "--port", str(free_port()), **stores, DATASTORAGE_STARTUP_TIMEOUT="0.5")
    assert ended.returncode == 1
    assert f"neither PostgreSQL at {dead} nor Redis at {dead} answered" in ended.stderr


def test_a_killed_worker_is_replaced(postgres: Controlled, valkey: Controlled) -> None:
    with Service(database_url=postgres.url, redis_url=valkey.url, workers=1) as service:
        children = Path(f"/proc/{service.pid}/task/{service.pid}/children")
        before = children.read_text().split()
        os.kill(int(before[0]), 9)
        eventually_sync(lambda: (now := children.read_text().split()) and now != before, timeout=10)
        service.wait_until_live()
        assert service.client.post(EVENTS, json=event()).status_code == 201


@pytest.mark.parametrize("form", ["uri of two hosts", "key=value pairs"])
def test_every_form_of_address_can_be_migrated_and_served(
    form: str, empty_database_url: str, start_service: StartService
) -> None:
    address = parameters(empty_database_url)
    nowhere = free_port()
    if form == "key=value pairs":
        database_url = make_conninfo(**address)
    else:
        login = f"{address['user']}:{address['password']}"
        hosts = f"127.0.0.1:{nowhere},{address['host']}:{address['port']}"
        database_url = f"postgresql://{login}@{hosts}/{address['dbname']}?target_session_attrs=read-write"
    ended = _run("migrate", DATABASE_URL=database_url)
    assert ended.returncode == 0, ended.stderr
    service = start_service(database_url=database_url)
    assert service.client.post(EVENTS, json=event()).status_code == 201


def test_migrate_says_where_it_did_not_get_through_and_why(empty_database_url: str) -> None:
    address = parameters(empty_database_url) | {"dbname": "nowhere"}
    ended = _run("migrate", DATABASE_URL=make_conninfo(**address))
    assert ended.returncode == 2
    assert f"PostgreSQL at {address['host']}:{address['port']}" in ended.stderr
    assert 'database "nowhere" does not exist' in ended.stderr
    assert "Traceback" not in ended.stderr


def _run(*command: str, **environment: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-m", "datastorage", *command],
        env=clean_environment(**environment),
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )


def test_migrate_check_says_what_is_pending(empty_database_url: str) -> None:
    environment = clean_environment(DATABASE_URL=empty_database_url)

    def migrate_cli(*options: str) -> tuple[int, str]:
        command = [sys.executable, "-m", "datastorage", "migrate", *options]
        ended = subprocess.run(command, env=environment, capture_output=True, text=True, timeout=60, check=False)
        return ended.returncode, ended.stdout

    code, text = migrate_cli("--check")
    assert code == 1
    assert "pending  0001-audit-events" in text
    code, text = migrate_cli()
    assert code == 0
    assert "applied  0001-audit-events" in text
    assert migrate_cli("--check") == (0, "The schema is up to date.\n")


def test_ids_of_the_service_are_ordered_by_time(api: httpx.Client) -> None:
    ids = [UUID(api.post(EVENTS, json=event()).json()["event_id"]) for _ in range(2)]
    assert [event_id.version for event_id in ids] == [7, 7]
    assert ids == sorted(ids)
