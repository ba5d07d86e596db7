"""A grant that reads some namespaces or clusters only: every operation that shows events, asked about a foreign one."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import ExitStack
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any
from uuid import UUID, uuid4

import httpx
import msgspec
import psycopg
import pytest

from access.keys import mint
from datastorage.edge import load_spec
from datastorage.edge.contract import Contract
from dlq import Item
from tests.fixtures.awaiting import eventually_sync
from tests.fixtures.credentials import AUDIENCE, ISSUER, Signer, jwks
from tests.fixtures.dead_letters import inject
from tests.fixtures.events import event_body
from tests.fixtures.service import Service

CONTRACT = Contract(load_spec()[1])
EVENTS = "/api/v1/audit/events"
NOTIFICATIONS = "/api/v1/audit/notifications"
#: In every event that the limited readers may not read, and in no other.
MARK = "foreign-to-you"
SIGNER = Signer()
ALL = "['audit:write', 'audit:read', 'ops:read', 'catalog:read']"
ACCESS = f"""
issuers: [{{issuer: {ISSUER}, audience: {AUDIENCE}, jwks: '{{jwks}}'}}]
grants:
  - {{subjects: [of-namespace], scopes: {ALL}, namespaces: [mine]}}
  - {{subjects: [of-cluster], scopes: {ALL}, clusters: [mine]}}
  - {{subjects: [everywhere], scopes: {ALL}}}
"""
LIMITED = ("of-namespace", "of-cluster")
ACCEPT = ("application/json", "application/x-ndjson", "text/csv")


class Seeded(msgspec.Struct):
    """A service whose trail holds events of both places."""

    service: Service
    mine: list[str]
    foreign: list[str]
    queued: str
    letter: str

    def ask(self, subject: str, path: str, accept: str = "*/*", **params: Any) -> httpx.Response:
        headers = {"Authorization": f"Bearer {SIGNER.token(sub=subject)}", "Accept": accept}
        return self.service.client.get(path, params=params, headers=headers)


def placed(where: str, **members: object) -> dict[str, Any]:
    mark = {} if where == "mine" else {"actor_id": MARK, "error_message": MARK, "event_data": {"secret": MARK}}
    return event_body({"namespace": where, "cluster_name": where, "correlation_id": "both", **mark, **members})


@pytest.fixture(scope="module")
def seeded(
    module_database_url: str, module_queue_url: str, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Seeded]:
    folder: Path = tmp_path_factory.mktemp("access")
    (folder / "jwks.json").write_bytes(jwks(SIGNER))
    (folder / "access.yaml").write_text(ACCESS.replace("{jwks}", str(folder / "jwks.json")))
    settings = {"access_path": folder / "access.yaml", "bootstrap_key": mint().text}
    with ExitStack() as stack:
        service = Service(database_url=module_database_url, redis_url=module_queue_url, settings=settings)
        stack.callback(service.close)
        yield seed(service.start(), module_database_url, module_queue_url)


def seed(service: Service, database_url: str, queue_url: str) -> Seeded:
    began = datetime.now(UTC) - timedelta(minutes=5)
    headers = {"Authorization": f"Bearer {SIGNER.token(sub='everywhere')}"}
    ids: dict[str, list[str]] = {"mine": [], "foreign": []}
    parent = None
    for number in range(6):  # each the parent of the next, in turn in both places
        where = ("foreign", "mine")[number % 2]
        body = placed(
            where,
            event_id=str(uuid4()),
            event_timestamp=(began + timedelta(seconds=number)).isoformat(),
            **({"parent_event_id": parent} if parent else {}),
        )
        parent = body["event_id"]
        ids[where].append(parent)
        assert service.client.post(EVENTS, json=body, headers=headers).status_code == 201
    notification = {
        "notification_id": MARK, "remediation_id": "r", "recipient": "x@example.com", "channel": "email",
        "message_summary": MARK, "status": "sent", "sent_at": began.isoformat(),
    }  # fmt: skip
    assert service.client.post(NOTIFICATIONS, json=notification, headers=headers).status_code == 201
    queued = str(uuid4())  # a dead letter, which a receipt looks up where the queue's entries are
    letter = {"event_id": queued, "namespace": "foreign", "cluster_name": "foreign", "secret": MARK}
    inject(queue_url, Item(id=queued, digest="d", payload=msgspec.json.encode(letter)))

    with psycopg.connect(database_url) as connection:
        columns = "hold_id, matter, reason, actor_id, second_person"
        connection.execute(f"INSERT INTO legal_holds ({columns}) VALUES (%s, 'm', 'r', %s, false)", [uuid4(), MARK])

    def letters() -> Any:
        return service.client.get("/api/v1/dlq/dead-letters", headers=headers).json()["data"]

    (found,) = eventually_sync(letters)
    eventually_sync(lambda: sealed(database_url) >= 6)
    return Seeded(service, ids["mine"], ids["foreign"], queued, found["id"])


def sealed(database_url: str) -> int:
    with psycopg.connect(database_url) as connection:
        row = connection.execute("SELECT coalesce(max(size), 0) FROM evidence_batches").fetchone()
    return int(row[0]) if row else 0


def requests_of(operation: str, seeded: Seeded) -> list[tuple[str, dict[str, Any]]]:
    """What to ask of an operation that shows events or notifications."""
    pages = [{}, {"limit": 2}, {"correlation_id": "both"}, {"data": f'{{"secret":"{MARK}"}}'}, {"actor_id": MARK}]
    event = f"{EVENTS}/{seeded.foreign[0]}"
    asked: dict[str, list[tuple[str, dict[str, Any]]]] = {
        "query_audit_events": [(EVENTS, {**page, "order": order}) for page in pages for order in ("asc", "desc")],
        "get_audit_event": [(event, {})],
        "get_audit_event_receipt": [(f"{event}/receipt", {}), (f"{EVENTS}/{seeded.queued}/receipt", {})],
        "get_audit_event_proof": [(f"{event}/proof", {})],
        "get_correlation_timeline": [
            ("/api/v1/audit/correlations/both/timeline", {"limit": limit}) for limit in (1, 2, 500)
        ],
        "list_notifications": [(NOTIFICATIONS, {})],
        "get_notification": [(f"{NOTIFICATIONS}/{MARK}", {})],
        "get_dead_letter": [(f"/api/v1/dlq/dead-letters/{seeded.letter}", {})],
        "list_legal_holds": [("/api/v1/audit/holds", {})],
    }
    return asked[operation]


SHOW_RECORDS = (
    "query_audit_events",
    "get_audit_event",
    "get_audit_event_receipt",
    "get_audit_event_proof",
    "get_correlation_timeline",
    "list_notifications",
    "get_notification",
    "get_dead_letter",
    "list_legal_holds",
)
#: Reads that show no member of an event: states, counts, the catalog; and the log's hashes, which hold every event's.
SHOW_NONE = {
    "get_dlq", "list_dead_letters", "list_partitions", "get_metrics", "get_health", "get_health_live",
    "get_health_ready", "list_workflows", "get_workflow", "list_workflow_versions", "get_log", "get_log_checkpoint",
    "get_log_tile",
}  # fmt: skip


def test_every_read_of_the_contract_is_looked_at_here() -> None:
    reads = {name for name, operation in CONTRACT.operations.items() if operation.method == "GET"}
    assert reads == {*SHOW_RECORDS, *SHOW_NONE}


@pytest.mark.parametrize("operation", SHOW_RECORDS)
def test_what_is_elsewhere_is_not_there(seeded: Seeded, operation: str) -> None:
    for path, params in requests_of(operation, seeded):
        for accept in ACCEPT if operation == "query_audit_events" else ("*/*",):
            told = seeded.ask("everywhere", path, accept, **params)
            assert told.status_code == 200, told.text
            assert tells(told.text, seeded), "whoever reads everything is told of it"
            for subject in LIMITED:
                answer = seeded.ask(subject, path, accept, **params)
                assert answer.status_code in {200, 403, 404}, answer.text
                assert not tells_of_content(answer, seeded), answer.text


def tells(text: str, seeded: Seeded) -> bool:
    return MARK in text or any(one in text for one in [*seeded.foreign, seeded.queued])


def tells_of_content(answer: httpx.Response, seeded: Seeded) -> bool:
    """The id that was asked for may be repeated in a refusal; that an event's link names its parent is its own."""
    if answer.status_code != 200:
        return MARK in answer.json()["detail"].replace(f"notification {MARK}", "")
    if answer.headers["content-type"].startswith("application/json"):
        return MARK in answer.text or any(one in seeded.foreign for one in ids_in(answer.json()))
    return MARK in answer.text


def ids_in(document: Any) -> Iterator[str]:
    if isinstance(document, dict):
        if "event_id" in document:
            yield document["event_id"]
        document = list(document.values())
    if isinstance(document, list):
        for one in document:
            yield from ids_in(one)


@pytest.mark.parametrize("subject", LIMITED)
def test_totals_and_summaries_count_what_the_reader_reads(seeded: Seeded, subject: str) -> None:
    page = seeded.ask(subject, EVENTS, correlation_id="both", limit=1).json()
    assert page["pagination"]["total"] == 3
    timeline = seeded.ask(subject, "/api/v1/audit/correlations/both/timeline", limit=1).json()
    assert timeline["summary"]["events"] == 3
    assert MARK not in timeline["summary"]["services"]


@pytest.mark.parametrize("subject", LIMITED)
def test_depths_end_at_a_parent_that_the_reader_does_not_read(seeded: Seeded, subject: str) -> None:
    path = "/api/v1/audit/correlations/both/timeline"
    depths = [one["depth"] for one in seeded.ask("everywhere", path, limit=1).json()["events"]]
    assert depths == [0]
    assert [one["depth"] for one in seeded.ask(subject, path).json()["events"]] == [0, 0, 0]
    assert [one["depth"] for one in seeded.ask("everywhere", path).json()["events"]] == [0, 1, 2, 3, 4, 5]


@pytest.mark.parametrize("subject", LIMITED)
def test_the_receipt_of_what_the_caller_recorded_is_there_wherever_it_is(seeded: Seeded, subject: str) -> None:
    headers = {"Authorization": f"Bearer {SIGNER.token(sub=subject)}"}
    event_id = str(UUID(int=uuid4().int))
    answer = seeded.service.client.post(EVENTS, json=placed("foreign", event_id=event_id), headers=headers)
    assert answer.status_code == 201
    assert seeded.ask(subject, f"{EVENTS}/{event_id}/receipt").json()["state"] == "stored"
    assert seeded.ask(subject, f"{EVENTS}/{event_id}").status_code == 404
