"""Migrations expand first: programs of an earlier schema go on writing and reading while a later one is made."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path
from uuid import uuid4

import psycopg
import pytest
from psycopg.types.json import Jsonb

from repository import migrations
from repository.partitions import label, next_month
from tests.fixtures.awaiting import eventually_sync

#: The last migration of the first schema that was released.
FIRST = "0021-workflow-catalog-triggers"
#: What the first release wrote and read: its columns, and no other.
EVENT = (
    "INSERT INTO audit_events (event_id, event_version, event_timestamp, event_date, event_type, event_category,"
    " event_action, event_outcome, actor_type, actor_id, resource_type, resource_id, correlation_id, event_data)"
    " VALUES (%s, '1.0', %s, %s, 't', 'gateway', 'a', 'success', 's', 'a', 'r', 'r', 'old', '{}')"
)
NOTIFICATION = (
    "INSERT INTO notification_audit (notification_id, remediation_id, recipient, channel, message_summary, status,"
    " sent_at, escalation_level) VALUES (%s, 'r', 'x', 'email', 'm', 'sent', now(), 0)"
)
WORKFLOW = (
    "INSERT INTO remediation_workflow_catalog (workflow_id, workflow_name, version, version_key, name, description,"
    " content, content_hash, labels, execution_engine, status) VALUES (%s, 'w', %s, %s, 'n', 'd', 'c', %s, %s, 'e',"
    " 'active')"
)


class OldRelease(threading.Thread):
    """A program of the first release: it writes and reads as fast as it can, and notes what fails."""

    def __init__(self, url: str) -> None:
        super().__init__()
        self._url = url
        self._stop_now = threading.Event()
        self.written: list[str] = []
        self.failures: list[str] = []

    def run(self) -> None:
        with psycopg.connect(self._url, autocommit=True, options="-c timezone=UTC -c lock_timeout=5s") as connection:
            while not self._stop_now.is_set():
                try:
                    self._work(connection)
                except psycopg.Error as error:
                    self.failures.append(f"{error.sqlstate}: {error}")

    def _work(self, connection: psycopg.Connection[tuple[object, ...]]) -> None:
        event_id, now = str(uuid4()), datetime.now(UTC)
        connection.execute(EVENT, [event_id, now, now.date()])
        self.written.append(event_id)
        number = f"{len(self.written):06d}"
        connection.execute(NOTIFICATION, [event_id])
        connection.execute(WORKFLOW, [event_id, number, number, "0" * 64, Jsonb({"severity": "low", "priority": "P1"})])
        row = connection.execute("SELECT correlation_id FROM audit_events WHERE event_id = %s", [event_id]).fetchone()
        if row != ("old",):
            self.failures.append(f"{event_id} was not read back")

    def stop(self) -> None:
        self._stop_now.set()
        self.join()


@contextmanager
def old_release(url: str) -> Iterator[OldRelease]:
    program = OldRelease(url)
    program.start()
    try:
        yield program
    finally:
        program.stop()


@pytest.fixture
def first_schema(empty_database_url: str) -> str:
    """A database with the schema of the first release, and this month."""
    known = migrations._read(migrations.folder())
    migrations._apply(empty_database_url, [one for one in known if one.id <= FIRST])
    first = datetime.now(UTC).date().replace(day=1)
    with psycopg.connect(empty_database_url) as connection:
        connection.execute(
            f"CREATE TABLE audit_events_{label(first)} PARTITION OF audit_events"
            f" FOR VALUES FROM ('{first}') TO ('{next_month(first)}')"
        )
    return empty_database_url


def count(url: str, statement: str) -> int:
    with psycopg.connect(url) as connection:
        row = connection.execute(statement).fetchone()  # type: ignore[arg-type]
    assert row
    return int(row[0])


def test_the_first_release_goes_on_while_this_one_migrates_and_after_it(first_schema: str) -> None:
    with old_release(first_schema) as program:
        eventually_sync(lambda: len(program.written) > 50)
        applied = migrations.migrate(first_schema)
        before = len(program.written)
        eventually_sync(lambda: len(program.written) > before + 50)
    assert program.failures == []
    assert applied
    assert min(applied) > FIRST
    written = len(program.written)
    assert count(first_schema, "SELECT count(*) FROM audit_events WHERE correlation_id = 'old'") == written
    assert count(first_schema, "SELECT count(*) FROM audit_event_ids") == written, "and the new release finds them"
    assert count(first_schema, "SELECT count(*) FROM remediation_workflow_catalog WHERE is_latest_version") == 1


def test_every_migration_behind_the_first_release_says_that_it_only_expands() -> None:
    """Nothing is dropped, renamed or narrowed that an earlier release uses: that needs a release of its own."""
    contracting = ("DROP TABLE", "DROP COLUMN", "RENAME ", "ALTER COLUMN", " TYPE ")
    allowed = {"ALTER TABLE audit_events ALTER COLUMN seal_xid SET DEFAULT pg_current_xact_id();"}
    for path in sorted(Path(migrations.folder()).glob("*.sql")):
        if path.stem <= FIRST:
            continue
        found = [
            line
            for line in path.read_text().splitlines()
            if not line.startswith("--") and any(word in line for word in contracting) and line not in allowed
        ]
        assert [line for line in found if "SET STORAGE" not in line] == [], path.name
