"""Pages, summaries and own events have budgets in bytes, whatever somebody stored or sent; what is left out is said."""

from __future__ import annotations

import hashlib
import json
import socket
from collections.abc import Iterator, Mapping
from contextlib import ExitStack
from typing import Any
from uuid import uuid4

import psycopg
import pytest

from tests.fixtures.awaiting import eventually_sync
from tests.fixtures.events import event_body
from tests.fixtures.service import Service, StartService
from tests.integration.test_poison import L5, WORKFLOWS, search, workflow

EVENTS = "/api/v1/audit/events"
MEGABYTE = 1024 * 1024
POISON = '{"n": [' + ",".join(["1e131071"] * 8300) + "]}"


@pytest.fixture(scope="module")
def service(module_database_url: str, module_queue_url: str) -> Iterator[Service]:
    with Service(database_url=module_database_url, redis_url=module_queue_url) as running:
        yield running


def create(service: Service, **members: Any) -> dict[str, Any]:
    answer = service.client.post(WORKFLOWS, json=workflow(**members))
    assert answer.status_code == 201, answer.text[:300]
    created: dict[str, Any] = answer.json()
    return created


def content(letter: str, size: int) -> dict[str, str]:
    text = letter * size
    return {"content": text, "content_hash": hashlib.sha256(text.encode()).hexdigest()}


def walk(service: Service, address: str, member: str, **parameters: Any) -> list[str]:
    """The ids of all pages, each of which is within its budget."""
    seen: list[str] = []
    while True:
        answer = service.client.get(address, params=parameters)
        assert answer.status_code == 200, answer.text[:300]
        assert len(answer.content) < 5 * MEGABYTE
        page = answer.json()
        seen += [one["workflow_id"] for one in page[member]]
        if not page["has_more"]:
            assert page["next_cursor"] is None
            return seen
        assert f"cursor={page['next_cursor']}" in answer.headers["link"]
        parameters["cursor"] = page["next_cursor"]


@pytest.mark.parametrize(
    "members",
    [
        pytest.param(content("c", MEGABYTE), id="content"),
        pytest.param({"parameters": {"text": "p" * MEGABYTE}}, id="parameters that shrink to nothing in PostgreSQL"),
    ],
)
def test_pages_of_versions_end_with_their_bytes_and_lead_on(service: Service, members: Mapping[str, Any]) -> None:
    name = f"large-{uuid4()}"
    numbers = ["1.0.0", "10.0.0", "9.0.0", "not-a-version", "2.0.0-rc.1", "2.0.0", "also none"]
    created = {number: create(service, workflow_name=name, version=number, **members) for number in numbers}
    by_creation = [created[number]["workflow_id"] for number in reversed(numbers)]
    by_version = [
        created[number]["workflow_id"]
        for number in ("10.0.0", "9.0.0", "2.0.0", "2.0.0-rc.1", "1.0.0", "also none", "not-a-version")
    ]
    assert walk(service, WORKFLOWS, "workflows", name=name) == by_creation
    address = f"{WORKFLOWS}/by-name/{name}/versions"
    assert walk(service, address, "versions") == by_version
    assert walk(service, address, "versions", limit=2) == by_version
    assert service.client.get(address, params={"limit": 2}).json()["total"] == len(numbers)
    foreign = service.client.get(address, params={"limit": 2}).json()["next_cursor"]
    assert service.client.get(WORKFLOWS, params={"name": name, "cursor": foreign}).status_code == 400


def test_a_version_that_cannot_be_read_hides_no_other(start_service: StartService, database_url: str) -> None:
    service = start_service(settings={"read_statement_timeout": 90})  # PostgreSQL fails only after a gigabyte of text
    name = f"poisoned-{uuid4()}"
    good, bad = (create(service, workflow_name=name, version=number)["workflow_id"] for number in ("1.0.0", "2.0.0"))
    with psycopg.connect(database_url, autocommit=True) as connection:
        # As an earlier version stored it: small in PostgreSQL, larger than a text can be when it is read.
        connection.execute(
            "UPDATE remediation_workflow_catalog SET parameters = %s::jsonb WHERE workflow_id = %s", [POISON, bad]
        )
    for address, member, parameters in (
        (WORKFLOWS, "workflows", {"name": name}),
        (f"{WORKFLOWS}/by-name/{name}/versions", "versions", {}),
    ):
        page = service.client.get(address, params=parameters, timeout=110).json()
        assert [one["workflow_id"] for one in page[member]] == [good]
        assert (page["total"], page["has_more"]) == (2, False)
        assert [bad in warning for warning in page["warnings"]] == [True]
    assert bad in service.log()


def test_labels_that_postgresql_cannot_write_out_hide_no_other(start_service: StartService, database_url: str) -> None:
    service = start_service()
    good, bad = create(service)["workflow_name"], create(service)["workflow_id"]
    with psycopg.connect(database_url, autocommit=True) as connection:
        connection.execute(
            "UPDATE remediation_workflow_catalog SET custom_labels = %s::jsonb WHERE workflow_id = %s", [POISON, bad]
        )
    service.stop()
    service.start()
    found = search(service)
    assert [one["workflow_name"] for one in found["workflows"]] == [good]
    assert "1 stored versions cannot be read" in found["warnings"][0]
    assert bad in service.log()


def test_labels_that_would_fill_the_memory_of_every_worker_are_refused(service: Service) -> None:
    labels = {f"k{at}": ["v" * 255] * 10 for at in range(30)}
    answer = service.client.post(WORKFLOWS, json=workflow(custom_labels=labels))
    assert answer.status_code == 400
    assert answer.json()["errors"][0]["pointer"] == "#/custom_labels"
    bulk = service.client.post(f"{WORKFLOWS}/bulk", json=[workflow(), workflow(custom_labels=labels)])
    assert bulk.json()["errors"][0]["pointer"] == "#/1/custom_labels"


def test_a_summary_names_a_thousand_services_and_says_that_there_are_more(service: Service) -> None:
    correlation = f"actors-{uuid4()}"
    for first in (0, 750):
        body = [
            event_body({"correlation_id": correlation, "actor_id": f"actor-{at:05}"})
            for at in range(first, first + 750)
        ]
        assert service.client.post(f"{EVENTS}/batch", json=body).status_code == 201
    answer = service.client.get(f"/api/v1/audit/correlations/{correlation}/timeline", params={"limit": 10})
    summary = answer.json()["summary"]
    assert summary["services"] == [f"actor-{at:05}" for at in range(1000)]
    assert (summary["services_truncated"], summary["events"]) == (True, 1500)
    assert summary["by_outcome"] == {"success": 1500}


@pytest.mark.parametrize(
    "unknown",
    [
        pytest.param({"note": "x" * 300_000}, id="too large for an event"),
        pytest.param({"note": [0] * 20_000}, id="too many members"),
        pytest.param({"note": json.loads("[" * 60 + "]" * 60)}, id="too deep"),
    ],
)
def test_a_search_is_recorded_whatever_its_filters_are(service: Service, unknown: Mapping[str, Any]) -> None:
    remediation = f"rr-{uuid4()}"
    body = {"filters": {**L5, **unknown}, "remediation_id": remediation}
    answer = service.client.post(f"{WORKFLOWS}/search", json=body)
    assert answer.status_code == 200
    assert answer.json()["filters"] == {**L5, **unknown}
    asked = {"correlation_id": remediation, "event_type": "workflow.catalog.search_completed"}
    (recorded,) = eventually_sync(lambda: service.client.get(EVENTS, params=asked).json()["data"])
    assert recorded["event_data"]["query_filters"] == L5
    assert recorded["event_data"]["query"]["left_out_bytes"] > 100


def test_exports_that_nobody_reads_give_their_turns_to_others(start_service: StartService, database_url: str) -> None:
    service = start_service(settings={"pool_max_size": 6, "export_timeout": 1})
    correlation = f"unread-{uuid4()}"
    for _ in range(8):
        body = [event_body({"correlation_id": correlation, "event_data": {"text": "x" * 200_000}})] * 20
        assert service.client.post(f"{EVENTS}/batch", json=body).status_code == 201
    request = f"GET {EVENTS}?correlation_id={correlation} HTTP/1.1\r\nHost: x\r\nAccept: application/x-ndjson\r\n\r\n"
    with ExitStack() as stack:
        readers = []
        for _ in range(4):
            reader = stack.enter_context(socket.socket())
            reader.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 65536)
            reader.connect(("127.0.0.1", service.port))
            reader.sendall(request.encode())
            readers.append(reader)

        def exported() -> bool:
            asked = {"correlation_id": correlation, "limit": 1}
            answer = service.client.get(EVENTS, params=asked, headers={"Accept": "application/x-ndjson"})
            return answer.status_code == 200 and len(answer.text.splitlines()) == 1

        eventually_sync(exported, timeout=60)
        series = 'datastorage_exports_cut_total{reason="deadline"}'
        eventually_sync(lambda: series in service.client.get("/metrics").text, timeout=60)
        assert not _whole(readers[0]), "an export that was cut must not look whole"


def _whole(reader: socket.socket) -> bool:
    """Whether the answer has its last chunk (RFC 9112, section 7.1)."""
    reader.settimeout(60)
    tail = b""
    try:
        while part := reader.recv(1 << 16):
            tail = (tail + part)[-5:]
    except ConnectionResetError:
        return False
    return tail == b"0\r\n\r\n"
