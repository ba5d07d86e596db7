"""The service's own contract and write handlers around a recorder that only remembers."""

from __future__ import annotations

import json
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from datetime import UTC, datetime
from typing import Any, cast
from uuid import UUID

import httpx
import jsonschema_rs
import msgspec
import pytest

from audit.submission import Submission
from datastorage.demo import event_types
from datastorage.edge import build_asgi_app, load_spec
from datastorage.edge.contract import Contract
from datastorage.edge.schemas import SchemaValidator, inlined, merged, to_json_schema
from datastorage.settings import load_settings
from handlers import audit_events
from handlers.dependencies import Dependencies
from pipeline.outcome import Flaw, Outcome, State
from telemetry.metrics import AUDIT_TRACES, VALIDATION_FAILURES
from tests.fixtures.events import audit_event

NOW = datetime(2025, 12, 1, 10, tzinfo=UTC)
_, DOCUMENT = load_spec()
EDGE = SchemaValidator(to_json_schema(inlined(DOCUMENT, DOCUMENT["components"]["schemas"]["AuditEventInput"])))
EVENT: dict[str, Any] = {
    "version": "1.0",
    "event_type": "gateway.signal.received",
    "event_category": "gateway",
    "event_action": "received",
    "event_outcome": "success",
    "event_timestamp": "2025-12-01T10:00:00Z",
    "correlation_id": "rr-1",
    "event_data": {"k": "v"},
}


class MemoryRecorder:
    """Takes everything, except what `states` says about an event_action."""

    def __init__(self) -> None:
        self.seen: list[Submission] = []
        self.states: dict[str, State] = {}

    async def record(self, submissions: Sequence[Submission], *, all_or_nothing: bool) -> Sequence[Outcome]:
        outcomes = [self._outcome(submission) for submission in submissions]
        good = all(outcome.state.is_kept for outcome in outcomes)
        self.seen.extend(
            submission
            for submission, outcome in zip(submissions, outcomes, strict=True)
            if good or (not all_or_nothing and outcome.state is State.STORED)
        )
        return outcomes

    async def check(self, submissions: Sequence[Submission]) -> Sequence[tuple[Flaw, ...]]:
        return [self._flaws(submission) for submission in submissions]

    def _flaws(self, submission: Submission) -> tuple[Flaw, ...]:
        old = b"1999-" in bytes(submission.text)
        message = "event_timestamp: timestamp is too old"
        return (Flaw(pointer="/event_timestamp", message=message, reason="too_old"),) if old else ()

    def _outcome(self, submission: Submission) -> Outcome:
        event_id = UUID(int=submission.index)
        if flaws := self._flaws(submission):
            return Outcome(state=State.REJECTED, flaws=flaws)
        state = self.states.get(msgspec.json.decode(submission.text)["event_action"], State.STORED)
        return Outcome(state=state, record=audit_event(event_id.int, NOW))


@pytest.fixture
def recorder() -> MemoryRecorder:
    return MemoryRecorder()


class OnlyWhatWritesNeed:
    problem_base_url = "https://kubernaut.ai/problems"
    batch_max_events = 9
    recorder: MemoryRecorder


@asynccontextmanager
async def no_lifespan(_app: Any) -> AsyncIterator[None]:
    yield


@pytest.fixture(scope="module")
def service() -> tuple[OnlyWhatWritesNeed, Any]:
    text, document = load_spec()
    names = ("create_audit_event", "create_audit_events_batch")
    paths = {
        path: {"post": item["post"]}
        for path, item in document["paths"].items()
        if item.get("post", {}).get("operationId") in names
    }
    needs = OnlyWhatWritesNeed()
    app = build_asgi_app(
        load_settings(),
        cast("Dependencies", needs),
        lifespan=no_lifespan,
        apps={},
        spec=(text, document | {"paths": paths}),
        found={name: getattr(audit_events, name) for name in names},
    )
    return needs, app


@pytest.fixture
async def client(recorder: MemoryRecorder, service: tuple[OnlyWhatWritesNeed, Any]) -> AsyncIterator[httpx.AsyncClient]:
    needs, app = service
    needs.recorder = recorder
    async with httpx.AsyncClient(transport=httpx.ASGITransport(app), base_url="http://edge/api/v1/audit") as made:
        yield made


def expect_400(response: httpx.Response) -> dict[str, Any]:
    assert response.status_code == 400, response.text
    assert response.headers["content-type"] == "application/problem+json"
    problem: dict[str, Any] = response.json()
    assert problem["type"] == "https://kubernaut.ai/problems/validation-error"
    assert problem["title"] == "Validation Error"
    return problem


async def test_a_recorded_event_is_201_with_its_address(client: httpx.AsyncClient) -> None:
    counter = AUDIT_TRACES.labels("gateway", "success")
    before = counter._value.get()
    response = await client.post("/events", json=EVENT)
    assert response.status_code == 201
    assert response.json() == {
        "event_id": str(UUID(int=0)),
        "event_timestamp": "2025-12-01T10:00:00Z",
        "message": "Audit event created successfully",
    }
    assert response.headers["location"] == f"/api/v1/audit/events/{UUID(int=0)}"
    assert counter._value.get() == before + 1


async def test_a_known_event_is_200_and_one_with_other_content_409(
    client: httpx.AsyncClient, recorder: MemoryRecorder
) -> None:
    recorder.states = {"received": State.DUPLICATE, "changed": State.CONFLICT}
    assert (await client.post("/events", json=EVENT)).status_code == 200
    response = await client.post("/events", json=EVENT | {"event_action": "changed"})
    assert response.status_code == 409
    assert (response.json()["field"], response.json()["value"]) == ("event_id", str(UUID(int=0)))


async def test_a_queued_event_is_202_with_its_receipt(client: httpx.AsyncClient, recorder: MemoryRecorder) -> None:
    recorder.states = {"received": State.QUEUED}
    response = await client.post("/events", json=EVENT)
    assert response.status_code == 202
    assert response.json() == {
        "status": "accepted",
        "message": "audit event queued for async processing",
        "event_id": str(UUID(int=0)),
        "receipt": f"/api/v1/audit/events/{UUID(int=0)}/receipt",
    }


@pytest.mark.parametrize("missing", ["version", "event_type", "correlation_id", "event_data", "event_timestamp"])
async def test_a_missing_member_is_named_and_counted(
    client: httpx.AsyncClient, recorder: MemoryRecorder, missing: str
) -> None:
    counter = VALIDATION_FAILURES.labels(missing, "required")
    before = counter._value.get()
    event = {name: value for name, value in EVENT.items() if name != missing}
    problem = expect_400(await client.post("/events", json=event))
    assert problem["field_errors"] == {missing: f"{missing} is required"}
    assert counter._value.get() == before + 1
    assert recorder.seen == []


async def test_legacy_names_are_answered_with_the_members_that_are_missing(client: httpx.AsyncClient) -> None:
    legacy = {"event_category": "service", "event_action": "operation", "event_outcome": "outcome"}
    event = {legacy.get(name, name): value for name, value in EVENT.items()}
    assert set(expect_400(await client.post("/events", json=event))["field_errors"]) == set(legacy)


async def test_violations_of_schema_and_rules_come_together(client: httpx.AsyncClient) -> None:
    event = EVENT | {"event_outcome": "invalid_value", "event_timestamp": "1999-01-01T00:00:00Z", "event_data": "text"}
    problem = expect_400(await client.post("/events", json=event))
    assert {error["pointer"] for error in problem["errors"]} == {"#/event_outcome", "#/event_data", "#/event_timestamp"}
    assert "success, failure, pending" in problem["detail"]
    assert "timestamp is too old" in problem["detail"]


LIMITS = {
    "version": 10,
    "event_type": 100,
    "event_action": 50,
    "correlation_id": 255,
    "actor_type": 50,
    "actor_id": 255,
    "resource_type": 50,
    "resource_id": 255,
    "severity": 20,
    "namespace": 253,
    "cluster_name": 255,
    "error_code": 50,
    "error_message": 4096,
}


@pytest.mark.parametrize("field", LIMITS)
async def test_a_text_is_taken_up_to_its_limit_and_refused_beyond(client: httpx.AsyncClient, field: str) -> None:
    limit = LIMITS[field]
    for length, status in ((limit - 1, 201), (limit, 201), (limit + 1, 400)):
        # é is two bytes: the limits count characters
        response = await client.post("/events", json=EVENT | {field: "é" * length})
        assert response.status_code == status, (field, length)
        if status == 400:
            assert f"maximum string length is {limit}" in expect_400(response)["field_errors"][field]


@pytest.mark.parametrize(
    ("value", "status"),
    [(-1, 400), (0, 201), (2147483647, 201), (2147483648, 400), (None, 201), (1.5, 400), ("1", 400)],
)
async def test_duration_is_an_integer_within_its_range(client: httpx.AsyncClient, value: Any, status: int) -> None:
    assert (await client.post("/events", json=EVENT | {"duration_ms": value})).status_code == status


async def test_the_types_of_known_payload_members_are_enforced_and_others_kept(client: httpx.AsyncClient) -> None:
    event = EVENT | {"event_data": {"alert_name": 5, "is_duplicate": "no", "more": [1]}}
    problem = expect_400(await client.post("/events", json=event))
    assert {error["pointer"] for error in problem["errors"]} == {"#/event_data/alert_name", "#/event_data/is_duplicate"}
    accepted = await client.post(
        "/events", json=EVENT | {"event_type": "other.thing.happened", "event_data": {"alert_name": 5}}
    )
    assert accepted.status_code == 201


async def test_a_batch_answers_in_the_order_of_the_request(client: httpx.AsyncClient) -> None:
    response = await client.post("/events/batch", json=[EVENT, EVENT | {"event_action": "second"}, EVENT])
    assert response.status_code == 201
    body = response.json()
    assert body["event_ids"] == [str(UUID(int=index)) for index in range(3)]
    assert body["message"] == "3 audit events created successfully"
    assert [(item["index"], item["status"]) for item in body["results"]] == [
        (0, "created"),
        (1, "created"),
        (2, "created"),
    ]


async def test_a_batch_of_more_events_than_the_service_takes_is_refused(client: httpx.AsyncClient) -> None:
    response = await client.post("/events/batch", json=[EVENT] * 10)
    assert response.status_code == 400
    assert response.json()["detail"] == "the array has 10 events; at most 9 are taken in one batch"


async def test_a_batch_is_202_as_soon_as_one_event_is_queued(
    client: httpx.AsyncClient, recorder: MemoryRecorder
) -> None:
    recorder.states = {"broken": State.QUEUED}
    response = await client.post("/events/batch", json=[EVENT, EVENT | {"event_action": "broken"}])
    assert response.status_code == 202
    assert response.json()["results"][1]["receipt"].endswith(f"{UUID(int=1)}/receipt")


@pytest.mark.parametrize(
    ("body", "word"),
    [([], "empty"), (EVENT, "array"), ("text", "array"), ([EVENT] * 1001, "at most 1000 items; got 1001")],
)
async def test_what_is_no_batch_is_refused(client: httpx.AsyncClient, body: Any, word: str) -> None:
    assert word in expect_400(await client.post("/events/batch", json=body))["detail"]


async def test_one_bad_event_refuses_the_batch_and_every_bad_one_is_listed(
    client: httpx.AsyncClient, recorder: MemoryRecorder
) -> None:
    old = EVENT | {"event_timestamp": "1999-01-01T00:00:00Z"}
    batch = [EVENT, old, EVENT | {"event_data": "text"}, EVENT | {"version": ""}]
    problem = expect_400(await client.post("/events/batch", json=batch))
    assert problem["detail"].startswith("event at index 1: event_timestamp")
    assert "event at index 2: event_data must be an object" in problem["detail"]
    assert [error["pointer"] for error in problem["errors"]] == ["#/1/event_timestamp", "#/2/event_data", "#/3/version"]
    assert recorder.seen == []


async def test_a_lenient_batch_stores_the_valid_and_returns_the_others(
    client: httpx.AsyncClient, recorder: MemoryRecorder
) -> None:
    recorder.states = {"changed": State.CONFLICT}
    lone = json.dumps(EVENT).replace('"v"', r'"\ud800"')
    old = json.dumps(EVENT | {"event_timestamp": "1999-01-01T00:00:00Z"})
    texts = [json.dumps(EVENT), lone, "{}", old, json.dumps(EVENT | {"event_action": "changed"}), json.dumps(EVENT)]
    response = await client.post(
        "/events/batch",
        content=f"[{','.join(texts)}]",
        headers={"Content-Type": "application/json", "Prefer": "respond-async, handling=lenient"},
    )
    assert response.status_code == 201
    body = response.json()
    expected = ["created", "rejected", "rejected", "rejected", "rejected", "created"]
    assert [item["status"] for item in body["results"]] == expected
    assert [item["problem"]["status"] for item in body["results"][1:5]] == [400, 400, 400, 409]
    assert body["results"][2]["problem"]["detail"].startswith("event at index 2: ")
    assert len(body["event_ids"]) == 2
    assert [submission.index for submission in recorder.seen] == [0, 5]


async def test_an_idempotency_key_reaches_the_recorder_with_the_index(
    client: httpx.AsyncClient, recorder: MemoryRecorder
) -> None:
    await client.post("/events", json=EVENT, headers={"Idempotency-Key": "k-1"})
    await client.post("/events/batch", json=[EVENT, EVENT], headers={"Idempotency-Key": "k-2"})
    assert [submission.idempotency_key for submission in recorder.seen] == ["k-1", "k-2/0", "k-2/1"]
    expect_400(await client.post("/events", json=EVENT, headers={"Idempotency-Key": "k" * 256}))


def test_every_example_in_the_contract_fits_its_schema() -> None:
    _text, document = load_spec()
    checked = 0
    for operation in Contract(document).operations.values():
        if operation.body is None:
            continue
        declared = document["paths"][operation.path][operation.method.lower()]
        content = declared["requestBody"]["content"]["application/json"]
        for example in content.get("examples", {}).values():
            name = example.get("$ref", "").rpartition("/")[2]
            value = document["components"]["examples"][name]["value"] if name else example["value"]
            assert operation.body.violations(value, "body") == []
            checked += 1
    assert checked >= 3


def test_the_contract_has_a_payload_schema_for_each_of_the_27_event_types() -> None:
    _text, document = load_spec()
    schemas = document["components"]["schemas"]
    union = inlined(document, schemas["TypedAuditEvent"])
    mapping = union["discriminator"]["mapping"]
    assert set(mapping) == {kind.event_type for kind in event_types()}
    assert [one["$ref"] for one in schemas["TypedAuditEvent"]["oneOf"]] == list(mapping.values())
    for event_type, variant in zip(mapping, map(merged, union["oneOf"]), strict=True):
        assert variant["properties"]["event_type"]["enum"] == [event_type]
        assert variant["properties"]["event_data"]["title"] == event_type
    assert merged(inlined(document, schemas["AuditEventRequest"]))["properties"]["event_type"]["not"]["enum"] == [
        *mapping
    ]


def plain(schema: Any) -> Any:
    """An inlined OpenAPI schema as JSON Schema, keyword by keyword, without our rewriting of tagged unions."""
    if isinstance(schema, list):
        return [plain(one) for one in schema]
    if not isinstance(schema, dict):
        return schema
    made = {key: plain(value) for key, value in schema.items() if key not in {"discriminator", "nullable", "example"}}
    if schema.get("nullable") is True:
        made["type"] = [schema["type"], "null"]
    return made


@pytest.mark.parametrize(
    "event_type", [None, 5, "", "x" * 101, "custom.type", "gateway.signal.received", "notification.sent"]
)
@pytest.mark.parametrize(
    "event_data", [None, [], {}, {"is_duplicate": "no"}, {"is_duplicate": True, "more": 1}, {"channel": 5}]
)
@pytest.mark.parametrize("more", [{}, {"severity": None}, {"duration_ms": -1}, {"unknown": [1]}])
def test_the_edge_takes_exactly_what_the_contract_says_of_types_of_events(
    event_type: object, event_data: object, more: dict[str, object]
) -> None:
    event = EVENT | {"event_type": event_type, "event_data": event_data} | more
    schema = inlined(DOCUMENT, DOCUMENT["components"]["schemas"]["AuditEventInput"])
    said = jsonschema_rs.Draft202012Validator(plain(schema)).is_valid(event)
    assert (EDGE.violations(event, "body") == []) is said
