"""A backlog that Data Storage V1.0 left in Redis is stored by the service that takes over, once."""

from __future__ import annotations

import base64
import json
from datetime import UTC, datetime
from typing import Any
from uuid import uuid4

import psycopg
import pytest
import redis

from tests.fixtures.awaiting import eventually_sync
from tests.fixtures.service import StartService

EVENTS, NOTIFICATIONS = "audit:dlq:events", "audit:dlq:notifications"
GROUP = "audit-retry-workers"
#: Content that must come through base64 digit by digit.
DATA = '{"signal_count": 18446744073709551617, "ratio": 0.1000000000000000055511151231257827, "text": "é"}'


def event(**members: Any) -> dict[str, Any]:
    """An event as V1.0 serialised it."""
    return {
        "event_id": str(uuid4()),
        "version": "1.0",
        "event_timestamp": f"{datetime.now(UTC):%Y-%m-%dT%H:%M:%S}.123456789Z",
        "event_type": "gateway.signal.received",
        "event_category": "gateway",
        "event_action": "received",
        "event_outcome": "success",
        "actor_type": "service",
        "actor_id": "gateway-service",
        "resource_type": "Signal",
        "resource_id": "fp-1",
        "correlation_id": "rr-v1",
        "event_data": base64.b64encode(DATA.encode()).decode(),
        "retention_days": 2555,
        "is_sensitive": False,
        **members,
    }


def notification(**members: Any) -> dict[str, Any]:
    at = f"{datetime.now(UTC):%Y-%m-%dT%H:%M:%SZ}"
    return {
        "id": 0,
        "remediation_id": "rr-v1",
        "notification_id": f"n-{uuid4()}",
        "recipient": "ops@example.com",
        "channel": "email",
        "message_summary": "done",
        "status": "sent",
        "sent_at": at,
        "escalation_level": 0,
        "created_at": "0001-01-01T00:00:00Z",
        "updated_at": "0001-01-01T00:00:00Z",
        **members,
    }


def queued(kind: str, payload: dict[str, Any], **more: Any) -> dict[str, str]:
    """The fields of an entry as V1.0 wrote them."""
    at = f"{datetime.now(UTC):%Y-%m-%dT%H:%M:%S}.987654321+01:00"
    envelope = {"type": kind, "payload": payload, "timestamp": at, "retry_count": 2, "last_error": "pq: down", **more}
    return {"message": json.dumps(envelope)}


def rows(url: str, statement: str) -> list[Any]:
    with psycopg.connect(url) as connection:
        return connection.execute(statement).fetchall()  # type: ignore[arg-type]


def dead(client: redis.Redis) -> int:
    return sum(int(client.xlen(f"audit:dead-letter:{name}")) for name in ("events", "notifications"))  # type: ignore[arg-type]


@pytest.fixture
def backlog(queue_url: str) -> Any:
    with redis.Redis.from_url(queue_url) as client:
        yield client


def test_every_entry_is_stored_once_whatever_v1_did_with_it(
    backlog: Any, start_service: StartService, database_url: str
) -> None:
    sent = [event(severity="critical", cluster_id="c-1", trace_id="t" * 40, duration_ms=7), event(), event()]
    told = [notification(delivery_status="250 OK"), notification(status="failed")]
    for one in (*sent, sent[2]):  # the last one twice, as after a retry of V1.0 that was cut short
        backlog.xadd(EVENTS, queued("audit_event", one))
    for one in told:
        backlog.xadd(NOTIFICATIONS, queued("notification_audit", one))
    backlog.xgroup_create(EVENTS, GROUP, id="0")
    backlog.xreadgroup(GROUP, "worker-1", {EVENTS: ">"}, count=2)  # in a worker's hands when V1.0 was stopped
    start_service()
    eventually_sync(lambda: backlog.xlen(EVENTS) + backlog.xlen(NOTIFICATIONS) == 0, timeout=30)
    assert dead(backlog) == 0
    stored = rows(
        database_url, "SELECT event_id::text, event_data::text FROM audit_events WHERE correlation_id = 'rr-v1'"
    )
    assert sorted(one for one, _ in stored) == sorted(one["event_id"] for one in sent)
    assert {json.dumps(json.loads(data), sort_keys=True) for _, data in stored} == {
        json.dumps(json.loads(DATA), sort_keys=True)
    }
    assert all("0.1000000000000000055511151231257827" in data for _, data in stored)
    first = "SELECT severity, cluster_name, trace_id, duration_ms FROM audit_events WHERE event_id = '{}'"
    assert rows(database_url, first.format(sent[0]["event_id"])) == [("critical", "c-1", None, 7)]
    found = rows(database_url, "SELECT notification_id, status, delivery_status, error_message FROM notification_audit")
    assert sorted(found) == sorted(
        (one["notification_id"], one["status"], one.get("delivery_status"), None) for one in told
    )


def test_what_can_never_be_stored_is_a_dead_letter_and_holds_up_nobody(
    backlog: Any, start_service: StartService, database_url: str
) -> None:
    good = event()
    backlog.xadd(EVENTS, {"message": "not JSON"})
    backlog.xadd(EVENTS, queued("audit_event", event(event_data="not base64!")))
    backlog.xadd(EVENTS, queued("something_else", event()))
    backlog.xadd(EVENTS, queued("audit_event", good))
    backlog.xadd(EVENTS, queued("audit_event", {**good, "event_outcome": "failure"}))
    start_service()
    eventually_sync(lambda: backlog.xlen(EVENTS) == 0, timeout=30)
    assert dead(backlog) == 4
    stored = rows(database_url, "SELECT event_id::text, event_outcome FROM audit_events WHERE correlation_id = 'rr-v1'")
    assert stored == [(good["event_id"], "success")]
