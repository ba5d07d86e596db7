"""Erasure under an order: what is erased is gone, the log stays whole, and nothing else passes for an erasure."""

from __future__ import annotations

import json
from collections.abc import Iterator
from contextlib import closing
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import Any
from uuid import UUID, uuid4

import psycopg
import pytest
from click.testing import CliRunner, Result

from audit.months import MonthKeeper
from datastorage.cli.erase import erase as command
from datastorage.cli.verify import _archived
from datastorage.retention import keeper_of
from datastorage.settings import load_settings
from evidence.mirror import verify_mirror
from evidence.note import Signer, sign_note
from evidence.publish import Directory, LogFiles
from evidence.report import Kind, Report, Verdict
from evidence.sealer import Sealer
from evidence.verify import verify_database
from repository.erasure import ErasureRefusedError, erase
from repository.months import MonthStore
from repository.partitions import create_month
from repository.sealing import SealingStore
from tests.fixtures.awaiting import eventually_sync
from tests.fixtures.controlled import Controlled
from tests.fixtures.events import event_body
from tests.fixtures.reading import insert_events, reading
from tests.fixtures.service import Service, StartService

EVENTS = "/api/v1/audit/events"
PAYLOAD: dict[str, Any] = {
    "customer": {"email": "x@example.com", "age": 1.50},
    "kept": [1, "two"],
    "a/b~": "odd",
    "": 1,
}
ATTACK = "SET session_replication_role = replica; ALTER TABLE audit_events DISABLE TRIGGER ALL;"


@pytest.fixture
def store(database_url: str) -> Iterator[SealingStore]:
    with closing(SealingStore(database_url)) as store:
        yield store


@pytest.fixture
def victim(database_url: str, store: SealingStore) -> UUID:
    """A sealed event with a payload, between two others."""
    ids = insert_events(database_url, [{"event_data": PAYLOAD, "correlation_id": f"c-{n}"} for n in range(3)])
    Sealer(store).seal()
    return UUID(ids[1])


def erased(url: str, event_id: UUID, *pointers: str) -> UUID:
    erasure_id = uuid4()
    erase(url, erasure_id, event_id, pointers, order="DSR-17", reason="asked for it")
    return erasure_id


def verified(store: SealingStore, *archives: Path, seal: bool = True) -> Report:
    if seal:
        Sealer(store).seal()
    return verify_database(store, (), lambda _done, _total: None, lambda month: _archived(archives, month))


def found(report: Report) -> set[tuple[Kind, UUID | None]]:
    return {(one.kind, one.event_id) for one in report.findings}


def payload_of(url: str, event_id: UUID) -> Any:
    with psycopg.connect(url) as connection:
        row = connection.execute("SELECT event_data FROM audit_events WHERE event_id = %s", [event_id]).fetchone()
    assert row
    return row[0]


def attack(url: str, statement: str, *values: object) -> None:
    with psycopg.connect(url, autocommit=True) as connection:
        connection.execute(ATTACK)
        connection.execute(statement, values)  # type: ignore[arg-type]
        connection.execute("RESET session_replication_role; ALTER TABLE audit_events ENABLE TRIGGER ALL")


@pytest.mark.parametrize(
    ("pointer", "left"),
    [
        ("/event_data/customer/email", {**PAYLOAD, "customer": {"email": "MARK", "age": 1.5}}),
        ("/event_data/kept/1", {**PAYLOAD, "kept": [1, "MARK"]}),
        ("/event_data/a~1b~0", {**PAYLOAD, "a/b~": "MARK"}),
        ("/event_data/", {**PAYLOAD, "": "MARK"}),
        ("/event_data", "MARK"),
    ],
)
def test_a_member_gives_way_to_a_marker_and_everything_else_stays(
    database_url: str, victim: UUID, pointer: str, left: Any
) -> None:
    marker = json.dumps({"$erased": str(erased(database_url, victim, pointer))})
    assert payload_of(database_url, victim) == json.loads(json.dumps(left).replace('"MARK"', marker))


def test_verify_says_redacted_and_the_sealed_event_tells_why(
    database_url: str, store: SealingStore, victim: UUID
) -> None:
    first = erased(database_url, victim, "/event_data/customer/email", "/event_data/kept")
    report = verified(store)
    assert (report.verdict, found(report)) == (Verdict.OK, {(Kind.REDACTED, victim)})
    assert str(first) in report.findings[0].detail
    erased(database_url, victim, "/event_data/customer")
    assert found(verified(store)) == {(Kind.REDACTED, victim)}
    with psycopg.connect(database_url) as connection:
        row = connection.execute(
            "SELECT event_type, correlation_id, resource_id, recorded_by, event_data FROM audit_events"
            " WHERE event_id = %s",
            [first],
        ).fetchone()
        login = connection.info.user
    assert row
    assert row[:4] == ("datastorage.event.erased", "c-1", str(victim), "datastorage")
    told = {name: row[4][name] for name in ("event_id", "paths", "order", "reason", "login")}
    assert told == {
        "event_id": str(victim),
        "paths": ["/event_data/customer/email", "/event_data/kept"],
        "order": "DSR-17",
        "reason": "asked for it",
        "login": login,
    }


def test_the_databases_digest_is_that_of_the_log(database_url: str, store: SealingStore, victim: UUID) -> None:
    exact = '{"n": 18446744073709551617, "small": 0.1000000000000000055511151231257827, "t": "\\u2028 ü \\n"}'
    insert_events(
        database_url, [{"event_data": exact, "actor_ip": "10.1.0.0/16", "error_message": 'a\tb"', "duration_ms": 3}]
    )
    Sealer(store).seal()
    with psycopg.connect(database_url, options="-c timezone=Asia/Tokyo -c datestyle=German") as connection:
        digests = {
            row[0].bytes: row[1]
            for row in connection.execute("SELECT event_id, audit_event_digest(e) FROM audit_events e")
        }
    last = store.last_batch()
    assert last
    entries = store.entries(0, last.size)
    assert digests == {entries[at + 1 : at + 17]: entries[at + 21 : at + 53] for at in range(0, len(entries), 53)}


def test_a_change_without_an_erasure_or_beyond_it_is_altered(
    database_url: str, store: SealingStore, victim: UUID
) -> None:
    erased(database_url, victim, "/event_data/customer")
    attack(database_url, "UPDATE audit_events SET actor_id = 'b' WHERE event_id = %s", victim)
    assert found(verified(store)) == {(Kind.ALTERED, victim)}


def test_an_erasure_that_only_a_table_tells_of_is_not_believed(
    database_url: str, store: SealingStore, victim: UUID
) -> None:
    erasure_id = erased(database_url, victim, "/event_data/customer")
    assert found(verified(store, seal=False)) == {(Kind.ERASURE_UNPROVEN, victim)}, "the event is not sealed yet"
    Sealer(store).seal()
    attack(database_url, "DELETE FROM audit_events WHERE event_id = %s", erasure_id)
    report = verified(store)
    assert report.verdict is Verdict.ALTERED
    assert found(report) == {(Kind.MISSING, erasure_id), (Kind.ERASURE_UNPROVEN, victim)}


def test_a_changed_event_about_an_erasure_proves_nothing(database_url: str, store: SealingStore, victim: UUID) -> None:
    erasure_id = erased(database_url, victim, "/event_data/customer")
    Sealer(store).seal()
    attack(database_url, "UPDATE audit_events SET actor_id = 'b' WHERE event_id = %s", victim)
    with psycopg.connect(database_url) as connection:
        row = connection.execute(
            "SELECT encode(audit_event_digest(e), 'hex') FROM audit_events e WHERE event_id = %s", [victim]
        ).fetchone()
    assert row
    change = (
        "UPDATE audit_events SET event_data = event_data || jsonb_build_object('digest', %s::text) WHERE event_id = %s"
    )
    attack(database_url, change, row[0], erasure_id)
    assert found(verified(store)) == {(Kind.ALTERED, erasure_id), (Kind.ERASURE_UNPROVEN, victim)}


@pytest.mark.parametrize(
    "pointers", [["/event_data/none"], ["/actor_id"], ["/event_data/kept/7"], ["/event_datax"], []]
)
def test_what_is_not_there_is_not_erased(database_url: str, victim: UUID, pointers: list[str]) -> None:
    with pytest.raises(Exception, match=r"names nothing|refused"):
        erase(database_url, uuid4(), victim, pointers, order="o", reason="r")
    assert payload_of(database_url, victim) == PAYLOAD


def test_neither_an_unknown_event_nor_an_erased_member_nor_the_event_about_it_is_erased(
    database_url: str, victim: UUID
) -> None:
    erasure_id = erased(database_url, victim, "/event_data/customer/email")
    for event_id, pointer, why in (
        (uuid4(), "/event_data", "no such event"),
        (victim, "/event_data/customer/email", "erased before"),
        (erasure_id, "/event_data/reason", "tells of an erasure"),
    ):
        with pytest.raises(ErasureRefusedError, match=why):
            erased(database_url, event_id, pointer)


def test_a_held_event_is_not_erased_until_the_hold_is_released(database_url: str, victim: UUID) -> None:
    hold_id = uuid4()
    with psycopg.connect(database_url) as connection:
        connection.execute(
            "INSERT INTO legal_holds (hold_id, matter, reason, correlation_id, second_person)"
            " VALUES (%s, 'm', 'r', 'c-1', false)",
            [hold_id],
        )
    with pytest.raises(ErasureRefusedError, match="legal hold"):
        erased(database_url, victim, "/event_data/customer")
    with psycopg.connect(database_url) as connection:
        connection.execute("INSERT INTO legal_hold_releases (hold_id, reason) VALUES (%s, 'over')", [hold_id])
    erased(database_url, victim, "/event_data/customer")


@pytest.mark.parametrize(
    "change",
    ["actor_id = 'b'", "event_data = '{}'", "event_data = event_data - 'kept'", "event_id = gen_random_uuid()"],
)
def test_an_entry_in_the_table_of_erasures_lets_no_other_change_past_the_trigger(
    database_url: str, victim: UUID, change: str
) -> None:
    with psycopg.connect(database_url) as connection:
        connection.execute(
            "INSERT INTO audit_erasures (erasure_id, event_id, event_date, pointers, original_sha256)"
            " SELECT gen_random_uuid(), event_id, event_date, '{/event_data/customer}', sha256('')"
            "  FROM audit_events WHERE event_id = %s",
            [victim],
        )
        with pytest.raises(psycopg.errors.CheckViolation, match="append-only"):
            connection.execute(f"UPDATE audit_events SET {change} WHERE event_id = %s", [victim])


def run(url: str, *arguments: str, answer: str = "") -> Result:
    return CliRunner().invoke(command, arguments, env={"DATABASE_URL": url}, input=answer)


def test_the_command_says_what_it_would_do_asks_and_does_it(database_url: str, victim: UUID) -> None:
    asked = [str(victim), "--path", "/event_data/customer/email", "--order", "DSR-17", "--reason", "r"]
    dry = run(database_url, *asked, "--dry-run")
    assert (dry.exit_code, dry.output) == (0, "would erase  /event_data/customer/email (string)\n")
    assert run(database_url, *asked, answer="n\n").exit_code == 1
    assert payload_of(database_url, victim) == PAYLOAD
    done = run(database_url, *asked, answer="y\n")
    assert (done.exit_code, "tells of it" in done.output) == (0, True)
    assert payload_of(database_url, victim)["customer"]["email"].keys() == {"$erased"}
    for wrong in ("customer", "/event_data/a~2", "/event_data/none"):
        refused = run(database_url, str(victim), "--path", wrong, "--order", "o", "--reason", "r", "--yes")
        assert refused.exit_code == 2
        assert "Traceback" not in refused.output


async def test_readers_see_the_marker(database_url: str, victim: UUID) -> None:
    erasure_id = erased(database_url, victim, "/event_data/customer")
    async with reading(database_url) as read:
        event = (await read.client.get(f"{EVENTS}/{victim}")).json()
    assert event["event_data"]["customer"] == {"$erased": str(erasure_id)}


def test_the_original_that_comes_again_is_a_repetition_and_brings_nothing_back(service: Service) -> None:
    client, url = service.client, service.environment["DATABASE_URL"]
    body = event_body({"correlation_id": "c", "event_id": str(uuid4()), "event_data": PAYLOAD})
    assert client.post(EVENTS, json=body).status_code == 201
    erasure_id = erased(url, UUID(body["event_id"]), "/event_data/customer")
    assert client.post(EVENTS, json=body).status_code == 200
    other = {**body, "event_data": {**PAYLOAD, "kept": []}}
    assert client.post(EVENTS, json=other).status_code == 409
    assert payload_of(url, UUID(body["event_id"]))["customer"] == {"$erased": str(erasure_id)}
    forged = {**body, "event_id": str(uuid4()), "event_type": "datastorage.event.erased"}
    assert client.post(EVENTS, json=forged).status_code == 400


def test_the_original_in_the_queue_is_settled_and_brings_nothing_back(
    start_service: StartService, own_postgres: Controlled
) -> None:
    service = start_service(database_url=own_postgres.url)
    client = service.client
    body = event_body({"correlation_id": "c", "event_id": str(uuid4()), "event_data": PAYLOAD})
    assert client.post(EVENTS, json=body).status_code == 201
    erased(own_postgres.url, UUID(body["event_id"]), "/event_data/customer")
    own_postgres.stop()
    assert client.post(EVENTS, json=body).status_code == 202
    own_postgres.start()
    receipt = f"{EVENTS}/{body['event_id']}/receipt"
    eventually_sync(lambda: client.get("/api/v1/dlq").json()["streams"][0]["depth"] == 0, timeout=60)
    assert client.get(receipt).json()["state"] == "stored"
    assert client.get("/api/v1/dlq").json()["streams"][0]["dead_letters"] == 0
    assert payload_of(own_postgres.url, UUID(body["event_id"]))["customer"].keys() == {"$erased"}


OLD = date(2019, 3, 1)


@pytest.fixture
def old(database_url: str, store: SealingStore) -> UUID:
    """A sealed event of a month that may leave."""
    with psycopg.connect(database_url, autocommit=True, options="-c timezone=UTC") as connection:
        create_month(connection, OLD)
    at = datetime(2019, 3, 5, tzinfo=UTC)
    ids = insert_events(
        database_url, [{"event_timestamp": at + timedelta(days=n), "event_data": PAYLOAD} for n in range(3)]
    )
    Sealer(store).seal()
    return UUID(ids[1])


@pytest.fixture
def keeper(database_url: str) -> Iterator[MonthKeeper]:
    with closing(MonthStore(database_url)) as months:
        yield keeper_of(months, load_settings())


def test_a_month_that_comes_back_from_an_older_archive_comes_back_erased(
    database_url: str, keeper: MonthKeeper, store: SealingStore, old: UUID, tmp_path: Path
) -> None:
    keeper.archive(OLD, tmp_path)
    dry = run(database_url, str(old), "--path", "/event_data/customer", "--order", "o", "--reason", "r", "--dry-run")
    assert str(tmp_path) in dry.output, "the archive that still has it is named"
    erased(database_url, old, "/event_data/customer")
    Sealer(store).seal()
    with psycopg.connect(database_url) as connection:
        connection.execute("ALTER TABLE audit_events DETACH PARTITION audit_events_2019_03")
        connection.execute("DROP TABLE audit_events_2019_03")
    assert verified(store, tmp_path).verdict is Verdict.OK, "the archive is as it was sealed"
    keeper.restore(OLD, tmp_path)
    assert payload_of(database_url, old)["customer"].keys() == {"$erased"}
    assert found(verified(store)) == {(Kind.REDACTED, old)}


def test_an_archive_that_was_written_after_the_erasure_is_redacted_too(
    database_url: str, keeper: MonthKeeper, store: SealingStore, old: UUID, tmp_path: Path
) -> None:
    erased(database_url, old, "/event_data/customer")
    Sealer(store).seal()
    keeper.archive(OLD, tmp_path)
    keeper.detach(OLD)
    keeper.drop(OLD)
    assert found(verified(store, tmp_path)) == {(Kind.REDACTED, old)}


async def test_an_export_is_redacted_where_it_has_the_event_about_it(
    database_url: str, store: SealingStore, victim: UUID, tmp_path: Path
) -> None:
    erased(database_url, victim, "/event_data/customer")
    sealer = Sealer(store)
    sealer.seal()
    signer = Signer.generate("log")
    checkpoint = sealer.checkpoint("log")
    assert checkpoint
    LogFiles(Directory(tmp_path / "log")).publish(store, checkpoint, sign_note(checkpoint.text, [signer]))
    async with reading(database_url) as read:
        lines = (await read.client.get(EVENTS, headers={"Accept": "application/x-ndjson"})).text
    (tmp_path / "whole").write_text(lines)
    part = "".join(line for line in lines.splitlines(keepends=True) if "datastorage.event.erased" not in line)
    (tmp_path / "part").write_text(part)

    def offline(name: str) -> Report:
        return verify_mirror(tmp_path / "log", [signer.verifier], (), tmp_path / name, lambda _done, _total: None)

    assert (offline("whole").verdict, found(offline("whole"))) == (Verdict.OK, {(Kind.REDACTED, victim)})
    assert found(offline("part")) == {(Kind.ERASURE_UNPROVEN, victim)}
