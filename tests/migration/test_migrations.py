"""Migrations: from nothing, again, side by side, under writes, and against those who edit them."""

from __future__ import annotations

import re
import shutil
import threading
from datetime import UTC, datetime
from pathlib import Path
from uuid import uuid4

import psycopg
import pytest
import yaml

from repository import migrations
from repository.partitions import label, next_month, previous_month
from tests.fixtures.reading import insert_events

ROOT = Path(__file__).parents[2]


def tables(url: str) -> set[str]:
    with psycopg.connect(url) as connection:
        found = connection.execute(
            "SELECT relname FROM pg_class WHERE relkind IN ('r', 'p') AND relname ~ '^audit_events'"
        )
        return {row[0] for row in found}


def test_everything_is_applied_to_an_empty_database_and_nothing_twice(empty_database_url: str) -> None:
    names = migrations.pending(empty_database_url)
    assert migrations.migrate(empty_database_url) == names
    assert names == sorted(path.stem for path in (ROOT / "migrations").glob("*.sql"))
    assert migrations.pending(empty_database_url) == []
    assert migrations.migrate(empty_database_url) == []


def test_the_months_from_the_last_to_three_ahead_are_made(empty_database_url: str) -> None:
    migrations.migrate(empty_database_url, today=datetime(2026, 12, 31, 23, 59, tzinfo=UTC))
    months = {"2026_11", "2026_12", "2027_01", "2027_02", "2027_03"}
    assert tables(empty_database_url) == {"audit_events"} | {f"audit_events_{month}" for month in months}


def test_every_file_can_be_applied_again(empty_database_url: str) -> None:
    migrations.migrate(empty_database_url)
    with psycopg.connect(empty_database_url) as connection:
        connection.execute("DELETE FROM _yoyo_migration")
    assert len(migrations.migrate(empty_database_url)) == len(list((ROOT / "migrations").glob("*.sql")))


def test_migrators_side_by_side_apply_once(empty_database_url: str) -> None:
    applied: list[list[str]] = []
    threads = [
        threading.Thread(target=lambda: applied.append(migrations.migrate(empty_database_url))) for _ in range(3)
    ]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(map(bool, applied)) == [False, False, True]


def test_the_lock_row_of_a_crashed_migrator_blocks_nobody(empty_database_url: str) -> None:
    migrations.migrate(empty_database_url)
    with psycopg.connect(empty_database_url) as connection:
        connection.execute("DELETE FROM _yoyo_migration")
        connection.execute("INSERT INTO yoyo_lock (locked, ctime, pid) VALUES (1, now(), 1)")
    assert migrations.migrate(empty_database_url)


@pytest.mark.parametrize("change", ["edited", "missing", "extra"])
def test_a_folder_that_is_not_what_the_manifest_records_is_refused(
    change: str, empty_database_url: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    folder = shutil.copytree(ROOT / "migrations", tmp_path / "migrations")
    target = folder / ("9999-unknown.sql" if change == "extra" else "0001-audit-events.sql")
    if change == "missing":
        target.unlink()
    else:
        target.write_text("SELECT 1;\n")
    monkeypatch.setattr(migrations, "folder", lambda: folder)
    with pytest.raises(migrations.MigrationError, match=re.escape(target.name)):
        migrations.migrate(empty_database_url)
    assert tables(empty_database_url) == set()


def test_migrating_again_under_writes_disturbs_none_of_them(database_url: str) -> None:
    stop = threading.Event()
    written: list[str] = []
    failures: list[Exception] = []

    def write() -> None:
        while not stop.is_set():
            try:
                written.extend(insert_events(database_url, [{}]))
            except psycopg.Error as error:
                failures.append(error)

    writer = threading.Thread(target=write)
    writer.start()
    for _ in range(3):
        migrations.migrate(database_url)
    stop.set()
    writer.join()
    assert not failures
    with psycopg.connect(database_url) as connection:
        assert connection.execute("SELECT count(*) FROM audit_events").fetchone() == (len(written),)


@pytest.mark.parametrize("table", ["audit_events", "audit_events_2026_11"])
@pytest.mark.parametrize("statement", ["UPDATE {} SET severity = 'low'", "DELETE FROM {}", "TRUNCATE {}"])
def test_what_was_recorded_cannot_be_changed(empty_database_url: str, table: str, statement: str) -> None:
    moment = datetime(2026, 11, 15, tzinfo=UTC)
    migrations.migrate(empty_database_url, today=moment)
    insert_events(empty_database_url, [{"event_id": uuid4(), "event_timestamp": moment}])
    with (
        psycopg.connect(empty_database_url) as connection,
        pytest.raises(psycopg.errors.CheckViolation, match="append-only"),
    ):
        connection.execute(statement.format(table))


@pytest.mark.parametrize(
    ("table", "field", "schema"),
    [
        ("audit_events", "event_category", "EventCategory"),
        ("audit_events", "event_outcome", "EventOutcome"),
        ("notification_audit", "channel", "NotificationChannel"),
        ("notification_audit", "status", "NotificationStatus"),
        ("remediation_workflow_catalog", "status", "WorkflowStatus"),
        ("remediation_workflow_catalog", "severity", "WorkflowSeverity"),
        ("remediation_workflow_catalog", "priority", "WorkflowPriority"),
    ],
)
def test_an_enum_of_the_contract_is_the_tables_check(table: str, field: str, schema: str, database_url: str) -> None:
    schemas = yaml.safe_load((ROOT / "openapi" / "data-storage-v1.yaml").read_text())["components"]["schemas"]
    with psycopg.connect(database_url) as connection:
        row = connection.execute(
            "SELECT pg_get_constraintdef(oid) FROM pg_constraint WHERE conname = %s AND conrelid = %s::regclass",
            [f"{table}_{field}_check", table],
        ).fetchone()
    assert row is not None
    assert set(re.findall(r"'([A-Za-z0-9*]+)'::(?!text\))", row[0])) - {field} == set(schemas[schema]["enum"])


def test_the_ids_of_events_that_were_stored_before_are_kept_and_found(empty_database_url: str) -> None:
    """Events of an earlier version, written without the table of ids and without its trigger."""
    migrations.migrate(empty_database_url)
    with psycopg.connect(empty_database_url, options="-c datastorage.writes_ids=on", autocommit=True) as connection:
        connection.execute(
            "INSERT INTO audit_events (event_id, event_version, event_timestamp, event_date, event_type,"
            " event_category, event_action, event_outcome, actor_type, actor_id, resource_type, resource_id,"
            " correlation_id, event_data) SELECT gen_random_uuid(), '1.0', at, (at AT TIME ZONE 'UTC')::date, 't',"
            " 'gateway', 'a', 'success', 's', 'a', 'r', 'r', 'c', '{}'"
            " FROM generate_series(now() - interval '20 days', now(), '1 hour') AS at"
        )
        connection.execute("DROP TRIGGER audit_event_ids_keep ON audit_events; DROP TABLE audit_event_ids")
        connection.execute("DELETE FROM _yoyo_migration WHERE migration_id LIKE '003%'")
    for _ in range(2):
        migrations.migrate(empty_database_url)
        with psycopg.connect(empty_database_url, autocommit=True) as connection:
            missing = connection.execute(
                "SELECT count(*) FROM audit_events FULL JOIN audit_event_ids USING (event_id, event_date)"
                " WHERE audit_events.event_id IS NULL OR audit_event_ids.event_id IS NULL"
            ).fetchone()
            assert missing == (0,)
            connection.execute("DELETE FROM _yoyo_migration WHERE migration_id LIKE '003%'")


def pending_lists(url: str) -> set[tuple[str, str | None]]:
    """The options of the payload index of each month."""
    with psycopg.connect(url) as connection:
        return set(
            connection.execute(
                "SELECT relname, reloptions[1] FROM pg_inherits JOIN pg_index ON indrelid = inhrelid"
                " JOIN pg_class ON pg_class.oid = indexrelid JOIN pg_am ON pg_am.oid = relam"
                " WHERE inhparent = 'audit_events'::regclass AND amname = 'gin'"
            ).fetchall()
        )


def test_payloads_wait_in_a_short_list_but_where_their_month_is_in_use(empty_database_url: str) -> None:
    """A month that an export reads for minutes must not hold up the migration, nor all who ask for the month."""
    today = datetime.now(UTC)
    migrations.migrate(empty_database_url, today=today)
    before = pending_lists(empty_database_url)
    assert len(before) == 5
    assert {option for _, option in before} == {"gin_pending_list_limit=1024"}, "months that are made"
    with psycopg.connect(empty_database_url) as connection:
        for name, _ in before:
            connection.execute(f"ALTER INDEX {name} RESET (gin_pending_list_limit)")
        connection.execute("DELETE FROM _yoyo_migration WHERE migration_id LIKE '0052%'")
    past, busy = (
        f"audit_events_{label(previous_month(today.date()))}",
        f"audit_events_{label(next_month(today.date()))}",
    )
    with psycopg.connect(empty_database_url) as reader:
        reader.execute(f"SELECT count(*) FROM {busy}")
        migrations.migrate(empty_database_url, today=today)
    after = pending_lists(empty_database_url)
    left = {name for name, _ in before if name.startswith((past, busy))}
    assert len(left) == 2
    assert {name for name, option in after if option is None} == left
