"""What the database refuses the service's own login, however the service is made to try."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, date, datetime
from uuid import uuid4

import httpx
import psycopg
import pytest
from psycopg.conninfo import conninfo_to_dict, make_conninfo
from psycopg.rows import scalar_row

from repository import migrations
from repository.errors import RepositoryError
from repository.partitions import keep_months, make_month
from repository.roles import excess_rights
from tests.fixtures.awaiting import eventually_sync
from tests.fixtures.database import fresh_database
from tests.fixtures.events import event_body
from tests.fixtures.service import Service, StartService

EVENTS = "/api/v1/audit/events"
MONTH = f"audit_events_{datetime.now(UTC):%Y_%m}"


class Roles:
    """One database with its three logins."""

    def __init__(self, admin: str, owner: str, writer: str, reader: str) -> None:
        self.admin, self.owner, self.writer, self.reader = admin, owner, writer, reader


@pytest.fixture(scope="module")
def roles(postgres_url: str) -> Iterator[Roles]:
    suffix = uuid4().hex[:8]
    names = [f"ds_{kind}_{suffix}" for kind in ("owner", "writer", "reader")]
    with psycopg.connect(postgres_url, autocommit=True) as admin:
        for name in names:
            admin.execute(f"CREATE ROLE {name} LOGIN PASSWORD 'secret'")
        try:
            with fresh_database(postgres_url) as url:
                database = conninfo_to_dict(url)["dbname"]
                admin.execute(f"ALTER DATABASE {database} OWNER TO {names[0]}")
                addresses = [make_conninfo(url, user=name, password="secret") for name in names]
                migrations.migrate(addresses[0], writer=names[1], reader=names[2])
                yield Roles(url, *addresses)
        finally:
            for name in names:
                admin.execute(f"DROP ROLE {name}")


@pytest.fixture(scope="module")
def written(roles: Roles, module_queue_url: str) -> Iterator[Service]:
    """A service that has nothing but the writer's login, and has written one record of each kind."""
    with Service(database_url=roles.writer, redis_url=module_queue_url) as service:
        created = service.client.post(EVENTS, json=event_body({"correlation_id": "c"}))
        assert created.status_code == 201, created.text
        notification = {
            "notification_id": "n", "remediation_id": "r", "recipient": "x@example.com", "channel": "email",
            "message_summary": "m", "status": "sent", "sent_at": datetime.now(UTC).isoformat(),
        }  # fmt: skip
        assert service.client.post("/api/v1/audit/notifications", json=notification).status_code == 201
        yield service


FORBIDDEN = {
    "update an event": "UPDATE audit_events SET severity = 'low'",
    "update an event in its month": f"UPDATE {MONTH} SET severity = 'low'",
    "delete events": "DELETE FROM audit_events",
    "delete events in their month": f"DELETE FROM {MONTH}",
    "truncate the trail": "TRUNCATE audit_events",
    "truncate a month": f"TRUNCATE {MONTH}",
    "drop the trail": "DROP TABLE audit_events CASCADE",
    "drop a month": f"DROP TABLE {MONTH}",
    "detach a month": f"ALTER TABLE audit_events DETACH PARTITION {MONTH}",
    "alter the trail": "ALTER TABLE audit_events ADD COLUMN more text",
    "disable the trigger": "ALTER TABLE audit_events DISABLE TRIGGER audit_events_append_only",
    "disable a month's triggers": f"ALTER TABLE {MONTH} DISABLE TRIGGER ALL",
    "replace the trigger's function": "CREATE OR REPLACE FUNCTION audit_events_refuse_change() RETURNS trigger"
    " LANGUAGE plpgsql AS 'BEGIN RETURN NULL; END'",
    "make triggers sleep": "SET session_replication_role = replica",
    "run a program": "COPY (SELECT 1) TO PROGRAM 'true'",
    "read a file": "SELECT pg_read_file('/etc/passwd')",
    "choose when it was recorded": f"INSERT INTO audit_events (event_id, recorded_at) VALUES ('{uuid4()}', now())",
    "choose how long it is kept": f"INSERT INTO audit_events (event_id, retention_days) VALUES ('{uuid4()}', 1)",
    "update a notification": "UPDATE notification_audit SET status = 'failed'",
    "delete a notification": "DELETE FROM notification_audit",
    "truncate notifications": "TRUNCATE notification_audit",
    "delete a workflow": "DELETE FROM remediation_workflow_catalog",
    "make a key": "INSERT INTO access_keys (key_id, name, secret_sha256, scopes)"
    " VALUES ('a', 'a', sha256('a'), '{ops:admin}')",
    "widen a key": "UPDATE access_keys SET scopes = '{ops:admin}'",
    "forget a migration": "DELETE FROM _yoyo_migration",
    "make a table": "CREATE TABLE public.mine (a int)",
    "become the owner": "SET ROLE pg_database_owner",
    "take a legal hold back": "DELETE FROM legal_holds",
    "narrow a legal hold": "UPDATE legal_holds SET until = now()",
    "take a release back": "DELETE FROM legal_hold_releases",
    "date a legal hold back": "INSERT INTO legal_holds (hold_id, placed_at) VALUES (gen_random_uuid(), now())",
    "erase": "SELECT audit_event_erase(gen_random_uuid(), gen_random_uuid(), '{/event_data}', 'o', 'r')",
    "say that it was erased": "INSERT INTO audit_erasures (erasure_id) VALUES (gen_random_uuid())",
    "write a tombstone": "INSERT INTO evidence_tombstones (month, note) VALUES ('2019-03-01', 'x')",
    "change what is sealed": "DELETE FROM evidence_batches",
}


@pytest.mark.parametrize("statement", FORBIDDEN.values(), ids=FORBIDDEN.keys())
def test_the_writer_may_not(roles: Roles, written: Service, statement: str) -> None:
    with (
        psycopg.connect(roles.writer) as connection,
        pytest.raises((psycopg.errors.InsufficientPrivilege, psycopg.errors.ConfigurationLimitExceeded)),
    ):
        connection.execute(statement)


@pytest.mark.parametrize(
    "statement",
    [
        "UPDATE audit_events SET severity = 'low'",
        f"DELETE FROM {MONTH}",
        "TRUNCATE audit_events",
        f"TRUNCATE {MONTH}",
        "UPDATE notification_audit SET status = 'failed'",
        "DELETE FROM notification_audit",
        "TRUNCATE notification_audit",
        "DELETE FROM legal_holds",
        "DELETE FROM evidence_tombstones",
        "TRUNCATE audit_erasures",
        "TRUNCATE legal_holds CASCADE",
        "UPDATE legal_hold_releases SET reason = 'x'",
    ],
)
def test_not_even_a_session_without_plain_triggers_changes_what_was_recorded(
    roles: Roles, written: Service, statement: str
) -> None:
    with psycopg.connect(roles.admin) as superuser:
        superuser.execute("SET session_replication_role = replica")
        with pytest.raises(psycopg.errors.CheckViolation, match="append-only"):
            superuser.execute(statement)


def test_the_reader_reads_and_does_nothing_else(roles: Roles, written: Service) -> None:
    with psycopg.connect(roles.reader, autocommit=True, row_factory=scalar_row) as connection:
        assert connection.execute("SELECT count(*) FROM audit_events").fetchone() == 1
        for statement in (
            "INSERT INTO notification_audit (notification_id) VALUES ('x')",
            "SELECT secret_sha256 FROM access_keys",
            "SELECT audit_events_make_month('2030-01-01')",
            "DELETE FROM audit_events",
        ):
            with pytest.raises(psycopg.errors.InsufficientPrivilege):
                connection.execute(statement)


def test_the_service_does_all_its_work_as_the_writer(roles: Roles, written: Service) -> None:
    client = written.client
    events = [event_body({"correlation_id": "batch", "event_id": str(uuid4())}) for _ in range(3)]
    assert client.post(f"{EVENTS}/batch", json=events).status_code == 201
    assert client.post(f"{EVENTS}/batch", json=events).status_code == 200, "a repeated batch is found by its ids"
    assert len(client.get(EVENTS, params={"correlation_id": "batch"}).json()["data"]) == 3
    assert client.get("/api/v1/audit/correlations/batch/timeline").status_code == 200
    assert client.get("/api/v1/audit/notifications").json()["data"][0]["notification_id"] == "n"
    assert client.get("/api/v1/partitions").status_code == 200
    workflow = {
        "workflow_name": "w", "version": "1.0.0", "name": "W", "description": "d", "content": "c",
        "content_hash": "2e7d2c03a9507ae265ecf5b5356885a53393a2029d241394997265a1a25aefc6", "status": "active",
        "execution_engine": "tekton",
        "labels": {"signal_type": "s", "severity": "high", "component": "c", "environment": "e", "priority": "P0"},
    }  # fmt: skip
    created = client.post("/api/v1/workflows", json=workflow)
    assert created.status_code == 201, created.text
    assert client.patch(f"/api/v1/workflows/{created.json()['workflow_id']}/disable").status_code == 200
    eventually_sync(lambda: client.get(EVENTS, params={"event_type": "datastorage.workflow.*"}).json()["data"])
    hold = {"matter": "m", "reason": "r", "scope": {"correlation_id": "batch"}}
    placed = client.post("/api/v1/audit/holds", json=hold)
    assert placed.status_code == 201, placed.text
    release = f"/api/v1/audit/holds/{placed.json()['hold_id']}/release"
    assert client.post(release, json={"reason": "over"}).status_code == 200
    assert client.get("/health/ready").json()["status"] == "ready"
    assert "can do more than write and read" not in written.log()


def test_the_writer_makes_months_through_the_owners_function_and_they_are_as_protected(roles: Roles) -> None:
    far = date(2031, 5, 1)
    assert make_month(roles.writer, far)
    assert keep_months(roles.writer, date(2031, 6, 15), 3) != []
    with psycopg.connect(roles.admin, row_factory=scalar_row) as connection:
        query = "SELECT tgenabled FROM pg_trigger WHERE tgrelid = %s::regclass AND tgname ~ 'append_only|truncate'"
        assert [*connection.execute(query, ["audit_events_2031_05"])] == ["A", "A"]
        owner = "SELECT pg_get_userbyid(relowner) FROM pg_class WHERE relname = 'audit_events_2031_05'"
        assert connection.execute(owner).fetchone() == conninfo_to_dict(roles.owner)["user"]


def test_migrating_again_takes_back_what_was_granted_beyond(roles: Roles) -> None:
    writer = str(conninfo_to_dict(roles.writer)["user"])
    with psycopg.connect(roles.owner) as owner:
        owner.execute(f"GRANT DELETE ON audit_events TO {writer}")
    assert excess_rights(roles.writer) == ["change or delete rows where the triggers are off"]
    migrations.migrate(roles.owner, writer=writer)
    assert excess_rights(roles.writer) == []


def test_migrate_names_a_login_that_postgresql_does_not_have(roles: Roles) -> None:
    with pytest.raises(RepositoryError, match='PostgreSQL has no login "nobody_made_it"'):
        migrations.migrate(roles.owner, writer="nobody_made_it")


def test_one_address_for_everything_works_and_says_what_it_gives_up(start_service: StartService) -> None:
    service = start_service()
    assert service.client.post(EVENTS, json=event_body({"correlation_id": "c"})).status_code == httpx.codes.CREATED
    assert "can do more than write and read" in service.log()
    assert "drop months and disable triggers" in service.log()
