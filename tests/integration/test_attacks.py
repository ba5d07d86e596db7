"""What the owner of the database can do to the log and its published copies, and where it is found."""

import shutil
import subprocess
from contextlib import closing
from datetime import UTC, datetime

import psycopg
import pytest

from evidence.mirror import verify_mirror
from evidence.note import Signer, sign_note
from evidence.publish import Directory, LogFiles
from evidence.report import Kind, Verdict
from evidence.sealer import HaltError, Sealer
from evidence.tiles import bundle, entries_of
from evidence.verify import verify_database
from repository.partitions import label, month_of, next_month
from repository.sealing import SealingStore
from tests.integration.test_sealing import insert

SIGNER = Signer.generate("log")
UNGUARDED = (
    "ALTER TABLE audit_events DISABLE TRIGGER ALL; ALTER TABLE evidence_batches DISABLE TRIGGER ALL;"
    "ALTER TABLE evidence_nodes DISABLE TRIGGER ALL;"
)


@pytest.fixture
def connection(database_url):
    with psycopg.connect(database_url, autocommit=True, options="-c timezone=UTC") as connection:
        yield connection


@pytest.fixture
def store(database_url):
    with closing(SealingStore(database_url)) as store:
        yield store


def seal(store):
    sealer = Sealer(store)
    sealer.seal()
    return sealer.checkpoint("log")


def publish(store, directory, checkpoint):
    LogFiles(Directory(directory)).publish(store, checkpoint, sign_note(checkpoint.text, [SIGNER]))


@pytest.fixture
def mirror(connection, store, tmp_path):
    """A published log of 600 entries, and the checkpoint of its first 300."""
    insert(connection, 300)
    kept = seal(store)
    insert(connection, 300)
    publish(store, tmp_path / "log", seal(store))
    return tmp_path / "log", kept


def verified(store, *checkpoints):
    return verify_database(store, checkpoints, lambda _done, _total: None)


def mirrored(directory, *kept):
    return verify_mirror(directory, [SIGNER.verifier], kept, None, lambda _done, _total: None)


def kinds(report):
    return {one.kind for one in report.findings}


def test_a_tail_that_was_cut_with_its_entries_is_found_by_a_kept_checkpoint_and_halts_the_sealer(
    connection, store, tmp_path
):
    insert(connection, 300)
    seal(store)
    cut = insert(connection, 20)
    kept = seal(store)
    publish(store, tmp_path, kept)
    connection.execute(UNGUARDED)
    connection.execute("DELETE FROM evidence_batches WHERE size > 300")
    connection.execute("DELETE FROM audit_events WHERE event_id = ANY(%s)", [cut])
    assert verified(store).verdict is Verdict.OK, "without a copy elsewhere nobody can tell"
    assert kinds(verified(store, kept)) == {Kind.TRUNCATED}
    with pytest.raises(HaltError, match="committed events were lost"):
        LogFiles(Directory(tmp_path)).check(store)
    insert(connection, 20)
    regrown = seal(store)
    assert regrown.size == kept.size
    assert kinds(verified(store, kept)) == {Kind.FORKED}
    with pytest.raises(HaltError, match="not part of this log"):
        LogFiles(Directory(tmp_path)).check(store)


def test_a_month_that_was_dropped_is_named_with_its_count(connection, store):
    month = next_month(month_of(datetime.now(UTC).date()))
    insert(connection, 2, at=datetime(month.year, month.month, 3, tzinfo=UTC))
    insert(connection, 3)
    seal(store)
    connection.execute(f"DROP TABLE audit_events_{label(month)}")
    report = verified(store)
    assert (report.verdict, report.compared) == (Verdict.CANNOT_TELL, 3)
    assert [one.detail for one in report.findings] == [
        f"{label(month)} is not attached: its 2 sealed events were not compared"
    ]


def test_a_whole_mirror_is_ok(mirror):
    directory, kept = mirror
    report = mirrored(directory, kept)
    assert (report.verdict, report.size, report.checkpoints) == (Verdict.OK, 600, 1)


def test_a_replaced_bundle_is_found(mirror):
    directory, kept = mirror
    place = directory / "tile" / "entries" / "001"
    entries = entries_of(place.read_bytes())
    place.write_bytes(bundle([entries[1], entries[0], *entries[2:]]))
    assert kinds(mirrored(directory, kept)) == {Kind.TREE_ALTERED, Kind.FORKED}


def test_a_checkpoint_of_another_tree_is_found_although_its_signature_is_good(mirror):
    directory, kept = mirror
    forged = kept._replace(size=600)
    (directory / "checkpoint").write_text(sign_note(forged.text, [SIGNER]))
    assert kinds(mirrored(directory, kept)) == {Kind.TREE_ALTERED}


def test_an_older_checkpoint_put_back_is_found_by_a_newer_one_that_was_kept(mirror, store):
    directory, older = mirror
    newest = mirrored(directory).size
    kept = Sealer(store)
    kept.seal()
    (directory / "checkpoint").write_text(sign_note(older.text, [SIGNER]))
    assert newest == 600
    report = mirrored(directory, older, older._replace(size=600, root=store.last_batch().root))
    assert kinds(report) == {Kind.TRUNCATED}


def test_a_checkpoint_that_somebody_else_signed_proves_nothing(mirror):
    directory, kept = mirror
    stranger = Signer.generate("log")
    note = (directory / "checkpoint").read_text().partition("\n\n")[0] + "\n"
    (directory / "checkpoint").write_text(sign_note(note, [stranger]))
    report = mirrored(directory, kept)
    assert (report.verdict, kinds(report)) == (Verdict.CANNOT_TELL, {Kind.UNSIGNED})


def copy(source, target):
    """With owners and modes, which PostgreSQL insists on."""
    subprocess.run(["cp", "--archive", source, target], check=True)


@pytest.mark.timeout(300)
def test_a_database_that_was_restored_from_yesterday_halts_the_sealer_and_is_found(own_postgres, tmp_path):
    with psycopg.connect(own_postgres.url, autocommit=True) as connection:
        insert(connection, 30)
    with closing(SealingStore(own_postgres.url)) as store:
        seal(store)
    own_postgres.stop()
    yesterday = own_postgres.directory.with_name("yesterday")
    copy(own_postgres.directory, yesterday)
    own_postgres.start()
    with psycopg.connect(own_postgres.url, autocommit=True) as connection:
        insert(connection, 30)
    with closing(SealingStore(own_postgres.url)) as store:
        kept = seal(store)
        publish(store, tmp_path, kept)
    own_postgres.stop()
    shutil.rmtree(own_postgres.directory)
    copy(yesterday, own_postgres.directory)
    own_postgres.start()
    with closing(SealingStore(own_postgres.url)) as store:
        with pytest.raises(HaltError, match="committed events were lost, by a restore or a failover"):
            LogFiles(Directory(tmp_path)).check(store)
        assert verified(store).verdict is Verdict.OK, "without a copy elsewhere nobody can tell"
        assert kinds(verified(store, kept)) == {Kind.TRUNCATED}
