"""The typed client against the real service: every operation of the contract, and pages, streams and errors."""

import hashlib
import re
from collections import Counter
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from pathlib import Path
from uuid import uuid4

import pytest
import yaml

from datastorage_client import AsyncClient, Client
from datastorage_client.errors import ConflictError, NotFoundError, ProblemError, ValidationError
from datastorage_client.generated import models
from tests.fixtures.events import event_body
from tests.fixtures.service import Service

CONTRACT = yaml.safe_load((Path(__file__).parents[2] / "openapi" / "data-storage-v1.yaml").read_text())
METHODS = {"get", "post", "put", "patch", "delete"}
#: Operations for monitoring systems, which bring their own clients.
#: For probes, for Prometheus, and for those who verify the log (`datastorage verify`).
NOT_FOR_CLIENTS = {
    ("get", "/metrics"),
    ("get", "/health/live"),
    ("get", "/api/v1/log"),
    ("get", "/api/v1/log/checkpoint"),
    ("get", "/api/v1/log/tile/{tile}"),
    ("get", "/api/v1/audit/events/{event_id}/proof"),
}


@pytest.fixture(scope="module")
def url(module_database_url, module_queue_url):
    with Service(database_url=module_database_url, redis_url=module_queue_url) as service:
        yield service.url


@pytest.fixture
def client(url):
    with Client(url) as opened:
        yield opened


@pytest.fixture
def correlation_id():
    return f"client-{uuid4()}"


def written(client, correlation_id, count):
    start = datetime.now(UTC) - timedelta(seconds=max(300, count))
    bodies = [
        event_body({
            "correlation_id": correlation_id,
            "event_data": {"n": n},
            "event_timestamp": start + timedelta(seconds=n),
        })
        for n in range(count)
    ]  # fmt: skip
    result = client.create_events(bodies)
    return [str(one.event_id) for one in result.results]


def test_an_event_is_created_read_and_followed(client, correlation_id):
    made = client.create_event(event_body({"correlation_id": correlation_id}))
    assert isinstance(made, models.EventCreated)
    found = client.get_event(made.event_id)
    assert found.correlation_id == correlation_id
    assert found.event_data.to_dict() == {"k": "v"}
    assert client.get_receipt(str(made.event_id)).state == "stored"


def test_pages_come_as_one_iterator(client, correlation_id):
    ids = written(client, correlation_id, 7)
    found = [str(event.event_id) for event in client.events(correlation_id=correlation_id, page_size=2, order="asc")]
    assert found == ids
    newest = client.event_page(correlation_id=correlation_id, limit=2, offset=1)
    assert [str(event.event_id) for event in newest.data] == [ids[5], ids[4]]
    assert (newest.pagination.total, newest.pagination.has_more) == (7, True)


def test_filters_are_sent(client, correlation_id):
    ids = written(client, correlation_id, 5)
    since = datetime.now(UTC) - timedelta(minutes=5) + timedelta(seconds=1.5)
    found = client.events(correlation_id=correlation_id, data={"n": 3}, since=since, event_type="gateway.*")
    assert [str(event.event_id) for event in found] == [ids[3]]


def test_an_export_streams_every_event(client, correlation_id):
    ids = written(client, correlation_id, 1000)
    found = [str(event.event_id) for event in client.export_events(correlation_id=correlation_id, order="asc")]
    assert found == ids


def test_an_export_takes_no_other_character_for_the_end_of_a_line(client, correlation_id):
    odd = "a\u0085b\u2028c\u2029d"
    client.create_event(event_body({"correlation_id": correlation_id, "actor_id": odd}))
    assert [event.actor_id for event in client.export_events(correlation_id=correlation_id)] == [odd]


def test_a_timeline_comes_whole(client, correlation_id):
    ids = written(client, correlation_id, 600)  # a page has 500
    whole = client.timeline(correlation_id)
    assert [str(one.event.event_id) for one in whole.events] == ids
    assert whole.summary.events == 600


def test_digits_survive_both_ways(url, correlation_id):
    number = Decimal("0.1000000000000000055511151231257827")
    with Client(url, parse_float=Decimal) as exact:
        made = exact.create_event(event_body({"correlation_id": correlation_id, "event_data": {"n": number}}))
        assert exact.get_event(made.event_id).event_data["n"] == number
        assert [event.event_data["n"] for event in exact.export_events(correlation_id=correlation_id)] == [number]


def test_errors_of_the_service_are_exceptions(client, correlation_id):
    with pytest.raises(NotFoundError):
        client.get_event(uuid4())
    old = event_body({"correlation_id": correlation_id, "event_timestamp": "2020-01-01T00:00:00Z"})
    with pytest.raises(ValidationError, match="too old") as caught:
        client.create_events([event_body({"correlation_id": correlation_id}), old])
    assert [error.pointer for error in caught.value.errors] == ["#/1/event_timestamp"]
    assert list(client.events(correlation_id=correlation_id)) == []
    lenient = client.create_events([event_body({"correlation_id": correlation_id}), old], lenient=True)
    assert [one.status for one in lenient.results] == ["created", "rejected"]


def workflow(name, version):
    content = f"{name} {version}\n"
    labels = {"signal_type": name, "severity": "high", "component": "pod", "environment": "test", "priority": "P1"}
    return models.WorkflowRequest.from_dict({
        "workflow_name": name,
        "version": version,
        "name": name,
        "description": "d",
        "content": content,
        "content_hash": hashlib.sha256(content.encode()).hexdigest(),
        "labels": labels,
        "execution_engine": "tekton",
        "status": "active",
    })  # fmt: skip


def notification(remediation_id):
    return models.NotificationRequest.from_dict({
        "notification_id": str(uuid4()),
        "remediation_id": remediation_id,
        "recipient": "oncall@example.com",
        "channel": "email",
        "message_summary": "s",
        "status": "sent",
        "sent_at": datetime.now(UTC).isoformat(),
    })  # fmt: skip


def use_everything(client, correlation_id):
    """Call every method once."""
    made = client.create_event(event_body({"correlation_id": correlation_id}))
    written(client, correlation_id, 3)
    client.get_event(made.event_id)
    client.get_receipt(made.event_id)
    assert len(list(client.events(correlation_id=correlation_id))) == 4
    client.timeline(correlation_id)

    sent = client.create_notification(notification(correlation_id))
    assert client.get_notification(sent.notification_id).remediation_id == correlation_id
    assert len(list(client.notifications(remediation_id=correlation_id))) == 1

    one = client.create_workflow(workflow(correlation_id, "1.0.0"))
    client.create_workflows([workflow(correlation_id, "1.1.0")])
    with pytest.raises(ConflictError):
        client.create_workflow(workflow(correlation_id, "1.0.0"))
    assert client.get_workflow(one.workflow_id).version == "1.0.0"
    assert {found.version for found in client.workflows(signal_type=correlation_id)} == {"1.0.0", "1.1.0"}
    assert len(client.workflow_versions(correlation_id).versions) == 2
    client.update_workflow(one.workflow_id, models.WorkflowChange(deprecation_notice="soon"))
    assert client.disable_workflow(one.workflow_id, reason="r").status == "disabled"
    filters = workflow(correlation_id, "1.0.0").labels.to_dict()
    found = client.search_workflows(models.WorkflowSearchRequest.from_dict({"filters": filters}))
    assert found.total_results == 1

    scope = models.LegalHoldScope(correlation_id=correlation_id)
    held = client.place_legal_hold(models.LegalHoldRequest(matter="m", reason="r", scope=scope))
    assert held.hold_id in {hold.hold_id for hold in client.legal_holds("in_force")}
    assert client.release_legal_hold(held.hold_id, "over").release_reason == "over"
    assert held.hold_id in {hold.hold_id for hold in client.legal_holds("released")}

    assert {stream.name for stream in client.queues().streams}
    assert list(client.dead_letters("events")) == []
    client.replay_dead_letters()
    for call in (client.get_dead_letter, client.replay_dead_letter):
        with pytest.raises(NotFoundError):
            call("events-1-0")
    with pytest.raises(NotFoundError):
        client.discard_dead_letter("events-1-0", "r")
    assert client.partitions().partitions
    assert client.health().status == "healthy"
    assert client.ready().status in {"ready", "degraded"}


def test_every_operation_of_the_contract_can_be_called(url, correlation_id):
    called = Counter()
    hooks = {"request": [lambda request: called.update([(request.method.lower(), request.url.path)])]}
    with Client(url, client_options={"event_hooks": hooks}) as client:
        use_everything(client, correlation_id)
    for path, item in CONTRACT["paths"].items():
        template = re.compile(re.sub(r"\{[^}]+\}", "[^/]+", path))
        for method in METHODS & item.keys():
            if (method, path) in NOT_FOR_CLIENTS:
                continue
            assert any(m == method and template.fullmatch(p) for m, p in called), f"{method} {path}"


async def test_the_asyncio_client_reads_what_it_wrote(url, correlation_id):
    async with AsyncClient(url) as client:
        await client.create_events([event_body({"correlation_id": correlation_id}) for _ in range(5)])
        assert len([event async for event in client.events(correlation_id=correlation_id, page_size=2)]) == 5
        assert len([event async for event in client.export_events(correlation_id=correlation_id)]) == 5
        assert (await client.timeline(correlation_id)).summary.events == 5
        with pytest.raises(ProblemError):
            await client.get_event(uuid4())
