"""Tampering as the database's superuser: each kind is found and named, and nothing that is whole is suspected."""

from contextlib import closing
from datetime import UTC, datetime
from uuid import UUID

import psycopg
import pytest

from evidence.checkpoint import Checkpoint
from evidence.report import Kind, Verdict
from evidence.sealer import Sealer
from evidence.verify import verify_database
from repository.partitions import label, month_of, next_month
from repository.sealing import SealingStore
from tests.integration.test_sealing import INSERT, insert

ATTACK = "SET session_replication_role = replica; ALTER TABLE audit_events DISABLE TRIGGER ALL;"


@pytest.fixture
def connection(database_url):
    with psycopg.connect(database_url, autocommit=True, options="-c timezone=UTC") as connection:
        yield connection


@pytest.fixture
def store(database_url):
    with closing(SealingStore(database_url)) as store:
        yield store


@pytest.fixture
def sealed(connection, store):
    """Two batches of sealed events, and the checkpoint after the first."""
    ids = insert(connection, 10)
    sealer = Sealer(store, batch_rows=5)
    sealer.seal()
    kept = sealer.checkpoint("log")
    ids += insert(connection, 10)
    sealer.seal()
    return ids, kept


def verified(store, *checkpoints):
    return verify_database(store, checkpoints, lambda _done, _total: None)


def attack(connection, statement, *values):
    connection.execute(ATTACK)
    connection.execute(statement, values)
    connection.execute("RESET session_replication_role; ALTER TABLE audit_events ENABLE TRIGGER ALL")


def found(report):
    return {(one.kind, one.event_id) for one in report.findings}


def test_a_whole_log_is_ok(connection, store, sealed):
    report = verified(store, sealed[1])
    assert (report.verdict, report.size, report.compared, report.pending) == (Verdict.OK, 20, 20, 0)
    insert(connection, 3)
    report = verified(store)
    assert (report.verdict, report.compared, report.pending) == (Verdict.OK, 20, 3)


def test_an_empty_log_is_ok(store):
    assert verified(store).verdict is Verdict.OK


@pytest.mark.parametrize(
    "change",
    [
        "event_data = '{\"n\": 1.5}'",
        "actor_id = 'b'",
        "event_outcome = 'failure'",
        "event_timestamp = event_timestamp - interval '1 microsecond'",
        "recorded_at = recorded_at + interval '1 microsecond'",
        "error_message = ''",
        "is_sensitive = true",
        "retention_days = 1",
        "actor_ip = '10.0.0.1'",
    ],
)
def test_a_changed_value_is_found(connection, store, sealed, change):
    victim = sealed[0][3]
    attack(connection, f"UPDATE audit_events SET {change} WHERE event_id = %s", victim)
    report = verified(store)
    assert report.verdict is Verdict.ALTERED
    assert found(report) == {(Kind.ALTERED, victim)}


def test_two_events_that_changed_places_are_found(connection, store, sealed):
    one, other = sealed[0][2:4]
    attack(connection, "UPDATE audit_events SET event_id = %s WHERE event_id = %s", UUID(int=999), one)
    attack(connection, "UPDATE audit_events SET event_id = %s, resource_id = 'x' WHERE event_id = %s", one, other)
    attack(connection, "UPDATE audit_events SET event_id = %s WHERE event_id = %s", other, UUID(int=999))
    assert (Kind.ALTERED, one) in found(verified(store))


def test_a_deleted_event_is_found(connection, store, sealed):
    victim = sealed[0][15]
    attack(connection, "DELETE FROM audit_events WHERE event_id = %s", victim)
    assert found(verified(store)) == {(Kind.MISSING, victim)}


def test_an_event_slipped_in_with_an_old_transaction_is_found(connection, store, sealed):
    forged, now = UUID(int=2**100), datetime.now(UTC)
    statement = INSERT.replace("event_data)", "event_data, seal_xid)").replace("%s)\n", "%s, '4')\n")
    connection.execute(statement, [forged, now, now.date(), "{}"])
    insert(connection, 1)
    report = verified(store)
    assert found(report) == {(Kind.INSERTED, forged)}
    assert report.pending == 1


def test_a_forged_event_in_the_place_of_a_deleted_one_is_found_both_ways(connection, store, sealed):
    forged = UUID(int=2**100)
    attack(connection, "UPDATE audit_events SET event_id = %s WHERE event_id = %s", forged, sealed[0][5])
    assert found(verified(store)) >= {(Kind.MISSING, sealed[0][5])}


def test_a_rewritten_log_is_found_by_a_checkpoint_that_was_kept(connection, store, sealed):
    connection.execute(
        "ALTER TABLE evidence_batches DISABLE TRIGGER ALL; ALTER TABLE evidence_nodes DISABLE TRIGGER ALL"
    )
    connection.execute("TRUNCATE evidence_batches, evidence_nodes")
    attack(connection, "UPDATE audit_events SET actor_id = 'b' WHERE event_id = %s", sealed[0][0])
    sealer = Sealer(store)
    sealer.seal()
    assert verified(store).verdict is Verdict.OK, "without a copy elsewhere nobody can tell"
    insert(connection)
    sealer.seal()
    assert {one.kind for one in verified(store, sealed[1]).findings} == {Kind.FORKED}


def test_a_log_whose_end_was_cut_is_found_by_a_checkpoint_that_was_kept(connection, store, sealed):
    report = verified(store, Checkpoint("log", 21, bytes(32)))
    assert {one.kind for one in report.findings} == {Kind.TRUNCATED}


def test_changed_entries_are_found_without_any_checkpoint(connection, store, sealed):
    connection.execute("ALTER TABLE evidence_batches DISABLE TRIGGER ALL")
    connection.execute("UPDATE evidence_batches SET entries = overlay(entries placing '\\x00' from 40) WHERE first = 0")
    kinds = {one.kind for one in verified(store).findings}
    assert kinds == {Kind.TREE_ALTERED, Kind.ALTERED}


def test_a_month_that_is_not_attached_is_said_and_not_suspected(connection, store, sealed):
    month = next_month(month_of(datetime.now(UTC).date()))
    insert(connection, 2, at=datetime(month.year, month.month, 3, tzinfo=UTC))
    Sealer(store).seal()
    connection.execute(f"ALTER TABLE audit_events DETACH PARTITION audit_events_{label(month)}")
    report = verified(store)
    assert report.verdict is Verdict.CANNOT_TELL
    assert "its 2 sealed events were not compared" in report.findings[0].detail


def test_a_month_that_cannot_be_read_is_said_and_the_others_are_compared(connection, store, sealed, database_url):
    month = next_month(month_of(datetime.now(UTC).date()))
    insert(connection, 2, at=datetime(month.year, month.month, 3, tzinfo=UTC))
    Sealer(store).seal()
    with psycopg.connect(database_url) as locking:
        locking.execute(f"LOCK TABLE audit_events_{label(month)}")
        report = verified(store)
    assert report.counts == {Kind.MONTH_UNREADABLE: 1}
    assert report.compared == 20
