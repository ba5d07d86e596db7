"""The sealer against a real PostgreSQL: every committed event once, in an order that never changes, whoever hangs."""

import itertools
import re
from collections import Counter
from contextlib import closing
from datetime import UTC, date, datetime
from uuid import UUID

import psycopg
import pytest

from evidence.canonical import ENTRY_SIZE, FIELDS, VERSION, Entry
from evidence.checkpoint import Checkpoint
from evidence.merkle import Range, combine, leaf_hash, perfect_root, subtrees
from evidence.publish import Directory, LogFiles
from evidence.sealer import HaltError, Sealer
from repository.errors import RepositoryError
from repository.partitions import label, month_of, next_month, previous_month
from repository.sealing import SealingStore
from repository.sql import load

_numbers = itertools.count(1)
INSERT = """
INSERT INTO audit_events (event_id, event_version, event_timestamp, event_date, event_type, event_category,
                          event_action, event_outcome, actor_type, actor_id, resource_type, resource_id,
                          correlation_id, event_data)
VALUES (%s, '1.0', %s, %s, 't', 'gateway', 'a', 'success', 'service', 'a', 'r', 'r', 'c', %s)
"""


def insert(connection, count=1, *, at=None):
    at = at or datetime.now(UTC)
    ids = [UUID(int=next(_numbers)) for _ in range(count)]
    with connection.cursor() as cursor:
        cursor.executemany(INSERT, [(one, at, at.date(), '{"n": 1.50}') for one in ids])
    return ids


@pytest.fixture
def connection(database_url):
    with psycopg.connect(database_url, autocommit=True, options="-c timezone=UTC") as connection:
        yield connection


@pytest.fixture
def store(database_url):
    with closing(SealingStore(database_url)) as store:
        assert store.try_lock()
        yield store


def entries(store):
    last = store.last_batch()
    data = store.entries(0, last.size) if last else b""
    return [Entry.parse(data[i : i + ENTRY_SIZE]) for i in range(0, len(data), ENTRY_SIZE)]


def sealed_ids(store):
    return [entry.event_id for entry in entries(store)]


def root_of(store):
    leaves = [leaf_hash(entry.data) for entry in entries(store)]
    parts = subtrees(Range(0, len(leaves)))
    return combine([perfect_root(leaves[t.number << t.height : (t.number + 1) << t.height]) for t in parts])


def seal_all(sealer):
    while sealer.seal().more:
        pass


def test_the_columns_that_are_sealed_are_those_of_the_table(connection):
    columns = connection.execute(
        "SELECT array_agg(column_name::text ORDER BY ordinal_position) FROM information_schema.columns"
        " WHERE table_name = 'audit_events'"
    ).fetchone()[0]
    assert set(FIELDS) == set(columns) - {"seal_xid"}
    selected = load("evidence_rows").partition(f"'{VERSION}'")[2].partition("FROM audit_events")[0]
    assert re.findall(rf"\b({'|'.join(FIELDS)})\b", selected) == list(FIELDS)


def test_what_is_committed_is_sealed_once_and_in_an_order_that_stays(connection, store):
    sealer = Sealer(store)
    assert sealer.seal() == (0, 0, 0, False)
    first = insert(connection, 300)
    assert sealer.seal().sealed == 300
    assert sealed_ids(store) == first
    assert store.last_batch().root == root_of(store)
    assert sealer.seal().sealed == 0
    second = insert(connection, 300)
    assert sealer.seal().size == 600
    assert sealed_ids(store) == first + second
    assert store.last_batch().root == root_of(store)


def test_a_new_sealer_goes_on_where_the_last_one_was(connection, store):
    for count in (1, 254, 1, 300, 70):
        insert(connection, count)
        Sealer(store).seal()
    assert len(set(sealed_ids(store))) == 626
    assert store.last_batch().root == root_of(store)


def test_a_long_transaction_delays_only_its_own_rows(connection, store, database_url):
    sealer = Sealer(store)
    with psycopg.connect(database_url) as slow:
        held = insert(slow, 2)
        ids = insert(connection, 3)
        assert sealer.seal().sealed == 3
        ids += insert(connection, 2)
        assert sealer.seal().sealed == 2
        slow.commit()
    assert sealer.seal().sealed == 2
    assert sealed_ids(store) == ids + held
    assert sealer.seal().sealed == 0


def test_rounds_that_found_nothing_pass_over_nothing(connection, store, database_url):
    sealer = Sealer(store)
    insert(connection)
    sealer.seal()
    with psycopg.connect(database_url) as slow:
        held = insert(slow)
        connection.execute("CREATE TABLE something_else ()")  # transaction ids go on
        assert [sealer.seal().sealed for _ in range(3)] == [0, 0, 0]
        slow.commit()
    assert sealer.seal().sealed == 1
    connection.execute("DROP TABLE something_else")
    assert sealer.seal().sealed == 0
    late = insert(connection)
    assert sealer.seal().sealed == 1
    assert sealed_ids(store)[1:] == held + late
    assert Sealer(store).seal().sealed == 0


def test_a_transaction_that_is_undone_leaves_nothing(connection, store, database_url):
    sealer = Sealer(store)
    with psycopg.connect(database_url) as undone:
        insert(undone, 2)
        insert(connection)
        sealer.seal()
        undone.rollback()
    insert(connection)
    assert sealer.seal().sealed == 1
    assert len(entries(store)) == 2


def test_a_backlog_is_cut_between_transactions(connection, store, database_url):
    with psycopg.connect(database_url) as one:
        for count in (30, 100, 5, 5, 40):
            insert(one, count)
            one.commit()
    sealer = Sealer(store, batch_rows=35)
    sizes = []
    while (made := sealer.seal()).sealed:
        sizes.append(made.sealed)
    assert sizes == [130, 50]
    assert Counter(sealed_ids(store)).most_common(1)[0][1] == 1
    assert len(entries(store)) == 180


def test_a_forged_transaction_of_the_future_is_not_sealed_again_and_again(connection, store):
    sealer = Sealer(store)
    now = datetime.now(UTC)
    connection.execute(
        INSERT.replace("event_data)", "event_data, seal_xid)").replace("%s)\n", "%s, '99999999')\n"),
        [UUID(int=next(_numbers)), now, now.date(), "{}"],
    )
    insert(connection)
    assert [sealer.seal().sealed, sealer.seal().sealed] == [1, 0]


def test_a_month_that_cannot_be_read_is_caught_up(connection, store, database_url):
    last_month = previous_month(datetime.now(UTC).date())
    earlier = datetime(last_month.year, last_month.month, 10, tzinfo=UTC)
    sealer = Sealer(store)
    insert(connection, 1, at=earlier)
    insert(connection)
    sealer.seal()
    table = f"audit_events_{label(last_month)}"
    with psycopg.connect(database_url) as locking:
        late = insert(connection, 2, at=earlier)
        locking.execute(f"LOCK TABLE {table}")
        now = insert(connection, 2)
        made = sealer.seal()
        assert (made.sealed, made.behind) == (2, 1)
    more = insert(connection)
    assert sealer.seal().behind == 0
    assert sealed_ids(store)[2:4] == now
    assert sorted(sealed_ids(store)[4:]) == sorted(late + more)
    assert sealer.seal().sealed == 0


def test_a_month_that_was_detached_unsealed_is_caught_up_when_it_is_back(connection, store):
    month = month_of(datetime.now(UTC).date())
    next_one = next_month(month)
    later = datetime(next_one.year, next_one.month, 10, tzinfo=UTC)
    sealer = Sealer(store)
    insert(connection)
    sealer.seal()
    unsealed = insert(connection, 2, at=later)
    table = f"audit_events_{label(next_one)}"
    connection.execute(f"ALTER TABLE audit_events DETACH PARTITION {table}")
    insert(connection)
    assert (sealer.seal().sealed, sealer.seal().sealed) == (1, 0)
    connection.execute(
        f"ALTER TABLE audit_events ATTACH PARTITION {table}"
        f" FOR VALUES FROM ('{next_one}') TO ('{next_month(next_one)}')"
    )
    insert(connection)
    assert sealer.seal().sealed == 3
    assert set(unsealed) < set(sealed_ids(store))
    assert sealer.seal().sealed == 0


def test_events_that_are_older_than_the_log_are_sealed_in_portions(connection, store):
    connection.execute("ALTER TABLE audit_events ALTER COLUMN seal_xid SET DEFAULT '0'")
    old = insert(connection, 25)
    month = month_of(datetime.now(UTC).date())
    connection.execute("INSERT INTO evidence_months (month, after) VALUES (%s, %s)", [month, UUID(int=0)])
    connection.execute("ALTER TABLE audit_events ALTER COLUMN seal_xid SET DEFAULT pg_current_xact_id()")
    new = insert(connection, 5)
    sealer = Sealer(store, batch_rows=10)
    seal_all(sealer)
    assert sealed_ids(store)[:5] == new[:5]
    assert sorted(sealed_ids(store)) == sorted(old + new)
    assert sealer.seal().sealed == 0


def test_there_is_one_sealer(store, database_url):
    with closing(SealingStore(database_url)) as other:
        assert not other.try_lock()


def test_two_sealers_that_both_believe_to_be_the_one_cannot_fork_the_log(connection, store, database_url):
    insert(connection, 3)
    with closing(SealingStore(database_url)) as other:
        one, two = Sealer(store), Sealer(other)
        one.seal()
        two.seal()
        insert(connection, 2)
        one.seal()
        insert(connection, 2)
        two.seal()
    assert len(set(sealed_ids(store))) == len(entries(store)) == 7
    assert store.last_batch().root == root_of(store)


@pytest.mark.parametrize(
    ("statement", "message"),
    [
        ("UPDATE evidence_batches SET root = sha256('x')", "do not have the root"),
        ("UPDATE evidence_batches SET cluster = 1", "restore from a base backup"),
        ("UPDATE evidence_batches SET seen = '99999999:99999999:'", "transaction ids went back"),
        ("DELETE FROM evidence_nodes", "incomplete"),
        ("UPDATE evidence_batches SET entries = overlay(entries placing 'x' from 13800)", "do not have the root"),
    ],
)
def test_a_log_that_was_tampered_with_halts(connection, store, statement, message):
    insert(connection, 300)
    Sealer(store).seal()
    connection.execute(
        "ALTER TABLE evidence_batches DISABLE TRIGGER ALL; ALTER TABLE evidence_nodes DISABLE TRIGGER ALL"
    )
    connection.execute(statement)
    insert(connection)
    size = store.last_batch().size
    with pytest.raises(HaltError, match=message):
        Sealer(store).seal()
    assert store.last_batch().size == size


def test_a_published_checkpoint_that_is_not_part_of_the_log_halts(connection, store):
    insert(connection, 5)
    sealer = Sealer(store)
    sealer.seal()
    root = store.last_batch().root
    sealer.check(Checkpoint("log", 5, root))
    sealer.check(None)
    with pytest.raises(HaltError, match="committed events were lost"):
        sealer.check(Checkpoint("log", 6, root))
    with pytest.raises(HaltError, match="not part of this log"):
        sealer.check(Checkpoint("log", 5, bytes(32)))


def test_what_is_sealed_is_published_again_and_again(connection, store, tmp_path):
    sealer, publisher = Sealer(store), LogFiles(Directory(tmp_path / "log"))
    for events in (1, 300, 2):
        insert(connection, events)
        sealer.seal()
        newest = sealer.checkpoint("log")
        publisher.publish(store, newest, newest.text)
        assert publisher.published() == sealer.checkpoint("log")


@pytest.mark.parametrize(
    "statement",
    [
        "UPDATE evidence_batches SET size = size",
        "DELETE FROM evidence_nodes",
        "TRUNCATE evidence_batches",
        "SET session_replication_role = replica; DELETE FROM evidence_batches",
    ],
)
def test_what_is_sealed_cannot_be_changed_by_a_statement(connection, store, statement):
    insert(connection, 300)
    Sealer(store).seal()
    with pytest.raises(psycopg.errors.CheckViolation, match="append-only"):
        connection.execute(statement)


def test_a_lost_connection_is_an_error_and_the_next_sealer_goes_on(connection, store, database_url):
    sealer = Sealer(store)
    insert(connection, 3)
    sealer.seal()
    insert(connection, 3)
    connection.execute("SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE application_name LIKE '%sealer'")
    with pytest.raises(RepositoryError):
        sealer.seal()
    assert store.lost
    with closing(SealingStore(database_url)) as again:
        assert Sealer(again).seal().size == 6


def test_an_entry_names_the_events_utc_day(connection, store):
    at = datetime(2026, 11, 20, 23, 59, 59, 999999, tzinfo=UTC)
    insert(connection, 1, at=at)
    Sealer(store).seal()
    assert entries(store)[0].day == date(2026, 11, 20)
