"""Who wrote it is part of the event: set by the service, kept through the queue, and never a client's word."""

from __future__ import annotations

from typing import Any
from uuid import uuid4

import psycopg
import pytest

from access.keys import mint
from tests.fixtures.awaiting import eventually_sync
from tests.fixtures.controlled import Controlled
from tests.fixtures.credentials import AUDIENCE, ISSUER, Signer, jwks
from tests.fixtures.events import event_body
from tests.fixtures.service import Service, StartService

EVENTS = "/api/v1/audit/events"
NOTIFICATIONS = "/api/v1/audit/notifications"
SIGNER = Signer()
ACCESS = """
issuers: [{{issuer: {issuer}, audience: {audience}, jwks: '{jwks}', scopes_claim: scope}}]
grants:
  - {{subjects: [narrow], scopes: ['audit:write', 'audit:read'], categories: [gateway], namespaces: [mine]}}
  - {{subjects: [a, b], scopes: ['audit:write', 'audit:read']}}
"""


def by(subject: str, **more: str) -> dict[str, str]:
    return {"Authorization": f"Bearer {SIGNER.token(sub=subject)}", **more}


@pytest.fixture
def own_service(start_service: StartService, own_postgres: Controlled, tmp_path: Any) -> Service:
    (tmp_path / "jwks.json").write_bytes(jwks(SIGNER))
    access = tmp_path / "access.yaml"
    access.write_text(ACCESS.format(issuer=ISSUER, audience=AUDIENCE, jwks=tmp_path / "jwks.json"))
    return start_service(database_url=own_postgres.url, settings={"access_path": access, "bootstrap_key": BOOTSTRAP})


BOOTSTRAP = mint().text
ADMIN = {"Authorization": f"Bearer {BOOTSTRAP}"}


def test_who_recorded_it_is_the_services_word(own_service: Service, own_postgres: Controlled) -> None:
    client = own_service.client
    claimed = event_body({"correlation_id": "c", "recorded_by": "somebody else"})
    event_id = client.post(EVENTS, json=claimed, headers=by("a")).json()["event_id"]
    assert client.get(f"{EVENTS}/{event_id}", headers=by("a")).json()["recorded_by"] == "a"
    notification = {
        "notification_id": "n", "remediation_id": "r", "recipient": "x@example.com", "channel": "email",
        "message_summary": "m", "status": "sent", "sent_at": claimed["event_timestamp"], "recorded_by": "else",
    }  # fmt: skip
    assert client.post(NOTIFICATIONS, json=notification, headers=by("b")).json()["recorded_by"] == "b"
    assert client.get(NOTIFICATIONS, params={"recorded_by": "a"}, headers=by("a")).json()["data"] == []

    # One Idempotency-Key of two callers is two keys; repeated by the same caller it is one.
    body = event_body({"correlation_id": "keyed"})
    ids = [
        client.post(EVENTS, json=body, headers=by(who, **{"Idempotency-Key": "k"})).json()["event_id"]
        for who in ("a", "b", "a")
    ]
    assert ids[0] == ids[2] != ids[1]
    found = client.get(EVENTS, params={"correlation_id": "keyed", "recorded_by": "b"}, headers=by("a")).json()["data"]
    assert [event["event_id"] for event in found] == [ids[1]]

    # Content alone says whether an event is the same: recording it again under another name is no conflict.
    same = event_body({"correlation_id": "same", "event_id": str(uuid4())})
    assert [client.post(EVENTS, json=same, headers=by(who)).status_code for who in ("a", "b")] == [201, 200]

    # What is the service's own is nobody else's.
    for members, pointer in (
        ({"event_type": "datastorage.x"}, "event_type"),
        ({"actor_id": "datastorage"}, "actor_id"),
    ):
        refused = client.post(EVENTS, json=event_body({"correlation_id": "c", **members}), headers=ADMIN)
        assert (refused.status_code, refused.json()["errors"][0]["pointer"]) == (400, f"#/{pointer}")

    # A refused administrative call is an event of the service.
    assert client.post("/api/v1/dlq/dead-letters/replay", headers=by("a")).status_code == 403
    query = {"event_type": "datastorage.access.refused"}
    (told,) = eventually_sync(lambda: client.get(EVENTS, params=query, headers=ADMIN).json()["data"])
    assert (told["event_data"]["subject"], told["event_outcome"]) == ("a", "failure")
    assert (told["recorded_by"], told["actor_id"], told["resource_id"]) == (
        "datastorage",
        "datastorage",
        "replay_dead_letters",
    )

    # And through the queue.
    own_postgres.kill()
    queued = eventually_sync(
        lambda: next(
            (a.json() for a in [client.post(EVENTS, json=event_body({"correlation_id": "queued"}), headers=by("b"))]
             if a.status_code == 202), None,
        )
    )  # fmt: skip
    own_postgres.start()
    stored = eventually_sync(
        lambda: client.get(f"{EVENTS}/{queued['event_id']}", headers=by("a")).json().get("recorded_by"), timeout=60
    )
    assert stored == "b"


def test_a_grant_may_be_limited_to_categories_and_namespaces(own_service: Service, own_postgres: Controlled) -> None:
    client = own_service.client
    kinds = [("gateway", "mine"), ("gateway", "other"), ("gateway", None)]
    bodies = [event_body({"correlation_id": "c", "event_category": one, "namespace": where}) for one, where in kinds]
    ids = [client.post(EVENTS, json=one, headers=by("a")).json()["event_id"] for one in bodies]
    page = client.get(EVENTS, params={"correlation_id": "c"}, headers=by("narrow")).json()
    assert [event["event_id"] for event in page["data"]] == ids[:1]
    assert page["pagination"]["total"] == 1
    assert [client.get(f"{EVENTS}/{one}", headers=by("narrow")).status_code for one in ids] == [200, 404, 404]
    lines = client.get(EVENTS, headers=by("narrow", Accept="application/x-ndjson")).text
    assert lines.count("\n") == 1
    timeline = client.get("/api/v1/audit/correlations/c/timeline", headers=by("narrow")).json()
    assert len(timeline["events"]) == 1
    assert client.get(NOTIFICATIONS, headers=by("narrow")).status_code == 403
    foreign = event_body({"correlation_id": "c", "event_category": "workflow", "event_type": "workflow.x"})
    assert client.post(EVENTS, json=foreign, headers=by("narrow")).status_code == 403
    assert client.post(f"{EVENTS}/batch", json=[bodies[0], foreign], headers=by("narrow")).status_code == 403
    with psycopg.connect(own_postgres.url) as connection:
        assert connection.execute("SELECT count(*) FROM audit_events WHERE event_category = 'workflow'").fetchone() == (
            0,
        )
