"""Groups A, B and O of the acceptance cases, as clients of V1.0 would run them; each test names its cases."""

from __future__ import annotations

import gzip
import json
import re
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import UUID, uuid4

import httpx
import psycopg
import pytest

from datastorage.demo import event_types
from tests.fixtures.events import event_body
from tests.fixtures.service import Service

PATH = "/api/v1/audit/events"
TYPE = "https://kubernaut.ai/problems/validation-error"
NOBODY = "00000000-0000-0000-0000-000000000001"


@pytest.fixture(scope="module")
def service(module_database_url: str, module_queue_url: str) -> Iterator[Service]:
    with Service(database_url=module_database_url, redis_url=module_queue_url) as service:
        yield service


def event(**more: object) -> dict[str, Any]:
    return event_body({"correlation_id": f"rr-{uuid4()}", **more})


def without(*names: str) -> dict[str, Any]:
    return {name: value for name, value in event().items() if name not in names}


def rows(service: Service, correlation_id: str) -> list[dict[str, Any]]:
    statement = "SELECT * FROM audit_events WHERE correlation_id = %s ORDER BY event_id"
    options = {"row_factory": psycopg.rows.dict_row, "options": "-c timezone=UTC"}
    with psycopg.connect(service.database_url, **options) as connection:
        return connection.execute(statement, [correlation_id]).fetchall()


def post(service: Service, body: object) -> httpx.Response:
    return service.client.post(PATH, json=body)


def refused(service: Service, body: Any, *words: str) -> dict[str, Any]:
    """Post, expect a whole problem (A28) that says all of `words`, and nothing stored."""
    answer = post(service, body)
    assert answer.status_code == 400
    assert answer.headers["Content-Type"] == "application/problem+json"
    problem: dict[str, Any] = answer.json()
    assert "://" in problem["type"]
    assert (problem["type"], problem["title"], problem["status"]) == (TYPE, "Validation Error", 400)
    assert [word for word in words if word not in problem["detail"]] == []
    if isinstance(body, dict) and "correlation_id" in body:
        assert rows(service, body["correlation_id"]) == []
    return problem


def test_an_event_is_stored_with_its_defaults(service: Service) -> None:
    """A1 and A2."""
    sent = event()
    answer = post(service, sent)
    assert answer.status_code == 201
    assert UUID(answer.json()["event_id"])
    assert answer.json()["event_timestamp"]
    assert answer.json()["message"] == "Audit event created successfully"
    (row,) = rows(service, sent["correlation_id"])
    for name in ("event_type", "event_category", "event_action", "event_outcome", "correlation_id", "event_data"):
        assert row[name] == sent[name]
    assert (row["actor_type"], row["actor_id"]) == ("service", "gateway-service")
    assert (row["resource_type"], row["resource_id"]) == ("gateway", sent["correlation_id"])
    assert row["severity"] == "info"


@pytest.mark.parametrize(
    ("category", "event_type"),
    [("analysis", "analysis.analysis.completed"), ("workflow", "workflow.workflow.completed")],
)
def test_the_actor_follows_the_category(service: Service, category: str, event_type: str) -> None:
    """A4 and A5."""
    sent = event(event_category=category, event_type=event_type, event_data={"model": "m", "confidence": 0.9})
    stored = service.client.get(post(service, sent).headers["Location"]).json()
    assert stored["actor_id"] == f"{category}-service"
    assert stored["event_data"] == sent["event_data"]


@pytest.mark.parametrize("name", ["event_type", "version", "correlation_id", "event_data", "event_outcome"])
def test_what_is_missing_is_named(service: Service, name: str) -> None:
    """A7, A8, A10."""
    refused(service, without(name), name)


def test_an_unknown_outcome_is_named_beside_the_known_ones(service: Service) -> None:
    """A11."""
    refused(service, event(event_outcome="invalid_value"), "success, failure, pending", "invalid_value")


@pytest.mark.parametrize("data", ["text", 5, [], None, True])
def test_a_payload_is_an_object(service: Service, data: object) -> None:
    """A13."""
    problem = refused(service, event(event_data=data), "event_data")
    assert problem["errors"][0]["pointer"] == "#/event_data"


def test_all_violations_come_at_once(service: Service) -> None:
    """A14."""
    body = without("event_type", "correlation_id") | {
        "event_outcome": "maybe",
        "event_timestamp": "2020-01-01T00:00:00Z",
    }
    problem = refused(service, body, "event_type", "correlation_id", "event_outcome", "too old")
    pointers = {error["pointer"] for error in problem["errors"]}
    assert pointers == {"#/event_type", "#/correlation_id", "#/event_outcome", "#/event_timestamp"}


@pytest.mark.parametrize("body", [b"{invalid json", b"", b"[1]", b"\xff", b"null"])
def test_what_is_no_json_object_is_refused(service: Service, body: bytes) -> None:
    """A16."""
    answer = service.client.post(PATH, content=body, headers={"Content-Type": "application/json"})
    assert answer.status_code == 400
    assert answer.json()["type"] == TYPE


def test_an_unknown_parent_is_refused(service: Service) -> None:
    """A17."""
    refused(service, event(parent_event_id=NOBODY), "parent", NOBODY)


def test_one_correlation_may_have_many_categories(service: Service) -> None:
    """A19."""
    first = event()
    second = event(correlation_id=first["correlation_id"], event_category="workflow")
    assert [post(service, body).status_code for body in (first, second)] == [201, 201]
    found = service.client.get(PATH, params={"correlation_id": first["correlation_id"]}).json()
    assert {one["event_category"] for one in found["data"]} == {"gateway", "workflow"}


def test_an_empty_payload_is_one(service: Service) -> None:
    """A20."""
    assert post(service, event(event_data={})).status_code == 201


@pytest.mark.parametrize(
    ("shift", "words"),
    [
        (timedelta(minutes=6), "invalid timestamp: timestamp is in the future"),
        (timedelta(minutes=4), ""),
        (-timedelta(days=8), "invalid timestamp: timestamp is too old"),
        (-timedelta(days=6), ""),
    ],
)
def test_the_window_of_time(service: Service, shift: timedelta, words: str) -> None:
    """A22 and A23."""
    body = event(event_timestamp=(datetime.now(UTC) + shift).isoformat())
    if words:
        refused(service, body, words)
    else:
        assert post(service, body).status_code == 201


@pytest.mark.parametrize(
    ("name", "limit"),
    [
        ("version", 10),
        ("event_type", 100),
        ("event_action", 50),
        ("correlation_id", 255),
        ("actor_type", 50),
        ("actor_id", 255),
        ("resource_type", 50),
        ("resource_id", 255),
        ("severity", 20),
        ("namespace", 253),
        ("cluster_name", 255),
        ("error_code", 50),
        ("error_message", 4096),
    ],
)
def test_texts_are_bounded_in_characters(service: Service, name: str, limit: int) -> None:
    """A25, A26, and the same for every text."""
    for size in (limit - 1, limit):
        assert post(service, event(**{name: "é" * size})).status_code == 201
    answer = post(service, event(**{name: "é" * (limit + 1)}))
    assert answer.status_code == 400
    assert f"{name}: maximum string length is {limit}, actual is {limit + 1}" in answer.json()["detail"]


@pytest.mark.parametrize(
    ("value", "fits"), [(0, True), (2147483647, True), (1500.0, True), (2147483648, False), (-1, False), (1.5, False)]
)
def test_durations_are_bounded(service: Service, value: float, *, fits: bool) -> None:
    assert post(service, event(duration_ms=value)).status_code == (201 if fits else 400)


def test_the_payload_has_its_index(service: Service) -> None:
    """A31 and O4."""
    sent = event(event_data={"needle": {"deep": 1}})
    post(service, sent).raise_for_status()
    with psycopg.connect(service.database_url) as connection:
        index = connection.execute(
            "SELECT indexdef FROM pg_indexes WHERE tablename = 'audit_events' AND indexname = %s",
            ["idx_audit_events_event_data_gin"],
        ).fetchone()
        by_operator = connection.execute(
            "SELECT correlation_id FROM audit_events WHERE event_data->'needle'->>'deep' = '1'"
        ).fetchall()
    assert index is not None
    assert "USING gin (event_data" in index[0]
    assert (sent["correlation_id"],) in by_operator


def test_the_same_event_twice(service: Service) -> None:
    """A32."""
    twice = event()
    ids = {post(service, twice).json()["event_id"] for _ in range(2)}
    assert len(ids) == len(rows(service, twice["correlation_id"])) == 2
    named = event(event_id=str(uuid4()))
    assert [post(service, named).status_code for _ in range(2)] == [201, 200]
    assert len(rows(service, named["correlation_id"])) == 1


def test_legacy_names_are_not_taken(service: Service) -> None:
    """A34."""
    body = without("event_category", "event_action", "event_outcome")
    body |= {"service": "gateway", "operation": "received", "outcome": "success"}
    refused(service, body, "event_category", "event_action", "event_outcome")


def batch(service: Service, body: object, **headers: str) -> httpx.Response:
    return service.client.post(f"{PATH}/batch", json=body, headers=headers)


def test_a_batch_is_stored_in_order(service: Service) -> None:
    """B1."""
    correlation = f"rr-{uuid4()}"
    types = ["gateway.signal.received", "analysis.investigation.started", "custom.thing.happened"]
    answer = batch(service, [event(correlation_id=correlation, event_type=kind) for kind in types])
    assert answer.status_code == 201
    assert answer.json()["message"] == "3 audit events created successfully"
    stored = [service.client.get(f"{PATH}/{one}").json()["event_type"] for one in answer.json()["event_ids"]]
    assert stored == types
    assert len(rows(service, correlation)) == 3


@pytest.mark.parametrize(
    ("bad", "index"),
    [
        (lambda good: {k: v for k, v in good.items() if k != "event_type"}, 1),
        (lambda good: good | {"event_data": "text"}, 2),
        (lambda good: good | {"parent_event_id": NOBODY}, 1),
        (lambda good: good | {"event_timestamp": "2020-01-01T00:00:00Z"}, 2),
        (lambda _good: "text", 1),
    ],
    ids=["B2", "B7", "B8", "too old", "no object"],
)
def test_one_bad_event_refuses_the_batch(service: Service, bad: Any, index: int) -> None:
    good = event()
    body = [good, good, good]
    body[index] = bad(good)
    answer = batch(service, body)
    assert answer.status_code == 400
    assert answer.json()["detail"].startswith(f"event at index {index}:")
    assert rows(service, good["correlation_id"]) == []
    lenient = batch(service, body, Prefer="handling=lenient")
    assert lenient.status_code == 201
    statuses = [one["status"] for one in lenient.json()["results"]]
    assert statuses == ["rejected" if place == index else "created" for place in range(3)]
    assert lenient.json()["results"][index]["problem"]["type"] == TYPE


@pytest.mark.parametrize(("body", "word"), [([], "empty"), ({}, "array"), ("text", "array"), (None, "array")])
def test_a_batch_is_an_array_of_something(service: Service, body: object, word: str) -> None:
    """B4."""
    answer = service.client.post(
        f"{PATH}/batch", content=json.dumps(body), headers={"Content-Type": "application/json"}
    )
    assert answer.status_code == 400
    assert word in answer.json()["detail"]


@pytest.mark.parametrize(("size", "status"), [(100, 201), (1000, 201), (1001, 400)])
def test_batches_are_bounded(service: Service, size: int, status: int) -> None:
    """B5."""
    correlation = f"rr-{uuid4()}"
    answer = batch(service, [event(correlation_id=correlation) for _ in range(size)])
    assert answer.status_code == status
    assert len(rows(service, correlation)) == (size if status == 201 else 0)


@pytest.mark.parametrize(
    ("form", "fits"),
    [
        ("%Y-%m-%dT%H:%M:%SZ", True),
        ("%Y-%m-%dT%H:%M:%S.%fZ", True),
        ("%Y-%m-%dT%H:%M:%S+00:00", True),
        ("%Y-%m-%d", False),
        ("%Y/%m/%d", False),
        ("%Y-%m-%dT%H:%M:%S", False),
    ],
)
def test_times_are_written_as_in_rfc_3339(service: Service, form: str, *, fits: bool) -> None:
    """B10."""
    answer = batch(service, [event(event_timestamp=datetime.now(UTC).strftime(form))])
    assert answer.status_code == (201 if fits else 400)


def test_parents_may_stand_earlier_in_the_batch_but_not_later(service: Service) -> None:
    parent = event(event_id=str(uuid4()))
    child = event(parent_event_id=parent["event_id"])
    assert batch(service, [child, parent]).status_code == 400
    assert batch(service, [parent, child]).status_code == 201


@pytest.mark.parametrize("kind", event_types(), ids=lambda kind: kind.event_type)
def test_each_known_type_is_stored_whole_and_checked(service: Service, kind: Any) -> None:
    """Every member comes back; a known member of another type is refused, an unknown one is kept."""
    sent = event(
        event_type=kind.event_type,
        event_category=kind.event_category,
        event_action=kind.event_action,
        event_data=kind.sample_event_data | {"unknown_to_the_contract": [1]},
    )
    stored = service.client.get(post(service, sent).headers["Location"]).json()
    assert {name: stored[name] for name in sent if name != "event_timestamp"} == {
        name: value for name, value in sent.items() if name != "event_timestamp"
    }
    assert datetime.fromisoformat(stored["event_timestamp"]) == datetime.fromisoformat(sent["event_timestamp"])
    name, value = next(iter(kind.sample_event_data.items()))
    wrong = 5 if isinstance(value, str) else "text"
    problem = refused(service, sent | {"correlation_id": f"rr-{uuid4()}", "event_data": {name: wrong}}, name)
    assert problem["errors"][0]["pointer"] == f"#/event_data/{name}"


#: For each JSON type in a sample: a value of every other type that a schema may confuse it with.
OTHERS: dict[type, list[object]] = {
    str: [5, True, [], {}, None],
    bool: ["true", 1, None],
    int: ["5", 1.5, True, None],
    float: ["0.5", True, None],
    list: ["text", {}, None],
    dict: ["text", [], None],
}


@pytest.mark.parametrize("kind", event_types(), ids=lambda kind: kind.event_type)
def test_every_known_member_is_held_to_its_type(service: Service, kind: Any) -> None:
    """All in one lenient batch: each element breaks one member in one way."""
    head = {name: getattr(kind, name) for name in ("event_type", "event_category", "event_action")}
    wrong = [(name, other) for name, value in kind.sample_event_data.items() for other in OTHERS[type(value)]]
    body = [event(**head, event_data=kind.sample_event_data | {name: other}) for name, other in wrong]
    results = batch(service, body, Prefer="handling=lenient").json()["results"]
    assert [one["status"] for one in results] == ["rejected"] * len(wrong)
    for index, ((name, other), result) in enumerate(zip(wrong, results, strict=True)):
        (error,) = result["problem"]["errors"]
        assert error["pointer"] == f"#/{index}/event_data/{name}", (name, other)


@pytest.mark.parametrize("kind", event_types(), ids=lambda kind: kind.event_type)
def test_no_known_member_is_required(service: Service, kind: Any) -> None:
    for name in kind.sample_event_data:
        sent = event(event_type=kind.event_type, event_data={name: kind.sample_event_data[name]})
        stored = service.client.get(post(service, sent).headers["Location"]).json()
        assert stored["event_data"] == sent["event_data"]


def test_every_member_of_an_event_comes_back(service: Service) -> None:
    parent = post(service, event()).json()["event_id"]
    sent = event(
        event_id=str(uuid4()),
        actor_type="user",
        actor_id="ada",
        resource_type="pod",
        resource_id="api-7f9",
        severity="critical",
        namespace="production",
        cluster_name="eu-1",
        duration_ms=1500,
        error_code="E42",
        error_message="näh\u2028",
        parent_event_id=parent,
        trace_id="4bf92f3577b34da6a3ce929d0e0e4736",
        span_id="00f067aa0ba902b7",
    )
    stored = service.client.get(post(service, sent).headers["Location"]).json()
    assert datetime.fromisoformat(stored.pop("event_timestamp")) == datetime.fromisoformat(sent.pop("event_timestamp"))
    assert {name: stored[name] for name in sent} == sent


def test_every_prepared_month_takes_rows(service: Service) -> None:
    """O1: this month and the next three."""
    with psycopg.connect(service.database_url) as connection:
        found = connection.execute(
            "SELECT relname FROM pg_class JOIN pg_inherits ON inhrelid = pg_class.oid "
            "WHERE inhparent = 'audit_events'::regclass"
        ).fetchall()
    months = sorted(name for (name,) in found if re.fullmatch(r"audit_events_\d{4}_\d{2}", name))
    this = f"audit_events_{datetime.now(UTC):%Y_%m}"
    assert len(months[months.index(this) :]) >= 4


def test_bodies_may_be_chunked_and_gzipped(service: Service) -> None:
    body = json.dumps(event()).encode()
    headers = {"Content-Type": "application/json"}
    chunked = service.client.post(PATH, content=iter([body[:50], body[50:]]), headers=headers)
    assert chunked.status_code == 201
    packed = service.client.post(PATH, content=gzip.compress(body), headers=headers | {"Content-Encoding": "gzip"})
    assert packed.status_code == 201
    bomb = gzip.compress(b" " * (6 * 1024 * 1024))
    assert service.client.post(PATH, content=bomb, headers=headers | {"Content-Encoding": "gzip"}).status_code == 413
    assert service.client.post(PATH, content=body, headers={"Content-Type": "text/plain"}).status_code == 415
