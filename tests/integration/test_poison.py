"""What one client stores must not take anything from another: each case once made the service answer 500 for all."""

from __future__ import annotations

import hashlib
import json
import re
from collections.abc import Iterator
from typing import Any
from uuid import uuid4

import httpx
import psycopg
import pytest

from tests.fixtures.awaiting import eventually_sync
from tests.fixtures.events import event_body
from tests.fixtures.service import Service, StartService

EVENTS, WORKFLOWS = "/api/v1/audit/events", "/api/v1/workflows"
JSON = {"Content-Type": "application/json"}
L5 = {
    "signal_type": "OOMKilled",
    "severity": "critical",
    "component": "deployment",
    "environment": "production",
    "priority": "P0",
}


@pytest.fixture(scope="module")
def service(module_database_url: str, module_queue_url: str) -> Iterator[Service]:
    with Service(database_url=module_database_url, redis_url=module_queue_url) as running:
        yield running


def post_event(service: Service, data: str, **members: object) -> httpx.Response:
    body = json.dumps(event_body({"correlation_id": "poison", "event_data": "@", **members})).replace('"@"', data)
    return service.client.post(EVENTS, content=body, headers=JSON)


def workflow(**members: object) -> dict[str, Any]:
    content = "kind: Workflow\n"
    return {
        "workflow_name": f"wf-{uuid4()}",
        "version": "1.0.0",
        "name": "n",
        "description": "d",
        "content": content,
        "content_hash": hashlib.sha256(content.encode()).hexdigest(),
        "labels": L5,
        "execution_engine": "tekton",
        **members,
    }


def search(service: Service) -> dict[str, Any]:
    answer = service.client.post(f"{WORKFLOWS}/search", json={"filters": L5, "top_k": 100})
    assert answer.status_code == 200, answer.text
    found: dict[str, Any] = answer.json()
    return found


@pytest.mark.parametrize(
    "data",
    [
        pytest.param('{"n": [' + ",".join(["1e131071"] * 8300) + "]}", id="a gigabyte of digits"),
        pytest.param('{"n": [' + ",".join(["1e999"] * 3000) + "]}", id="many numbers, each short enough"),
        pytest.param('{"n": [' + ",".join(["1"] * 10_001) + "]}", id="more items than an index should hold"),
    ],
)
def test_an_event_that_would_grow_when_it_is_read_is_refused(service: Service, data: str) -> None:
    answer = post_event(service, data)
    assert answer.status_code == 400, answer.text[:300]
    assert service.client.get(EVENTS, params={"correlation_id": "poison"}).json()["pagination"]["total"] == 0


def test_the_largest_event_that_is_taken_comes_back(service: Service) -> None:
    data = '{"n": [' + ",".join(["1e999"] * 250) + "]}"
    correlation = f"large-{uuid4()}"
    created = post_event(service, data, correlation_id=correlation)
    assert created.status_code == 201, created.text
    one = service.client.get(f"{EVENTS}/{created.json()['event_id']}")
    listed = service.client.get(EVENTS, params={"correlation_id": correlation})
    assert one.json()["event_data"] == listed.json()["data"][0]["event_data"]
    assert len(one.content) < 300 * 1024


@pytest.mark.parametrize(
    "members",
    [
        {"labels": {**L5, "extra": {"an": "object"}}},
        {"labels": {**L5, "extra": 1}},
        {"labels": {**L5, "extra": None}},
        {"detected_labels": {"extra": {"an": "object"}}},
        {"detected_labels": {"extra": [1]}},
        {"custom_labels": {"team": [1]}},
    ],
)
def test_labels_that_no_search_could_read_are_refused_and_not_kept(service: Service, members: Any) -> None:
    body = workflow(**members)
    for path, sent in ((WORKFLOWS, body), (f"{WORKFLOWS}/bulk", [body])):
        answer = service.client.post(path, json=sent)
        assert answer.status_code == 400, answer.text
    stored = service.client.get(WORKFLOWS, params={"name": body["workflow_name"]}).json()
    assert stored["workflows"] == []


def test_further_labels_that_are_text_are_kept(service: Service) -> None:
    body = workflow(
        labels={**L5, "team": "payments"}, detected_labels={"mine": True, "failed_detections": ["stateful"]}
    )
    created = service.client.post(WORKFLOWS, json=body)
    assert created.status_code == 201, created.text
    assert created.json()["labels"]["team"] == "payments"
    assert body["workflow_name"] in {one["workflow_name"] for one in search(service)["workflows"]}


def test_a_row_that_cannot_be_read_hides_no_other_from_a_search(start_service: StartService, database_url: str) -> None:
    service = start_service()
    good, bad = workflow(), workflow()
    for one in (good, bad):
        assert service.client.post(WORKFLOWS, json=one).status_code == 201
    with psycopg.connect(database_url, autocommit=True) as connection:
        # As an earlier version stored it.
        row = connection.execute(
            """UPDATE remediation_workflow_catalog SET labels = labels || '{"extra": {"an": "object"}}'
               WHERE workflow_name = %s RETURNING workflow_id""",
            [bad["workflow_name"]],
        ).fetchone()
    assert row is not None
    service.stop()
    service.start()
    found = search(service)
    assert [one["workflow_name"] for one in found["workflows"]] == [good["workflow_name"]]
    assert "1 stored versions cannot be read" in found["warnings"][0]
    assert str(row[0]) in service.log()
    series = r'datastorage_unreadable_rows_total\{table="remediation_workflow_catalog"\} ([0-9.]+)'
    eventually_sync(lambda: re.search(series, service.client.get("/metrics").text) is not None)


def test_a_flood_of_violations_is_answered_with_a_hundred(service: Service) -> None:
    flood = json.dumps([{}] * 100_000)
    answer = service.client.post(f"{EVENTS}/batch", content=flood, headers=JSON)
    assert answer.status_code == 400
    assert len(answer.json()["errors"]) == 1  # too many items: nothing else is looked at
    answer = service.client.post(f"{EVENTS}/batch", content=json.dumps([{}] * 1000), headers=JSON)
    problem = answer.json()
    assert (len(problem["errors"]), problem["errors_truncated"]) == (100, True)
    assert len(answer.content) < 100_000


def test_a_long_key_above_many_items_does_not_come_back_with_each(service: Service) -> None:
    items = ",".join(['"\\u0000"'] * 4000)
    answer = post_event(service, f'{{"{"k" * 9000}": [{items}]}}')
    assert answer.status_code == 400
    assert answer.json()["errors_truncated"] is True
    assert len(answer.content) < 200_000


def test_of_a_lenient_batch_with_a_thousand_faults_none_is_stored(service: Service) -> None:
    correlation = f"lenient-{uuid4()}"
    bad = event_body({"correlation_id": correlation, "event_outcome": "perhaps", "event_action": ""})
    good = event_body({"correlation_id": correlation})
    headers = {"Prefer": "handling=lenient"}
    answer = service.client.post(f"{EVENTS}/batch", json=[*[bad] * 999, good], headers=headers)
    assert answer.status_code == 201, answer.text[:300]
    assert [one["status"] for one in answer.json()["results"]] == ["rejected"] * 999 + ["created"]


def test_a_stored_event_that_cannot_be_read_hides_no_other(start_service: StartService, database_url: str) -> None:
    service = start_service(settings={"read_statement_timeout": 90})  # PostgreSQL fails only after a gigabyte of text
    correlation = f"old-{uuid4()}"
    created = [post_event(service, "{}", correlation_id=correlation).json()["event_id"] for _ in range(3)]
    poisoned = str(uuid4())
    with psycopg.connect(database_url, autocommit=True) as connection:
        # As an earlier version stored it: small in PostgreSQL, larger than a text can be when it is read.
        columns = connection.execute(
            """SELECT column_name FROM information_schema.columns
               WHERE table_name = 'audit_events' AND is_generated = 'NEVER' AND is_identity = 'NO'"""
        ).fetchall()
        made = {"event_id": "%(id)s::uuid", "event_data": "%(data)s::jsonb"}
        names = [name for (name,) in columns]
        connection.execute(
            f"INSERT INTO audit_events ({', '.join(names)}) SELECT {', '.join(made.get(n, n) for n in names)} "
            "FROM audit_events WHERE event_id = %(from)s",
            {"id": poisoned, "from": created[1], "data": '{"n": [' + ",".join(["1e131071"] * 8300) + "]}"},
        )
    page = service.client.get(EVENTS, params={"correlation_id": correlation}, timeout=110).json()
    assert {one["event_id"] for one in page["data"]} == set(created)
    assert page["pagination"]["total"] == 4
    assert [poisoned in warning for warning in page["warnings"]] == [True]
    assert poisoned in service.log()
    headers = {"Accept": "application/x-ndjson"}
    lines = service.client.get(EVENTS, params={"correlation_id": correlation}, headers=headers, timeout=110).text
    assert {json.loads(line)["event_id"] for line in lines.splitlines()} == set(created)
    assert service.log().count(poisoned) == 2, "the export says so too"


def test_a_page_ends_with_its_bytes_and_its_cursor_leads_on(service: Service) -> None:
    correlation = f"bytes-{uuid4()}"
    data = {"correlation_id": correlation, "event_data": {"text": "x" * 250_000}}
    created = set()
    for _ in range(3):
        answer = service.client.post(f"{EVENTS}/batch", json=[event_body(data)] * 17)
        created |= set(answer.json()["event_ids"])
    seen: list[str] = []
    parameters: dict[str, Any] = {"correlation_id": correlation, "limit": 1000}
    while True:
        answer = service.client.get(EVENTS, params=parameters)
        assert len(answer.content) < 5 * 1024 * 1024
        page = answer.json()
        seen += [one["event_id"] for one in page["data"]]
        if not page["pagination"]["has_more"]:
            break
        parameters["cursor"] = page["pagination"]["next_cursor"]
    assert len(seen) == len(created)
    assert set(seen) == created
    exported = service.client.get(
        EVENTS, params={"correlation_id": correlation}, headers={"Accept": "application/x-ndjson"}
    )
    assert len(exported.text.splitlines()) == len(created)


def test_a_page_of_more_events_than_are_read_at_once_is_whole(service: Service) -> None:
    correlation = f"many-{uuid4()}"
    answer = service.client.post(f"{EVENTS}/batch", json=[event_body({"correlation_id": correlation})] * 450)
    expected = set(answer.json()["event_ids"])
    for parameters in ({}, {"order": "asc"}, {"data": '{"k": "v"}'}, {"offset": 0, "event_type": "gateway.*"}):
        asked = {"correlation_id": correlation, "limit": 430, **parameters}
        page = service.client.get(EVENTS, params=asked).json()
        ids = [one["event_id"] for one in page["data"]]
        assert len(ids) == len(set(ids)) == 430
        assert page["pagination"]["total"] == 450
        rest = service.client.get(EVENTS, params=asked | {"cursor": page["pagination"]["next_cursor"]}).json()
        assert set(ids) | {one["event_id"] for one in rest["data"]} == expected
        behind = service.client.get(EVENTS, params=asked | {"offset": 300}).json()
        assert len(behind["data"]) == 150
