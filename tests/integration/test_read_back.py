"""Whatever the contract takes can be read back by every read path: requests generated from the contract itself."""

from __future__ import annotations

import csv
import io
import json
import re
from collections.abc import Iterator
from datetime import datetime
from typing import Any
from urllib.parse import quote
from uuid import UUID, uuid4

import pytest
import schemathesis
from hypothesis import HealthCheck, given, seed, settings
from hypothesis import strategies as st
from schemathesis import GenerationMode

from tests.fixtures.awaiting import eventually_sync
from tests.fixtures.controlled import Controlled
from tests.fixtures.service import Service, StartService
from tests.fuzz import schemathesis_hooks as hooks
from tests.fuzz.contract import CONTRACT
from tests.integration.test_fidelity import exactly

SEED = 20261121
EVENTS, NOTIFICATIONS, WORKFLOWS = "/api/v1/audit/events", "/api/v1/audit/notifications", "/api/v1/workflows"
NDJSON, CSV = {"Accept": "application/x-ndjson"}, {"Accept": "text/csv"}
#: Set by the service where they are absent or empty.
DEFAULTED = ("actor_type", "actor_id", "resource_type", "resource_id")


@pytest.fixture(scope="module")
def service(module_database_url: str, module_queue_url: str) -> Iterator[Service]:
    with Service(database_url=module_database_url, redis_url=module_queue_url) as running:
        yield running


def generated(path: str, count: int) -> list[dict[str, Any]]:
    """Bodies that fit the contract, a third of them the least or the most that it takes."""
    operation = schemathesis.openapi.from_path(CONTRACT)[path]["POST"]
    found: list[dict[str, Any]] = []

    @seed(SEED)
    @settings(max_examples=count, deadline=None, database=None, suppress_health_check=list(HealthCheck))
    @given(operation.as_strategy(generation_mode=GenerationMode.POSITIVE), st.booleans())
    def collect(case: Any, _varied: bool) -> None:
        body = hooks.without_nul(case.body)
        hooks.put_right(body)
        found.append(body)

    collect()
    return found


def events() -> list[dict[str, Any]]:
    bodies = generated(EVENTS, 60)
    without = {"event_id", "parent_event_id"}
    return [{name: value for name, value in body.items() if name not in without} for body in bodies]


def same(sent: Any, stored: Any) -> bool:
    return bool(exactly(json.dumps(sent)) == exactly(json.dumps(stored)))


def expect_event(sent: dict[str, Any], stored: dict[str, Any]) -> None:
    for name, value in sent.items():
        if name == "event_timestamp":
            assert microseconds(value) == microseconds(stored[name])
        elif name in stored and not (name in DEFAULTED and not value):
            assert same(value, stored[name]), name


def microseconds(text: str) -> datetime:
    """The instant to the microsecond; further digits are cut off."""
    return datetime.fromisoformat(re.sub(r"\.([0-9]{1,6})[0-9]*", lambda found: f".{found[1]:0<6}", text.upper()))


def line_by_id(text: str) -> dict[str, Any]:
    return {one["event_id"]: one for one in map(json.loads, text.rstrip().split("\n"))}


def test_every_event_that_is_taken_is_read_by_every_path(service: Service) -> None:
    odd = [
        {**sent, "correlation_id": text}
        for sent, text in zip(events()[:4], ("a\nb", "\n", "a\n", "%2F?#;"), strict=True)
    ]
    for sent in [*events(), *odd]:
        answer = service.client.post(EVENTS, json=sent)
        assert answer.status_code == 201, answer.text[:500]
        event_id = answer.json()["event_id"]
        stored = service.client.get(f"{EVENTS}/{event_id}").json()
        expect_event(sent, stored)
        asked = {"correlation_id": sent["correlation_id"], "limit": 1000}
        page = service.client.get(EVENTS, params=asked).json()
        assert stored in page["data"]
        path = f"/api/v1/audit/correlations/{quote(sent['correlation_id'], safe='')}/timeline"
        assert stored in [entry["event"] for entry in service.client.get(path, params={"limit": 1000}).json()["events"]]
        contained = {**asked, "data": json.dumps(sent["event_data"])}
        if len(quote(contained["data"])) < 4000:  # the request target is bounded
            found = service.client.get(EVENTS, params=contained)
            assert stored in found.json()["data"], found.text[:300]
        assert line_by_id(service.client.get(EVENTS, params=asked, headers=NDJSON).text)[event_id] == stored
        table = csv.DictReader(io.StringIO(service.client.get(EVENTS, params=asked, headers=CSV).text, newline=""))
        (row,) = (one for one in table if one["event_id"] == event_id)
        assert exactly(row["event_data"]) == exactly(json.dumps(stored["event_data"]))
        assert row["correlation_id"].removeprefix("'") == stored["correlation_id"].removeprefix("'")


def test_what_was_queued_is_read_back_as_what_was_stored_at_once(
    start_service: StartService, own_postgres: Controlled
) -> None:
    service = start_service(database_url=own_postgres.url, settings={"dlq_max_len": 10_000})
    direct = [(sent, service.client.post(EVENTS, json=sent).json()["event_id"]) for sent in events()]
    own_postgres.stop()
    queued = []
    for sent, _ in direct:
        answer = service.client.post(EVENTS, json=sent)
        assert answer.status_code == 202, answer.text[:300]
        queued.append(answer.json()["event_id"])
    own_postgres.start()
    for (_sent, direct_id), queued_id in zip(direct, queued, strict=True):
        receipt = f"{EVENTS}/{queued_id}/receipt"
        eventually_sync(lambda at=receipt: service.client.get(at).json().get("state") == "stored", timeout=60)
        first, second = (service.client.get(f"{EVENTS}/{one}").json() for one in (direct_id, queued_id))
        for own in ("event_id", "recorded_at", "event_timestamp", "event_date"):
            first.pop(own), second.pop(own)
        assert first == second


def test_every_notification_that_is_taken_is_read_by_every_path(service: Service) -> None:
    for number, sent in enumerate(generated(NOTIFICATIONS, 40)):
        sent["notification_id"] = f"{sent['notification_id'][:200]}\n{uuid4()}{chr(10) * (number % 2)}"
        answer = service.client.post(NOTIFICATIONS, json=sent)
        assert answer.status_code == 201, answer.text[:500]
        stored = answer.json()
        assert service.client.get(f"{NOTIFICATIONS}/{quote(sent['notification_id'], safe='')}").json() == stored
        asked = {"remediation_id": sent["remediation_id"], "limit": 1000}
        assert stored in service.client.get(NOTIFICATIONS, params=asked).json()["data"]
        for name, value in sent.items():
            if name in stored and name != "sent_at" and value:
                assert same(value, stored[name]), name


def search(service: Service, labels: dict[str, Any]) -> dict[str, Any]:
    body = {"filters": labels, "top_k": 100, "status": ["active"]}
    answer = service.client.post(f"{WORKFLOWS}/search", json=body)
    assert answer.status_code == 200, answer.text[:300]
    assert "warnings" not in answer.json()
    return {one["workflow_id"]: one for one in answer.json()["workflows"]}


def test_every_workflow_that_is_taken_is_read_by_every_path_and_after_a_restart(service: Service) -> None:
    kept: dict[str, tuple[dict[str, Any], dict[str, Any]]] = {}
    for sent in generated(WORKFLOWS, 40):
        sent |= {"workflow_name": f"{sent['workflow_name'][:200]}\n{uuid4()}", "status": "active"}
        sent["approved_at"] = "2026-01-01T00:00:00.5-23:59"
        answer = service.client.post(WORKFLOWS, json=sent)
        assert answer.status_code == 201, answer.text[:500]
        stored = answer.json()
        assert UUID(stored["workflow_id"])
        for name in ("content", "labels", "parameters", "custom_labels"):
            if sent.get(name) is not None:
                assert same(sent[name], stored[name]), name
        assert service.client.get(f"{WORKFLOWS}/{stored['workflow_id']}").json() == stored
        assert stored in service.client.get(WORKFLOWS, params={"name": sent["workflow_name"]}).json()["workflows"]
        path = f"{WORKFLOWS}/by-name/{quote(sent['workflow_name'], safe='')}/versions"
        assert service.client.get(path).json()["versions"] == [stored]
        five = {
            name: sent["labels"][name] for name in ("signal_type", "severity", "component", "environment", "priority")
        }
        kept[stored["workflow_id"]] = (five, search(service, five)[stored["workflow_id"]])
    service.stop()
    service.start()
    for workflow_id, (labels, found) in kept.items():
        again = search(service, labels)[workflow_id]
        assert {**again, "rank": 0} == {**found, "rank": 0}
