"""PostgreSQL away: events are queued, and stored exactly once, without a restart, when it is back."""

from __future__ import annotations

from datetime import UTC, datetime
from uuid import uuid4

import psycopg

from tests.fixtures.awaiting import eventually_sync
from tests.fixtures.controlled import Controlled
from tests.fixtures.service import Service

EVENTS = "/api/v1/audit/events"


def event(**more: object) -> dict[str, object]:
    return {
        "version": "1.0",
        "event_type": "gateway.signal.received",
        "event_category": "gateway",
        "event_action": "received",
        "event_outcome": "success",
        "event_timestamp": datetime.now(UTC).isoformat(),
        "correlation_id": "outage",
        "event_data": {"k": "v"},
        **more,
    }


def test_events_taken_while_postgresql_is_away_are_stored_once_when_it_is_back(
    own_postgres: Controlled, queue_url: str
) -> None:
    with Service(database_url=own_postgres.url, redis_url=queue_url) as service:
        own_postgres.kill()
        sent = [event(event_id=str(uuid4())) for _ in range(5)]
        answers = [service.client.post(EVENTS, json=body) for body in sent]
        assert [answer.status_code for answer in answers] == [202] * 5
        assert answers[0].json()["message"] == "audit event queued for async processing"
        own_postgres.start()

        def stored() -> list[str]:
            with psycopg.connect(own_postgres.url) as connection:
                rows = connection.execute("SELECT event_id::text FROM audit_events WHERE correlation_id = 'outage'")
                return [row[0] for row in rows]

        eventually_sync(lambda: len(stored()) >= len(sent), timeout=20)
        assert sorted(stored()) == sorted(str(body["event_id"]) for body in sent)
        assert service.client.post(EVENTS, json=event()).status_code == 201
