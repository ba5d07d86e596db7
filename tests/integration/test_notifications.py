"""Notifications against the running service: group E and D2 of the acceptance cases, paging, concurrency, outages."""

from __future__ import annotations

import json
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import uuid4

import httpx
import psycopg
import pytest
import redis

from tests.fixtures.awaiting import eventually_sync
from tests.fixtures.controlled import Controlled
from tests.fixtures.service import Service

PATH = "/api/v1/audit/notifications"
TYPE = "https://kubernaut.ai/problems/validation-error"


@pytest.fixture(scope="module")
def running(module_database_url: str, module_queue_url: str) -> Iterator[Service]:
    with Service(database_url=module_database_url, redis_url=module_queue_url) as service:
        yield service


@pytest.fixture
def service(running: Service) -> Service:
    """One service for the whole module, its table empty."""
    with psycopg.connect(running.database_url, autocommit=True) as connection:
        connection.execute("ALTER TABLE notification_audit DISABLE TRIGGER ALL")
        connection.execute("TRUNCATE notification_audit")
        connection.execute("ALTER TABLE notification_audit ENABLE ALWAYS TRIGGER notification_audit_append_only")
    return running


@pytest.fixture
def database_url(running: Service) -> str:
    return running.database_url


def notification(**more: object) -> dict[str, Any]:
    return {
        "notification_id": f"notif-{uuid4()}",
        "remediation_id": "rr-1",
        "recipient": "oncall@example.com",
        "channel": "email",
        "message_summary": "HighCPU: scaled out",
        "status": "sent",
        "sent_at": "2024-05-01T10:00:00Z",
        **more,
    }


def rows(url: str) -> list[dict[str, Any]]:
    with psycopg.connect(url, row_factory=psycopg.rows.dict_row, options="-c timezone=UTC") as connection:
        return connection.execute("SELECT * FROM notification_audit ORDER BY id").fetchall()


def post(service: Service, body: object) -> httpx.Response:
    return service.client.post(PATH, json=body)


def test_a_complete_record_is_stored_and_echoed(service: Service, database_url: str) -> None:
    """E1."""
    sent = notification(delivery_status="250 OK", error_message="none", escalation_level=3, other="ignored")
    answer = post(service, sent)
    assert answer.status_code == 201
    body = answer.json()
    assert body["id"] > 0
    assert body["created_at"]
    assert body["updated_at"]
    del sent["other"]
    assert {name: body[name] for name in sent} == sent
    (row,) = rows(database_url)
    assert row["sent_at"] == datetime(2024, 5, 1, 10, tzinfo=UTC)
    assert {name: row[name] for name in sent if name != "sent_at"} == {k: v for k, v in sent.items() if k != "sent_at"}
    assert service.client.get(answer.headers["Location"]).json() == body


def test_recipient_and_channel_alone_are_refused(service: Service, database_url: str) -> None:
    """E2."""
    answer = post(service, {"recipient": "a", "channel": "email"})
    assert answer.status_code == 400
    assert answer.headers["Content-Type"] == "application/problem+json"
    assert (answer.json()["type"], answer.json()["title"]) == (TYPE, "Validation Error")
    missing = {"notification_id", "remediation_id", "message_summary", "status", "sent_at"}
    assert set(answer.json()["field_errors"]) == missing
    assert rows(database_url) == []


def test_empty_optional_texts_are_stored_as_null_and_left_out(service: Service, database_url: str) -> None:
    """E4."""
    answer = post(service, notification(delivery_status="", error_message=""))
    assert answer.status_code == 201
    assert not {"delivery_status", "error_message"} & set(answer.json())
    (row,) = rows(database_url)
    assert (row["delivery_status"], row["error_message"]) == (None, None)


@pytest.mark.parametrize("name", ["notification_id", "remediation_id", "recipient", "message_summary"])
@pytest.mark.parametrize("blank", ["", "  ", "\t\n"])
def test_blanks_are_as_good_as_nothing(service: Service, name: str, blank: str) -> None:
    """E5."""
    answer = post(service, notification(**{name: blank}))
    assert answer.status_code == 400
    assert f"{name} is required" in answer.json()["field_errors"][name]


@pytest.mark.parametrize(
    ("name", "limit"),
    [
        ("recipient", 255),
        ("notification_id", 255),
        ("remediation_id", 255),
        ("message_summary", 1000),
        ("delivery_status", 255),
        ("error_message", 1000),
    ],
)
def test_texts_are_bounded(service: Service, name: str, limit: int) -> None:
    """E7, and the same for every text; characters count, not bytes."""
    assert post(service, notification(**{name: "é" * limit})).status_code == 201
    answer = post(service, notification(**{name: "é" * (limit + 1)}))
    assert answer.status_code == 400
    assert f"maximum string length is {limit}" in answer.json()["field_errors"][name]


@pytest.mark.parametrize(("level", "status"), [(-1, 400), (0, 201), (100, 201), (101, 400), (1.5, 400), (1.0, 201)])
def test_escalation_levels_are_bounded(service: Service, level: float, status: int) -> None:
    assert post(service, notification(escalation_level=level)).status_code == status


@pytest.mark.parametrize("channel", ["email", "slack", "pagerduty", "sms", "webhook", "teams", "console"])
def test_every_channel_is_taken(service: Service, channel: str) -> None:
    """E8."""
    assert post(service, notification(channel=channel)).status_code == 201


@pytest.mark.parametrize("status", ["sent", "failed", "pending", "acknowledged", "escalated"])
def test_every_status_is_taken(service: Service, status: str) -> None:
    assert post(service, notification(status=status)).status_code == 201


def test_an_unknown_word_is_named_beside_the_allowed_ones(service: Service) -> None:
    """E10."""
    faults = post(service, notification(channel="fax", status="lost")).json()["field_errors"]
    assert "email, slack, pagerduty, sms, webhook, teams, console" in faults["channel"]
    assert "fax" in faults["channel"]
    assert "sent, failed, pending, acknowledged, escalated" in faults["status"]
    assert "lost" in faults["status"]


@pytest.mark.parametrize(
    ("ahead", "status"),
    [(timedelta(minutes=10), 400), (timedelta(minutes=4), 201), (timedelta(days=-365), 201)],
)
def test_sent_at_may_be_old_but_not_in_the_future(service: Service, ahead: timedelta, status: int) -> None:
    """E11."""
    answer = post(service, notification(sent_at=(datetime.now(UTC) + ahead).isoformat()))
    assert answer.status_code == status
    if status == 400:
        assert "future" in answer.json()["field_errors"]["sent_at"]


def test_all_that_is_wrong_is_said_at_once(service: Service, database_url: str) -> None:
    """E13: schema and rules together."""
    wrong = {
        "notification_id": " ",
        "remediation_id": "",
        "recipient": "r" * 256,
        "channel": "fax",
        "message_summary": "m" * 1001,
        "status": "lost",
        "sent_at": (datetime.now(UTC) + timedelta(days=1)).isoformat(),
        "escalation_level": 101,
    }
    assert set(post(service, wrong).json()["field_errors"]) == set(wrong)
    assert rows(database_url) == []


@pytest.mark.parametrize("body", [b"{invalid json", b"[]", b'"text"', b"null", b""])
def test_a_body_that_is_no_object_is_refused(service: Service, body: bytes) -> None:
    """E14."""
    answer = service.client.post(PATH, content=body, headers={"Content-Type": "application/json"})
    assert answer.status_code == 400
    assert answer.headers["Content-Type"] == "application/problem+json"


@pytest.mark.parametrize("change", [{}, {"recipient": "somebody else"}])
def test_a_second_record_with_the_same_id_is_a_conflict(
    service: Service, database_url: str, change: dict[str, object]
) -> None:
    first = notification()
    assert post(service, first).status_code == 201
    answer = post(service, first | change)
    assert answer.status_code == 409
    problem = answer.json()
    assert problem["type"].endswith("/conflict")
    assert problem["title"] == "Resource Conflict"
    assert (problem["resource"], problem["field"], problem["value"]) == (
        "notification_audit",
        "notification_id",
        first["notification_id"],
    )
    assert len(rows(database_url)) == 1


@pytest.mark.parametrize("name", ["notification_id", "remediation_id", "recipient", "message_summary", "error_message"])
@pytest.mark.parametrize("escape", ["\\u0000", "\\ud800"], ids=["NUL", "surrogate"])
def test_a_text_that_cannot_be_kept_is_refused_where_it_stands(
    service: Service, database_url: str, name: str, escape: str
) -> None:
    body = json.dumps(notification(**{name: "@"})).replace('"@"', f'"a{escape}b"')
    answer = service.client.post(PATH, content=body, headers={"Content-Type": "application/json"})
    assert answer.status_code == 400
    (error,) = answer.json()["errors"]
    assert error["pointer"] == f"#/{name}"
    assert rows(database_url) == []


@pytest.mark.parametrize("notification_id", ["a/b", "/", "a//b/", "50 %", "ä?x=1#y", "a%2Fb", "+"])
def test_a_record_is_found_where_its_location_says(service: Service, notification_id: str) -> None:
    made = post(service, notification(notification_id=notification_id))
    assert made.status_code == 201
    found = service.client.get(made.headers["Location"])
    assert found.status_code == 200
    assert found.json() == made.json()


def test_records_and_conflicts_are_measured(service: Service) -> None:
    def value(name: str) -> float:
        lines = service.client.get("/metrics").text.splitlines()
        return sum(float(line.rpartition(" ")[2]) for line in lines if line.startswith(name))

    created = 'datastorage_audit_traces_total{service="notification-audit",status="success"}'
    refused = 'datastorage_audit_traces_total{service="notification-audit",status="failure"}'
    written = 'datastorage_write_duration_seconds_count{table="notification_audit"}'
    before = [value(name) for name in (created, refused, written)]
    same = notification()
    assert [post(service, same).status_code for _ in range(2)] == [201, 409]
    after = [value(name) for name in (created, refused, written)]
    assert [new - old for new, old in zip(after, before, strict=True)] == [1, 0, 2]


def test_of_concurrent_records_with_one_id_exactly_one_is_created(service: Service, database_url: str) -> None:
    with ThreadPoolExecutor(16) as pool:
        for _ in range(20):
            same = notification()
            statuses = sorted(answer.status_code for answer in pool.map(lambda body: post(service, body), [same] * 16))
            assert statuses == [201] + [409] * 15
    assert len(rows(database_url)) == 20


def test_lists_page_by_cursor_and_show_each_once(service: Service) -> None:
    when = "2024-05-01T10:00:00Z"
    made = [post(service, notification(sent_at=when, channel="slack")).json()["notification_id"] for _ in range(25)]
    post(service, notification(channel="sms"))
    address: str = f"{PATH}?channel=slack&limit=10&since=2024-05-01&until=2024-05-02"
    seen: list[str] = []
    while address:
        page = service.client.get(address)
        seen += [one["notification_id"] for one in page.json()["data"]]
        address = page.links["next"]["url"] if "next" in page.links else ""
        assert page.json()["pagination"]["has_more"] is bool(address)
    assert seen == made[::-1]


def test_filters_are_anded(service: Service) -> None:
    wanted = post(service, notification(remediation_id="rr-9", status="failed")).json()
    post(service, notification(remediation_id="rr-9"))
    post(service, notification(status="failed"))
    found = service.client.get(PATH, params={"remediation_id": "rr-9", "status": "failed"}).json()
    assert found["data"] == [wanted]
    assert found["pagination"] == {"limit": 50, "has_more": False, "next_cursor": None}


@pytest.mark.parametrize(
    ("query", "words"),
    [
        ("limit=0", "must be at least 1"),
        ("since=yesterday", "invalid time format"),
        ("channel=fax", "must be one of"),
        ("cursor=forged", "cursor"),
        ("nonsense=1", "unknown query parameter"),
    ],
)
def test_a_wrong_parameter_is_named(service: Service, query: str, words: str) -> None:
    answer = service.client.get(f"{PATH}?{query}")
    assert answer.status_code == 400
    assert words in answer.json()["detail"]
    assert query.partition("=")[0] in answer.json()["detail"]


@pytest.mark.parametrize(
    ("notification_id", "status"), [("nobody", 404), ("no/body", 404), ("", 400), ("n" * 256, 400)]
)
def test_an_unknown_or_malformed_notification_id_is_a_problem(
    service: Service, notification_id: str, status: int
) -> None:
    answer = service.client.get(f"{PATH}/{notification_id}")
    assert answer.status_code == status
    assert answer.headers["Content-Type"] == "application/problem+json"


def test_an_outage_queues_notifications_and_its_end_stores_them_once(own_postgres: Controlled, queue_url: str) -> None:
    """D2, and what follows: the replayed row equals a direct one, member by member."""
    with Service(database_url=own_postgres.url, redis_url=queue_url) as service:
        members = {"delivery_status": "550", "error_message": "näh\u2028", "escalation_level": 7, "status": "failed"}
        direct = post(service, notification(**members)).json()
        own_postgres.kill()
        sent = [notification(**members) for _ in range(5)]
        answers = [post(service, body) for body in sent]
        assert [answer.status_code for answer in answers] == [202] * 5
        accepted = {"status": "accepted", "message": "audit record queued for processing"}
        assert answers[0].json() == accepted | {"notification_id": sent[0]["notification_id"]}
        with redis.Redis.from_url(queue_url) as client:
            assert client.xlen("audit:dlq:notifications") == 5
        assert post(service, sent[0]).status_code == 202, "repeated with the same content it stays queued once"
        assert post(service, sent[0] | {"recipient": "other"}).status_code == 409
        own_postgres.start()
        eventually_sync(lambda: len(rows(own_postgres.url)) == 6, timeout=20)
        own = {"id", "notification_id", "created_at", "updated_at"}
        replayed = service.client.get(f"{PATH}/{sent[0]['notification_id']}").json()
        assert {k: v for k, v in replayed.items() if k not in own} == {k: v for k, v in direct.items() if k not in own}
        assert sorted(row["notification_id"] for row in rows(own_postgres.url)) == sorted(
            [direct["notification_id"], *(body["notification_id"] for body in sent)]
        )
        assert post(service, sent[0]).status_code == 409
