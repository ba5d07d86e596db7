"""Programs of V1.0 go on working: its names, types, defaults, statuses and messages, through a client of its kind.

What differs on purpose is in docs/compatibility.md.
"""

from __future__ import annotations

import hashlib
import re
from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any
from uuid import uuid4

import pytest

from tests.fixtures.awaiting import eventually_sync
from tests.fixtures.events import event_body
from tests.fixtures.service import Service
from tests.fixtures.v1_client import Answer, V1Client

DOCUMENT = (Path(__file__).parents[2] / "docs" / "compatibility.md").read_text()
PROBLEMS = "https://kubernaut.ai/problems"
CONTENT = "kind: Workflow\n"
L5 = {
    "signal_type": "OOMKilled",
    "severity": "critical",
    "component": "deployment",
    "environment": "production",
    "priority": "P0",
}


@pytest.fixture(scope="module")
def v1(module_database_url: str, module_queue_url: str) -> Iterator[V1Client]:
    with Service(database_url=module_database_url, redis_url=module_queue_url) as service:
        yield V1Client(service.client)


def ago(**span: float) -> str:
    return (datetime.now(UTC) - timedelta(**span)).isoformat()


def event(**more: object) -> dict[str, Any]:
    return event_body({"correlation_id": f"rr-{uuid4()}", **more})


def notification(**more: object) -> dict[str, Any]:
    return {
        "remediation_id": "rr-1",
        "notification_id": f"notif-{uuid4()}",
        "recipient": "oncall@example.com",
        "channel": "email",
        "message_summary": "HighCPU: scaled out",
        "status": "sent",
        "sent_at": "2024-05-05T10:00:00Z",
        **more,
    }


def workflow(**more: object) -> dict[str, Any]:
    return {
        "workflow_name": f"wf-{uuid4()}",
        "version": "1.0.0",
        "name": "Restart after OOM",
        "description": "Raises the limit and restarts.",
        "content": CONTENT,
        "content_hash": hashlib.sha256(CONTENT.encode()).hexdigest(),
        "labels": L5,
        "execution_engine": "tekton",
        "status": "active",
        **more,
    }


def refused(answer: Answer[Any], *words: str, status: int = 400, slug: str = "validation-error") -> Any:
    """Expect a problem of that kind whose detail has all of `words`; returns it."""
    problem = answer.body
    assert (answer.status, problem.status, problem.type) == (status, status, f"{PROBLEMS}/{slug}")
    assert problem.title
    assert [word for word in words if word not in problem.detail] == []
    return problem


def test_an_event_is_created_and_read_back_with_the_defaults_of_v1(v1: V1Client) -> None:
    sent = event()
    created = v1.create_event(sent)
    assert created.status == 201
    (stored,) = v1.events(correlation_id=sent["correlation_id"]).body.data
    assert stored.event_id == created.body.event_id
    assert stored.event_timestamp == created.body.event_timestamp == datetime.fromisoformat(sent["event_timestamp"])
    assert (stored.actor_type, stored.actor_id, stored.severity) == ("service", "gateway-service", "info")
    assert (stored.resource_type, stored.resource_id) == ("gateway", sent["correlation_id"])
    assert (stored.namespace, stored.cluster_name, stored.duration_ms, stored.parent_event_id) == (None,) * 4
    assert stored.event_data == sent["event_data"]


def test_members_that_v1_did_not_know_are_dropped(v1: V1Client) -> None:
    sent = event(service="gateway", operation="received", colour="red")
    assert v1.create_event(sent).status == 201


def test_a_batch_answers_with_ids_in_order(v1: V1Client) -> None:
    correlation = f"rr-{uuid4()}"
    created = v1.create_events([event(correlation_id=correlation, event_action=f"step-{n}") for n in range(3)])
    assert (created.status, created.body.message) == (201, "3 audit events created successfully")
    stored = {one.event_id: one.event_action for one in v1.events(correlation_id=correlation).body.data}
    assert [stored[event_id] for event_id in created.body.event_ids] == ["step-0", "step-1", "step-2"]
    refused(v1.create_events([]), "empty")


@pytest.mark.parametrize(
    ("members", "words"),
    [
        ({"event_timestamp": ago(days=-1)}, "invalid timestamp: timestamp is in the future"),
        ({"event_timestamp": ago(days=8)}, "invalid timestamp: timestamp is too old"),
        ({"event_timestamp": "2025-12-01"}, "invalid timestamp: event_timestamp must be an RFC 3339 date-time"),
        ({"event_timestamp": 1764583200}, "invalid timestamp: event_timestamp must be a string"),
        ({"event_type": "x" * 101}, "event_type: maximum string length is 100, actual is 101"),
        ({"version": "1" * 11}, "version: maximum string length is 10, actual is 11"),
        ({"resource_type": "r" * 51}, "resource_type: maximum string length is 50, actual is 51"),
        ({"event_action": ""}, "event_action is required: minimum string length is 1, actual is 0"),
        ({"event_outcome": "maybe"}, "success, failure, pending"),
    ],
)
def test_a_bad_event_is_refused_in_the_words_of_v1(v1: V1Client, members: dict[str, Any], words: str) -> None:
    problem = refused(v1.create_event(event(**members)))
    assert problem.detail.startswith(words) or words in problem.detail.partition("must be one of ")[2]
    assert set(problem.field_errors) == set(members)
    in_batch = refused(v1.create_events([event(), event(**members)]))
    assert in_batch.detail.startswith("event at index 1: ")


def test_resource_types_of_fifty_characters_are_taken(v1: V1Client) -> None:
    assert v1.create_event(event(resource_type="é" * 50)).status == 201


def test_pages_have_the_pagination_of_v1(v1: V1Client) -> None:
    correlation = f"rr-{uuid4()}"
    v1.create_events([event(correlation_id=correlation) for _ in range(5)])
    page = v1.events(correlation_id=correlation).body
    times = [one.event_timestamp for one in page.data]
    assert times == sorted(times, reverse=True)
    assert (page.pagination.limit, page.pagination.offset, page.pagination.total) == (50, 0, 5)
    assert not page.pagination.has_more
    pages = [v1.events(correlation_id=correlation, limit=2, offset=offset).body for offset in (0, 2, 4)]
    assert [one.pagination.has_more for one in pages] == [True, True, False]
    assert {one.event_id for page in pages for one in page.data} == {one.event_id for one in page.data}


FILTERS = (  # noqa: SIM905 - a word list
    "correlation_id event_type event_category event_outcome severity actor_id resource_type resource_id namespace "
    "cluster_name since until start_time end_time data order limit offset"
).split()


@pytest.mark.parametrize("name", FILTERS)
def test_an_empty_value_is_no_filter(v1: V1Client, name: str) -> None:
    sent = event()
    v1.create_event(sent)
    filters = {"resource_id": sent["correlation_id"], name: ""} | ({} if name != "resource_id" else {"limit": 1000})
    found = v1.events(**filters)
    assert found.status == 200
    assert sent["correlation_id"] in {one.correlation_id for one in found.body.data}
    assert (found.body.pagination.limit, found.body.pagination.offset) == (filters.get("limit") or 50, 0)


@pytest.mark.parametrize("since", ["24h", "90m", "7d", "1h30m", "500ms", "1.5d", "1m1h", "2025-12-01T10:00:00"])
def test_times_may_be_written_as_in_v1(v1: V1Client, since: str) -> None:
    sent = event(event_timestamp=ago(seconds=-60))
    v1.create_event(sent)
    assert len(v1.events(correlation_id=sent["correlation_id"], since=since).body.data) == 1


@pytest.mark.parametrize(
    ("filters", "words"),
    [
        ({"limit": 0}, ("limit", "must be at least 1")),
        ({"limit": 1001}, ("limit", "1000")),
        ({"offset": -1}, ("offset", "must be at least 0")),
        ({"since": "invalid"}, ("since", "invalid time format")),
    ],
)
def test_a_bad_filter_is_refused_in_the_words_of_v1(v1: V1Client, filters: dict[str, Any], words: Any) -> None:
    assert refused(v1.events(**filters), *words).title == "Validation Error"


def test_an_unknown_category_and_a_window_that_ends_before_it_begins_are_empty_pages(v1: V1Client) -> None:
    assert v1.events(event_category="nonsense").body.data == []
    assert v1.events(since="2030-01-01", until="2020-01-01").body.data == []


def test_a_notification_is_created_once(v1: V1Client) -> None:
    sent = notification(delivery_status="250 OK", error_message="", escalation_level=2)
    created = v1.create_notification(sent)
    assert created.status == 201
    assert created.body.id > 0
    for name in ("remediation_id", "notification_id", "recipient", "channel", "message_summary", "status"):
        assert getattr(created.body, name) == sent[name]
    assert (created.body.delivery_status, created.body.error_message, created.body.escalation_level) == (
        "250 OK",
        "",
        2,
    )
    again = refused(v1.create_notification(sent), sent["notification_id"], status=409, slug="conflict")
    assert again.title == "Resource Conflict"
    assert (again.resource, again.field, again.value) == (
        "notification_audit",
        "notification_id",
        sent["notification_id"],
    )


@pytest.mark.parametrize(
    ("members", "words"),
    [
        ({"notification_id": "  "}, "notification_id is required"),
        ({"remediation_id": ""}, "remediation_id is required"),
        ({"recipient": "r" * 256}, "maximum string length is 255, actual is 256"),
        ({"message_summary": "m" * 1001}, "maximum string length is 1000, actual is 1001"),
        ({"delivery_status": "d" * 256}, "maximum string length is 255, actual is 256"),
        ({"error_message": "e" * 1001}, "maximum string length is 1000, actual is 1001"),
        ({"channel": "fax"}, 'email, slack, pagerduty, sms, webhook, teams, console; got "fax"'),
        ({"status": "gone"}, 'sent, failed, pending, acknowledged, escalated; got "gone"'),
        ({"escalation_level": 101}, "must be at most 100"),
        ({"sent_at": ago(days=-1)}, "invalid timestamp: sent_at is in the future"),
    ],
)
def test_a_bad_notification_names_its_field(v1: V1Client, members: dict[str, Any], words: str) -> None:
    problem = refused(v1.create_notification(notification(**members)))
    assert problem.title == "Validation Error"
    assert {name: words in message for name, message in problem.field_errors.items()} == dict.fromkeys(members, True)


def test_a_workflow_lives_as_in_v1(v1: V1Client) -> None:
    first, second = workflow(), workflow(version="1.1.0", previous_version="1.0.0")
    second["workflow_name"] = name = first["workflow_name"]
    created = [v1.create_workflow(one) for one in (first, second)]
    assert [one.status for one in created] == [201, 201]
    assert [one.version for one in v1.versions(name).body.versions] == ["1.1.0", "1.0.0"]
    old = v1.workflow(created[0].body.workflow_id).body
    assert (old.content, old.is_latest_version) == (CONTENT, False)
    again = refused(v1.create_workflow(first), name, "1.0.0", status=409, slug="conflict")
    assert "Already Exists" in again.title
    new = created[1].body.workflow_id
    refused(v1.update_workflow(new, {"description": "x"}), "description", slug="immutable-field-violation")
    assert v1.update_workflow(new, {"status": "disabled"}).body.status == "disabled"
    assert v1.disable_workflow(new).body.status == "disabled"
    refused(v1.workflow(uuid4()), status=404, slug="not-found")
    refused(v1.workflow("nonsense"), "workflow_id")
    assert (v1.versions("unknown").status, v1.versions("unknown").body.total) == (200, 0)


def test_workflows_are_listed_newest_first_and_an_empty_value_is_no_filter(v1: V1Client) -> None:
    name = f"wf-{uuid4()}"
    for version in ("1.0.0", "0.9.0"):
        v1.create_workflow(workflow(workflow_name=name, version=version))
    filters = ("status", "signal_type", "severity", "component", "environment", "priority", "latest_only", "offset")
    page = v1.workflows(name=name, **dict.fromkeys(filters, ""), limit="").body
    assert [one.version for one in page.workflows] == ["0.9.0", "1.0.0"]
    assert (page.limit, page.offset, page.total) == (100, 0, 2)
    assert v1.workflows(name="", limit=1).body.total >= 2


def test_a_search_echoes_its_filters_and_answers_with_flat_items(v1: V1Client) -> None:
    labels = {**L5, "signal_type": f"Signal-{uuid4()}"}
    filters = {**labels, "custom_labels": {"team": ["payments"]}, "detected_labels": {"gitOpsManaged": True}}
    created = v1.create_workflow(workflow(labels=labels, detected_labels={"gitOpsManaged": True})).body
    eventually_sync(lambda: v1.search({"filters": filters}).body.total_results == 1)
    reply = v1.search({"filters": filters, "top_k": 1}).body
    assert reply.filters == filters
    (match,) = reply.workflows
    assert (match.workflow_id, match.title, match.rank) == (created.workflow_id, created.name, 1)
    assert match.confidence == match.final_score == 0.51
    assert match.label_boost == 0.10
    refused(v1.search({"filters": filters, "top_k": 101}), "top_k")
    refused(v1.search({"filters": {}}), *L5)


def test_a_search_without_hits_is_an_answer(v1: V1Client) -> None:
    filters = {**L5, "signal_type": "Nothing"}
    reply = v1.search({"filters": filters}).body
    assert (reply.workflows, reply.total_results, reply.filters) == ([], 0, filters)


def test_the_three_states_of_health(v1: V1Client) -> None:
    assert (v1.health().body.status, v1.health().body.database) == ("healthy", "connected")
    assert (v1.ready().body.status, v1.live().body.status) == ("ready", "alive")


def test_five_hundred_stored_are_five_hundred_read(v1: V1Client) -> None:
    """As the buffered store of V1.0 does it: batches of 100, then pages by offset."""
    correlation = f"rr-{uuid4()}"
    stored = [
        event_id
        for _ in range(5)
        for event_id in v1.create_events([event(correlation_id=correlation) for _ in range(100)]).body.event_ids
    ]
    pages = [v1.events(correlation_id=correlation, limit=100, offset=offset).body for offset in range(0, 500, 100)]
    assert sorted(stored) == sorted(one.event_id for page in pages for one in page.data)
    assert len(set(stored)) == 500


def _twice(v1: V1Client, sent: dict[str, Any]) -> int:
    v1.create_event(sent)
    return v1.client.post("/api/v1/audit/events", json=sent).status_code


#: The rows of docs/compatibility.md: how each begins, a call that shows it, and the status that the row names.
DIFFERENCES: dict[str, tuple[Callable[[V1Client], int], int]] = {
    "Unknown query parameter": (lambda v1: v1.events(colour="red").status, 400),
    "Repeated query parameter": (lambda v1: v1.events(severity=["a", "b"]).status, 400),
    "Known member of a known payload with another type": (
        lambda v1: v1.create_event(event(event_data={"is_duplicate": "no"})).status,
        400,
    ),
    "`event_id` in a request": (lambda v1: _twice(v1, event(event_id=str(uuid4()))), 200),
    "`content_hash` that is not the SHA-256 of `content`": (
        lambda v1: v1.create_workflow(workflow(content_hash="0" * 64)).status,
        400,
    ),
    "More than 1000 events in a batch": (lambda v1: v1.create_events([event()] * 1001).status, 400),
    "Text with U+0000": (lambda v1: v1.create_event(event(event_action="a\0b")).status, 400),
    "Transition of a workflow's status that makes no sense": (
        lambda v1: (
            v1.update_workflow(
                v1.create_workflow(workflow(status="active")).body.workflow_id, {"status": "archived"}
            ).status
        ),
        409,
    ),
    "`Content-Type` other than JSON": (
        lambda v1: (
            v1.client.post("/api/v1/audit/events", content=b"{}", headers={"Content-Type": "text/plain"}).status_code
        ),
        415,
    ),
    "Body over 5 MiB": (
        lambda v1: v1.client.post("/api/v1/audit/events", json=event(event_data={"k": "x" * 6_000_000})).status_code,
        413,
    ),
}


@pytest.mark.parametrize("name", DIFFERENCES)
def test_what_differs_on_purpose_is_written_down_and_true(v1: V1Client, name: str) -> None:
    call, status = DIFFERENCES[name]
    assert call(v1) == status
    (row,) = [line for line in DOCUMENT.splitlines() if line.startswith(f"| {name} |")]
    assert str(status) in row


def test_every_row_that_names_a_status_is_tried_here() -> None:
    rows = re.findall(r"^\| (.+?) \|.*\b[2345][0-9]{2}\b.*\|$", DOCUMENT, re.MULTILINE)
    assert set(rows) == set(DIFFERENCES)
