"""A month that was dropped leaves a signed tombstone: other proofs stay good, and no forged drop passes for one."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import closing
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any

import psycopg
import pytest

from audit.months import MonthError, MonthKeeper
from audit.retention_plan import plan
from datastorage.cli.verify import _archived
from datastorage.retention import keeper_of
from datastorage.settings import load_settings
from evidence.note import Signer
from evidence.report import Kind, Report, Verdict
from evidence.sealer import Sealer
from evidence.tombstone import open_tombstone
from evidence.verify import verify_database
from repository.months import MonthStore
from repository.partitions import create_month
from repository.sealing import SealingStore
from telemetry.clock import utc_now
from tests.fixtures.reading import insert_events

OLD, OTHER = date(2019, 3, 1), date(2019, 5, 1)
SIGNER = Signer.generate("log.example/test")


@pytest.fixture
def database(database_url: str) -> str:
    """Two old months whose events are sealed in turns, and the events of today."""
    with psycopg.connect(database_url, autocommit=True, options="-c timezone=UTC") as connection:
        for month in (OLD, OTHER):
            create_month(connection, month)
    with closing(SealingStore(database_url)) as store:
        for number in range(4):
            at = [datetime(2019, month, 5 + number, tzinfo=UTC) for month in (3, 5, 3)]
            insert_events(database_url, [{"event_timestamp": one} for one in at])
            insert_events(database_url, [{"event_category": "analysis", "event_timestamp": at[0]}])
            Sealer(store).seal()
        store.identity("log.example/test")
    return database_url


@pytest.fixture
def keeper(database: str) -> Iterator[MonthKeeper]:
    with closing(MonthStore(database)) as store:
        yield keeper_of(store, load_settings(log_key=SIGNER.secret_text()))


@pytest.fixture
def dropped(keeper: MonthKeeper, tmp_path: Path) -> Path:
    """March was archived there and dropped."""
    keeper.archive(OLD, tmp_path)
    keeper.detach(OLD)
    keeper.drop(OLD)
    return tmp_path


def verified(url: str, *archives: Path, key: Signer = SIGNER) -> Report:
    with closing(SealingStore(url)) as store:
        Sealer(store).seal()
        return verify_database(
            store, (), lambda _done, _total: None, lambda month: _archived(archives, month), [key.verifier]
        )


def attack(url: str, statement: str, *values: object) -> None:
    with psycopg.connect(url, autocommit=True) as connection:
        connection.execute("ALTER TABLE evidence_tombstones DISABLE TRIGGER ALL")
        connection.execute(statement, values)  # type: ignore[arg-type]


def kinds(report: Report) -> set[Kind]:
    return {one.kind for one in report.findings}


def test_a_dropped_month_leaves_what_was_dropped_by_whom_and_where_it_is_in_the_log(
    database: str, dropped: Path
) -> None:
    with psycopg.connect(database) as connection:
        found = connection.execute("SELECT month, note FROM evidence_tombstones").fetchall()
        event = connection.execute(
            "SELECT event_data->>'tombstone' FROM audit_events WHERE event_type = 'datastorage.partition.dropped'"
        ).fetchone()
        login = connection.info.user
    ((month, note),) = found
    stone, signed_by = open_tombstone(note, [SIGNER.verifier])
    assert [str(one) for one in signed_by] == [str(SIGNER.verifier)]
    assert (stone.origin, month, stone.month, stone.by) == ("log.example/test", OLD, OLD, login)
    assert (stone.events, stone.leaves, stone.size) == (12, 12, 16)
    assert stone.last is not None
    assert stone.first is not None
    assert 0 <= stone.first < 4
    assert 12 <= stone.last < 16
    assert event == (note,)


def test_proofs_of_other_months_and_of_the_archive_go_on_verifying(database: str, dropped: Path) -> None:
    whole = verified(database, dropped)
    assert (whole.verdict, whole.findings) == (Verdict.OK, [])
    without = verified(database)
    assert without.verdict is Verdict.CANNOT_TELL
    assert kinds(without) == {Kind.ARCHIVED}
    assert "its 12 entries are those of its tombstone" in without.findings[0].detail
    assert without.compared == whole.compared - 12


def test_a_month_that_is_dropped_without_a_tombstone_is_not_called_archived(database: str, dropped: Path) -> None:
    attack(database, "DELETE FROM evidence_tombstones")
    assert kinds(verified(database)) == {Kind.MONTH_GONE}


@pytest.mark.parametrize(
    ("pattern", "replacement"),
    [("leaves 12", "leaves 11"), ("month 2019-03", "month 2019-04"), ("log 16", "log 12"), ("range \\d+", "range 3")],
)
def test_a_changed_tombstone_is_found_with_and_without_its_key(
    database: str, dropped: Path, pattern: str, replacement: str
) -> None:
    attack(database, "UPDATE evidence_tombstones SET note = regexp_replace(note, %s, %s)", pattern, replacement)
    report = verified(database)
    assert report.verdict is Verdict.ALTERED
    assert Kind.TOMBSTONE in kinds(report)
    assert Kind.TOMBSTONE in kinds(verified(database, key=Signer.generate("somebody")))


def test_a_tombstone_of_another_signer_is_not_signed_by_the_key_that_was_given(database: str, dropped: Path) -> None:
    report = verified(database, key=Signer.generate("somebody"))
    assert (report.verdict, kinds(report)) == (Verdict.CANNOT_TELL, {Kind.UNSIGNED, Kind.ARCHIVED})


def test_a_restored_month_is_compared_again_and_may_leave_again(
    database: str, keeper: MonthKeeper, dropped: Path
) -> None:
    keeper.restore(OLD, dropped)
    assert verified(database).verdict is Verdict.OK
    keeper.detach(OLD)
    keeper.drop(OLD)
    assert kinds(verified(database)) == {Kind.ARCHIVED}


@pytest.mark.parametrize(("days", "category", "stays"), [(20_000, "analysis", True), (20_000, "workflow", False)])
def test_a_category_may_be_kept_longer_than_its_events_say(
    database: str, tmp_path: Path, days: int, category: str, stays: bool
) -> None:
    settings = load_settings(retention_categories=f"{category}={days}")
    assert settings.retention_categories == {category: days}
    with closing(MonthStore(database)) as store:
        keeper = keeper_of(store, settings)
        keeper.archive(OLD, tmp_path)
        keeper.detach(OLD)
        planned: Sequence[Any] = plan([keeper.find(OLD)], 2, utc_now().date(), drop=True, least_days={category: days})
        assert [one.act for one in planned] == ([] if stays else ["drop"])
        if stays:
            with pytest.raises(MonthError, match="must be kept until 2074"):
                keeper.drop(OLD)
        else:
            keeper.drop(OLD)
