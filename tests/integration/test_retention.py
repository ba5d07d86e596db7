"""Months as operators handle them: archived, detached, attached again, restored, dropped; and the policy by age."""

from __future__ import annotations

import gzip
import hashlib
import json
import sys
import threading
from collections.abc import Iterator, Sequence
from contextlib import closing
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import Any
from uuid import UUID, uuid4

import psycopg
import pytest
from click.testing import CliRunner, Result
from pyarrow import parquet

import audit
from audit.archive_files import ArchiveError, Packing, lines_of, manifest_path, read_manifest
from audit.months import MonthError, MonthKeeper
from audit.retention_plan import plan
from datastorage.cli.check import check
from datastorage.cli.partitions import partitions
from datastorage.cli.verify import _archived
from datastorage.retention import keeper_of
from datastorage.settings import SettingsError, load_settings
from evidence.report import Kind, Report, Verdict
from evidence.sealer import Sealer
from evidence.verify import verify_database
from repository.errors import RepositoryError
from repository.months import BusyError, MonthStore
from repository.partitions import create_month, label
from repository.sealing import SealingStore
from telemetry.clock import new_event_id, utc_now
from tests.fixtures.awaiting import eventually_sync
from tests.fixtures.reading import insert_events, reading
from tests.fixtures.service import StartService

OLD = date(2019, 3, 1)
NAME = "audit_events_2019_03"
#: Contents that a careless archive would alter.
EXACT = (
    '{"big": 18446744073709551617, "small": 0.1000000000000000055511151231257827, "e": 1.50,'
    ' "text": "a\\\\nb \\u2028 ü"}'
)


def count(url: str, statement: str, *values: object) -> Any:
    with psycopg.connect(url) as connection:
        row = connection.execute(statement, values).fetchone()  # type: ignore[arg-type]
    assert row
    return row[0]


@pytest.fixture
def old_month(database_url: str) -> str:
    """A database with forty events of a month long ago, some of them hard to copy."""
    with psycopg.connect(database_url, autocommit=True, options="-c timezone=UTC") as connection:
        create_month(connection, OLD)
    at = datetime(2019, 3, 31, 23, 59, 59, 999999, tzinfo=UTC)
    events: list[dict[str, Any]] = [
        {"event_timestamp": at - timedelta(hours=number), "event_data": {"number": number}} for number in range(38)
    ]
    events.append(
        {"event_timestamp": at, "event_data": EXACT, "actor_ip": "10.1.0.0/16", "error_message": 'a\tb\\c\n"d"'}
    )
    events.append({"event_timestamp": at, "severity": None, "event_metadata": '{"a": null}', "retention_days": 30})
    insert_events(database_url, events)
    return database_url


@pytest.fixture
def keeper(old_month: str) -> Iterator[MonthKeeper]:
    with closing(MonthStore(old_month)) as store:
        yield keeper_of(store, load_settings())


def rows(url: str) -> list[Any]:
    with psycopg.connect(url) as connection:
        return connection.execute(
            "SELECT e.*::text, seal_xid::text FROM audit_events e WHERE event_date < '2020-01-01' ORDER BY event_id"
        ).fetchall()


def acts(url: str) -> list[tuple[str, str]]:
    with psycopg.connect(url) as connection:
        return connection.execute(
            "SELECT event_type, event_outcome FROM audit_events WHERE resource_type = 'partition'"
            " ORDER BY recorded_at, event_id"
        ).fetchall()


@pytest.mark.parametrize("packing", ["ndjson", "parquet"])
def test_a_month_comes_back_from_its_archive_as_it_was(
    packing: Packing, old_month: str, keeper: MonthKeeper, tmp_path: Path
) -> None:
    before = rows(old_month)
    manifest = keeper.archive(OLD, tmp_path, packing)
    assert (manifest.events, manifest.retention_days, manifest.by_category) == (40, 2555, {"gateway": 40})
    keeper.detach(OLD)
    assert rows(old_month) == []
    keeper.drop(OLD)
    assert count(old_month, "SELECT to_regclass(%s) IS NULL", NAME)
    assert count(old_month, "SELECT count(*) FROM audit_event_ids WHERE event_date < '2020-01-01'") == 0
    keeper.restore(OLD, tmp_path)
    assert rows(old_month) == before
    assert count(old_month, "SELECT count(*) FROM audit_event_ids WHERE event_date < '2020-01-01'") == 40
    assert acts(old_month) == [
        ("datastorage.partition.archived", "success"),
        ("datastorage.partition.detached", "pending"),
        ("datastorage.partition.detached", "success"),
        ("datastorage.partition.dropped", "success"),
        ("datastorage.partition.attached", "success"),
    ]


def test_a_month_that_is_attached_again_is_protected_and_its_ids_are_known(old_month: str, keeper: MonthKeeper) -> None:
    before = rows(old_month)
    keeper.detach(OLD)
    with psycopg.connect(old_month) as connection:
        connection.execute("DELETE FROM audit_event_ids")
    keeper.attach(OLD)
    assert rows(old_month) == before
    assert count(old_month, "SELECT count(*) FROM audit_event_ids WHERE event_date < '2020-01-01'") == 40
    for statement in (f"TRUNCATE {NAME}", f"DELETE FROM {NAME}", f"UPDATE {NAME} SET severity = 'x'"):
        as_replica = psycopg.connect(old_month, options="-c session_replication_role=replica")
        with as_replica as connection, pytest.raises(psycopg.errors.CheckViolation):
            connection.execute(statement)


def test_writers_are_not_blocked_by_a_detach_that_waits_for_a_reader(old_month: str, keeper: MonthKeeper) -> None:
    with psycopg.connect(old_month) as reader:
        reader.execute("SELECT count(*) FROM audit_events")
        waiting = threading.Thread(target=keeper.detach, args=(OLD,))
        waiting.start()
        try:
            pending = "SELECT EXISTS (SELECT FROM pg_inherits WHERE inhdetachpending)"
            while not count(old_month, pending):
                assert waiting.is_alive()
            with psycopg.connect(old_month, options="-c lock_timeout=5s") as writer:
                assert writer.execute("SELECT 1").fetchone()
            insert_events(old_month, [{"correlation_id": "meanwhile"}])
            assert count(old_month, "SELECT count(*) FROM audit_events WHERE correlation_id = 'meanwhile'") == 1
        finally:
            reader.rollback()
            waiting.join(30)
    assert keeper.find(OLD).state == "detached"


def test_an_interrupted_detach_is_finished_by_the_same_command(old_month: str, keeper: MonthKeeper) -> None:
    with psycopg.connect(old_month) as reader, psycopg.connect(old_month, autocommit=True) as other:
        reader.execute("SELECT count(*) FROM audit_events")
        other.execute("SET statement_timeout = '1s'")
        with pytest.raises(psycopg.errors.QueryCanceled):
            other.execute(f"ALTER TABLE audit_events DETACH PARTITION {NAME} CONCURRENTLY")
    assert keeper.find(OLD).state == "detaching"
    keeper.detach(OLD)
    assert keeper.find(OLD).state == "detached"


def test_nothing_is_dropped_that_is_not_archived_detached_and_old_enough(
    old_month: str, keeper: MonthKeeper, tmp_path: Path
) -> None:
    with pytest.raises(MonthError, match="not archived"):
        keeper.drop(OLD)
    keeper.archive(OLD, tmp_path)
    with pytest.raises(MonthError, match="is attached"):
        keeper.drop(OLD)
    keeper.detach(OLD)
    early = MonthKeeper(
        keeper._store,
        lambda: datetime(2026, 3, 29, tzinfo=UTC),
        new_event_id,
        made_by="tests",
        tombstone=lambda _dropped: "",
    )
    with pytest.raises(MonthError, match="kept until 2026-03-30: an event of it has 2555 days"):
        early.drop(OLD)
    with psycopg.connect(old_month) as connection:
        connection.execute(f"INSERT INTO {NAME} SELECT (e).* FROM (SELECT e FROM {NAME} e LIMIT 0) AS one")
        connection.execute(f"ALTER TABLE {NAME} DISABLE TRIGGER USER")
        connection.execute(f"UPDATE {NAME} SET severity = 'changed' WHERE severity IS NULL")
    with pytest.raises(MonthError, match="is not what its archive"):
        keeper.drop(OLD)
    assert count(old_month, f"SELECT count(*) FROM {NAME}") == 40


@pytest.mark.parametrize("damage", ["cut", "changed", "gone", "no manifest"])
def test_a_damaged_archive_lets_nothing_be_dropped_or_restored(
    keeper: MonthKeeper, old_month: str, tmp_path: Path, damage: str
) -> None:
    manifest = keeper.archive(OLD, tmp_path)
    keeper.detach(OLD)
    file = tmp_path / manifest.file
    if damage == "cut":
        file.write_bytes(file.read_bytes()[:-20])
    elif damage == "changed":
        lines = gzip.decompress(file.read_bytes())
        assert b'"number": 7}' in lines
        lines = lines.replace(b'"number": 7}', b'"number": 8}')
        file.write_bytes(gzip.compress(lines))
    elif damage == "gone":
        file.unlink()
    else:
        manifest_path(tmp_path, OLD).unlink()
    with pytest.raises(ArchiveError):
        keeper.drop(OLD)
    assert count(old_month, f"SELECT count(*) FROM {NAME}") == 40
    with psycopg.connect(old_month) as connection:
        connection.execute(f"DROP TABLE {NAME}")
    with pytest.raises(ArchiveError):
        keeper.restore(OLD, tmp_path)
    assert rows(old_month) == []


def test_an_archive_is_lines_of_json_that_others_can_read(keeper: MonthKeeper, tmp_path: Path) -> None:
    manifest = keeper.archive(OLD, tmp_path)
    lines = gzip.decompress((tmp_path / manifest.file).read_bytes()).splitlines()
    events = [json.loads(line) for line in lines]
    assert len(events) == manifest.events == 40
    assert [event["event_timestamp"] for event in events] == sorted(event["event_timestamp"] for event in events)
    assert b'"big": 18446744073709551617, "text"' in b"".join(lines)
    assert b"0.1000000000000000055511151231257827" in b"".join(lines)
    assert read_manifest(manifest_path(tmp_path, OLD)) == manifest
    assert len(list(lines_of(manifest_path(tmp_path, OLD), manifest))) == 40


def test_a_parquet_archive_has_the_same_lines_and_columns_to_choose_by(
    old_month: str, keeper: MonthKeeper, tmp_path: Path
) -> None:
    (tmp_path / "lines").mkdir()
    lines = keeper.archive(OLD, tmp_path / "lines")
    packed = keeper.archive(OLD, tmp_path, "parquet")
    assert (packed.file, packed.sha256, packed.bytes) == ("audit_events_2019_03.parquet", lines.sha256, lines.bytes)
    assert packed.file_sha256 == hashlib.sha256((tmp_path / packed.file).read_bytes()).hexdigest()
    table = parquet.read_table(tmp_path / packed.file)
    last = table.slice(37).to_pylist()  # three at one moment, in the order of their ids
    assert {row["event_timestamp"] for row in last} == {datetime(2019, 3, 31, 23, 59, 59, 999999, tzinfo=UTC)}
    assert {row["event_category"] for row in last} == {"gateway"}
    assert any("0.1000000000000000055511151231257827" in row["event"] for row in last)
    with pytest.raises(MonthError, match="an archive as parquet"):
        keeper.archive(OLD, tmp_path)
    with closing(SealingStore(old_month)) as store:
        Sealer(store).seal()
    keeper.detach(OLD, force=True)
    keeper.drop(OLD)
    assert _verified(old_month, tmp_path).counts == {}


@pytest.mark.parametrize("damage", ["cut", "changed", "another file", "gone"])
def test_a_damaged_parquet_archive_is_not_restored(
    damage: str, keeper: MonthKeeper, old_month: str, tmp_path: Path
) -> None:
    file = tmp_path / keeper.archive(OLD, tmp_path, "parquet").file
    keeper.detach(OLD)
    table = parquet.read_table(file)
    if damage == "cut":
        file.write_bytes(file.read_bytes()[:-20])
    elif damage == "changed":
        parquet.write_table(table.slice(1), file)
    elif damage == "another file":
        parquet.write_table(table.drop_columns(["event"]), file)
    else:
        file.unlink()
    with pytest.raises(ArchiveError):
        keeper.drop(OLD)
    with psycopg.connect(old_month) as connection:
        connection.execute(f"DROP TABLE {NAME}")
    with pytest.raises(ArchiveError):
        keeper.restore(OLD, tmp_path)
    assert rows(old_month) == []


def test_parquet_without_its_extra_says_what_to_install(
    old_month: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delitem(sys.modules, "audit.archive_parquet", raising=False)
    monkeypatch.delattr(audit, "archive_parquet", raising=False)
    monkeypatch.setitem(sys.modules, "pyarrow", None)
    ended = run(old_month, ["archive", "2019-03", "--to", str(tmp_path), "--format", "parquet"])
    assert ended.exit_code != 0
    assert "pip install 'datastorage[parquet]'" in ended.output
    assert list(tmp_path.iterdir()) == []


def test_archiving_again_keeps_an_archive_that_holds_the_same_and_refuses_another(
    old_month: str, keeper: MonthKeeper, tmp_path: Path
) -> None:
    first = keeper.archive(OLD, tmp_path)
    assert keeper.archive(OLD, tmp_path) == first
    insert_events(old_month, [{"event_timestamp": datetime(2019, 3, 5, tzinfo=UTC), "event_id": uuid4()}])
    with pytest.raises(MonthError, match="other events"):
        keeper.archive(OLD, tmp_path)


def test_a_month_that_takes_events_is_neither_detached_nor_archived(keeper: MonthKeeper, tmp_path: Path) -> None:
    this_month = utc_now().date().replace(day=1)
    with pytest.raises(MonthError, match="still takes events"):
        keeper.detach(this_month)
    with pytest.raises(MonthError, match="still takes events"):
        keeper.archive(this_month, tmp_path)
    assert keeper.find(this_month).state == "attached"


def test_two_operators_take_turns(old_month: str, keeper: MonthKeeper) -> None:
    assert keeper.months()
    with pytest.raises(BusyError):
        MonthStore(old_month)


def test_a_restore_that_fails_half_way_leaves_nothing_and_can_be_repeated(
    old_month: str, keeper: MonthKeeper, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    before = rows(old_month)
    keeper.archive(OLD, tmp_path)
    keeper.detach(OLD)
    keeper.drop(OLD)
    with monkeypatch.context() as broken:
        broken.setattr(keeper._store, "attach", _fail)
        with pytest.raises(RepositoryError):
            keeper.restore(OLD, tmp_path)
    assert keeper.find(OLD).state == "archived"
    keeper.restore(OLD, tmp_path)
    assert rows(old_month) == before


def _fail(*_: object) -> None:
    raise RepositoryError("the connection was lost")


def run(url: str, arguments: Sequence[str]) -> Result:
    return CliRunner().invoke(partitions, arguments, env={"DATABASE_URL": url, "DATASTORAGE_ARCHIVE_DIRECTORY": ""})


def test_the_commands_say_what_they_would_do_and_then_do_it(old_month: str, tmp_path: Path) -> None:
    to = ["--to", str(tmp_path)]
    assert "would be archived" in run(old_month, ["archive", "2019-03", *to, "--dry-run"]).output
    assert list(tmp_path.iterdir()) == []
    assert "40 events" in run(old_month, ["archive", "2019-03", *to]).output
    assert "would be detached" in run(old_month, ["detach", "2019-03", "--dry-run"]).output
    assert run(old_month, ["detach", "2019_03"]).output.startswith("detached  2019_03: detached")
    assert "--yes" in run(old_month, ["drop", "2019-03"]).output
    listed = json.loads(run(old_month, ["list", "--json"]).output)
    assert [one["state"] for one in listed if one["month"] == "2019_03"] == ["detached"]
    assert run(old_month, ["drop", "2019-03", "--yes"]).exit_code == 0
    assert "2019_03  archived" in run(old_month, ["list"]).output
    assert "attached" in run(old_month, ["attach", "2019-03", "--from", str(tmp_path)]).output
    refused = run(old_month, ["drop", "2019-03", "--yes"])
    assert (refused.exit_code, "detach 2019_03" in refused.output) == (2, True)
    assert run(old_month, ["detach", "2018-01"]).exit_code == 2
    assert run(old_month, ["detach", "2018-13"]).exit_code == 2


def test_the_policy_archives_detaches_and_drops_by_age_and_leaves_repairs_alone(
    old_month: str, keeper: MonthKeeper, tmp_path: Path
) -> None:
    repaired = date(2019, 5, 1)
    with psycopg.connect(old_month, autocommit=True) as connection:
        create_month(connection, repaired)
        connection.execute("ALTER TABLE audit_events DETACH PARTITION audit_events_2019_05")
    today = utc_now().date()
    done = []
    while steps := plan(keeper.months(), 2, today, drop=True):
        for step in steps:
            keeper.apply(step, tmp_path)
            done.append((step.act, label(step.month)))
    assert done == [("archive", "2019_03"), ("detach", "2019_03"), ("drop", "2019_03")]
    assert keeper.find(repaired).state == "detached"
    assert [one.state for one in keeper.months() if one.month > repaired] == ["attached"] * 5


def test_the_policy_drops_nothing_unless_it_is_told_to(keeper: MonthKeeper, tmp_path: Path) -> None:
    keeper.archive(OLD, tmp_path)
    keeper.detach(OLD)
    assert plan(keeper.months(), 2, utc_now().date(), drop=False) == []


async def test_reads_name_the_archived_months_that_they_do_not_look_at(
    old_month: str, keeper: MonthKeeper, tmp_path: Path
) -> None:
    old_id = str(uuid7_of(datetime(2019, 3, 7, tzinfo=UTC)))
    keeper.archive(OLD, tmp_path)
    told = "archived months are not looked at: 2019_03"
    async with reading(old_month) as before:
        page = (await before.client.get("/api/v1/audit/events", params={"since": "2019-01-01"})).json()
        assert "warnings" not in page, "it is still attached"
    keeper.detach(OLD)
    async with reading(old_month) as read:
        for params in ({}, {"since": "2019-03-31"}, {"until": "2019-03-01"}):
            page = (await read.client.get("/api/v1/audit/events", params=params)).json()
            assert page["warnings"] == [told]
        for params in ({"since": "2019-04-01"}, {"until": "2019-02-28"}, {"since": "24h"}):
            page = (await read.client.get("/api/v1/audit/events", params=params)).json()
            assert "warnings" not in page
        for path in (f"events/{old_id}", f"events/{uuid4()}", "correlations/gone/timeline"):
            answer = await read.client.get(f"/api/v1/audit/{path}")
            assert (answer.status_code, answer.json()["detail"].endswith(told)) == (404, True)
        recent = await read.client.get(f"/api/v1/audit/events/{new_event_id()}")
        assert "archived" not in recent.json()["detail"]


def test_a_service_keeps_the_policy_by_itself_and_shows_the_months(
    old_month: str, tmp_path: Path, start_service: StartService
) -> None:
    settings = {"retention_months": 2, "archive_directory": tmp_path}
    service = start_service(settings=settings, workers=2)
    eventually_sync(lambda: rows(old_month) == [], timeout=60)
    assert manifest_path(tmp_path, OLD).exists()

    def shown() -> bool:
        months = service.client.get("/api/v1/partitions").json()["partitions"]
        return [one["partition"] for one in months if one.get("archived")] == ["2019_03"]

    eventually_sync(shown)
    checked = CliRunner().invoke(check, ["--url", service.url])
    assert "all available" in checked.output, checked.output
    overview = service.client.get("/console/", follow_redirects=True).text
    assert "Months" in overview
    assert "do not work" not in overview
    metrics = service.client.get("/metrics").text
    assert 'partition="2019_03",status="missing"} 1.0' not in metrics
    assert service.stop() == 0
    assert acts(old_month) == [
        ("datastorage.partition.archived", "success"),
        ("datastorage.partition.detached", "pending"),
        ("datastorage.partition.detached", "success"),
    ]


def test_a_policy_without_a_place_for_archives_is_refused() -> None:
    with pytest.raises(SettingsError, match="archive_directory"):
        load_settings(retention_months=12)


def uuid7_of(at: datetime) -> UUID:
    return UUID(int=int(at.timestamp() * 1000) << 80 | 7 << 76 | 2 << 62)


def _verified(url: str, *archives: Path) -> Report:
    with closing(SealingStore(url)) as store:
        return verify_database(store, (), lambda _done, _total: None, lambda month: _archived(archives, month))


def test_the_log_stays_good_over_archiving_dropping_and_restoring(
    old_month: str, keeper: MonthKeeper, tmp_path: Path
) -> None:
    insert_events(old_month, [{"correlation_id": "now"} for _ in range(5)])
    with closing(SealingStore(old_month)) as store:
        Sealer(store).seal()
    assert (_verified(old_month).verdict, _verified(old_month).compared) == (Verdict.OK, 45)
    keeper.archive(OLD, tmp_path)
    keeper.detach(OLD, force=True)
    keeper.drop(OLD)
    with closing(SealingStore(old_month)) as store:
        sealing = Sealer(store).seal()  # the events about it
        assert (sealing.sealed, sealing.behind) == (4, 0)
    gone = _verified(old_month)
    assert (gone.verdict, gone.counts) == (Verdict.CANNOT_TELL, {Kind.ARCHIVED: 1})
    assert (_verified(old_month, tmp_path).verdict, _verified(old_month, tmp_path).compared) == (Verdict.OK, 49)
    _alter_archive(tmp_path)
    altered = _verified(old_month, tmp_path)
    assert (altered.verdict, altered.counts) == (Verdict.ALTERED, {Kind.ALTERED: 1, Kind.MISSING: 1, Kind.INSERTED: 1})


def test_the_log_waits_for_no_month_that_is_archived_and_sealed(
    old_month: str, keeper: MonthKeeper, tmp_path: Path
) -> None:
    with closing(SealingStore(old_month)) as store:
        Sealer(store).seal()
    keeper.archive(OLD, tmp_path)
    with closing(SealingStore(old_month)) as store:
        sealer = Sealer(store)
        sealer.seal()
        keeper.detach(OLD)
        assert sealer.seal().behind == 0
        keeper.attach(OLD)
        sealer.seal()
    report = _verified(old_month)
    assert (report.verdict, report.pending) == (Verdict.OK, 0)


def test_a_restored_month_is_what_the_log_sealed(old_month: str, keeper: MonthKeeper, tmp_path: Path) -> None:
    with closing(SealingStore(old_month)) as store:
        Sealer(store).seal()
    keeper.archive(OLD, tmp_path)
    keeper.detach(OLD, force=True)
    keeper.drop(OLD)
    keeper.restore(OLD, tmp_path)
    with closing(SealingStore(old_month)) as store:
        assert Sealer(store).seal().sealed == 5, "the events about it, and none of the month again"
    report = _verified(old_month)
    assert (report.verdict, report.compared, report.pending) == (Verdict.OK, 45, 0)


def test_a_month_restored_into_another_cluster_is_sealed_there(
    old_month: str, keeper: MonthKeeper, tmp_path: Path
) -> None:
    keeper.archive(OLD, tmp_path)
    keeper.detach(OLD, force=True)
    keeper.drop(OLD)
    place = manifest_path(tmp_path, OLD)
    place.write_text(place.read_text().replace('"cluster": "', '"cluster": "1'))
    keeper.restore(OLD, tmp_path)
    with closing(SealingStore(old_month)) as store:
        assert Sealer(store).seal().sealed == 45
    assert _verified(old_month).verdict is Verdict.OK


def test_an_event_that_the_log_lacks_keeps_its_month_attached(
    old_month: str, keeper: MonthKeeper, monkeypatch: pytest.MonkeyPatch
) -> None:
    with closing(SealingStore(old_month)) as store:
        Sealer(store).seal()
    insert_events(old_month, [{"event_timestamp": datetime(2019, 3, 9, tzinfo=UTC)}])
    monkeypatch.setattr("audit.months._SEALING", 0.0)
    with pytest.raises(MonthError, match="not in the log yet"):
        keeper.detach(OLD)
    with closing(SealingStore(old_month)) as store:
        Sealer(store).seal()
    keeper.detach(OLD)


def _alter_archive(directory: Path) -> None:
    """Change one event and exchange the id of another, with a manifest that fits."""
    place = manifest_path(directory, OLD)
    manifest = read_manifest(place)
    lines = list(lines_of(place, manifest))
    assert b'"event_data":{"number"' in lines[3]
    lines[3] = lines[3].replace(b'"event_data":{"number"', b'"event_data":{"other"')
    event_id = json.loads(lines[5])["event_id"]
    lines[5] = lines[5].replace(event_id.encode(), str(uuid4()).encode())
    text = b"".join(lines)
    (directory / manifest.file).write_bytes(gzip.compress(text))
    place.write_text(place.read_text().replace(manifest.sha256, hashlib.sha256(text).hexdigest()))
