"""Legal holds: what is held does not leave by retention, whoever asks and whenever the hold is placed."""

from __future__ import annotations

import json
import threading
from collections.abc import Iterator
from contextlib import closing
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any
from uuid import UUID, uuid4

import psycopg
import pytest
from click.testing import CliRunner

from audit.months import MonthError, MonthKeeper
from audit.retention_plan import plan
from datastorage.cli.holds import holds
from datastorage.cli.partitions import partitions
from datastorage.retention import keeper_of
from datastorage.settings import load_settings
from repository.months import MonthStore
from repository.partitions import create_month
from telemetry.clock import utc_now
from tests.fixtures.awaiting import eventually_sync
from tests.fixtures.credentials import AUDIENCE, ISSUER, Signer, jwks
from tests.fixtures.reading import insert_events
from tests.fixtures.service import Service, StartService

OLD = date(2019, 3, 1)
NAME = "audit_events_2019_03"
HOLDS = "/api/v1/audit/holds"
SIGNER = Signer()


@pytest.fixture
def old_month(database_url: str) -> str:
    with psycopg.connect(database_url, autocommit=True, options="-c timezone=UTC") as connection:
        create_month(connection, OLD)
    at = datetime(2019, 3, 5, tzinfo=UTC)
    insert_events(
        database_url,
        [{"event_timestamp": at, "correlation_id": f"c-{n}", "actor_id": f"a-{n % 2}"} for n in range(6)],
    )
    return database_url


@pytest.fixture
def keeper(old_month: str) -> Iterator[MonthKeeper]:
    with closing(MonthStore(old_month)) as store:
        yield keeper_of(store, load_settings())


def place(connection: psycopg.Connection[Any], matter: str = "m", **scope: Any) -> UUID:
    hold_id = uuid4()
    names = ", ".join(scope)
    connection.execute(
        f"INSERT INTO legal_holds (hold_id, matter, reason, second_person, {names})"  # type: ignore[arg-type]
        f" VALUES (%s, %s, 'r', false, {', '.join(['%s'] * len(scope))})",
        [hold_id, matter, *scope.values()],
    )
    return hold_id


def released(connection: psycopg.Connection[Any], hold_id: UUID) -> None:
    connection.execute("INSERT INTO legal_hold_releases (hold_id, reason) VALUES (%s, 'over')", [hold_id])


def _answered(ask: Any, status: int) -> dict[str, Any]:
    """The answer of a service that a busy machine may keep from its stores for a while: then nothing was changed."""
    answer = eventually_sync(lambda: (given := ask()).status_code != 503 and given, timeout=60)
    assert answer.status_code == status, answer.text
    document: dict[str, Any] = answer.json()
    return document


def acts_of(url: str, hold_id: str) -> set[tuple[str, str]]:
    with psycopg.connect(url) as connection:
        return set(
            connection.execute(
                "SELECT event_type, event_outcome FROM audit_events WHERE resource_id = %s", [hold_id]
            ).fetchall()
        )


@pytest.mark.parametrize(
    ("scope", "covers"),
    [
        ({"correlation_id": "c-3"}, True),
        ({"correlation_id": "c-3", "actor_id": "a-1"}, True),
        ({"correlation_id": "c-3", "actor_id": "a-0"}, False),
        ({"resource_type": "signal", "resource_id": "r-1"}, True),
        ({"resource_id": "r-2"}, False),
        ({"event_category": "workflow"}, False),
        ({"since": datetime(2019, 3, 5, tzinfo=UTC), "until": datetime(2019, 3, 5, tzinfo=UTC)}, True),
        ({"since": datetime(2019, 3, 6, tzinfo=UTC)}, False),
        ({"until": datetime(2019, 3, 4, tzinfo=UTC)}, False),
    ],
)
def test_a_hold_keeps_the_months_of_the_events_that_it_covers(
    old_month: str, keeper: MonthKeeper, scope: dict[str, Any], covers: bool
) -> None:
    with psycopg.connect(old_month) as connection:
        hold_id = place(connection, "2026-CV-1", **scope)
    if not covers:
        keeper.detach(OLD)
        return
    with pytest.raises(MonthError, match=rf"legal hold: 2026-CV-1 \({hold_id}\)"):
        keeper.detach(OLD, force=True)
    assert keeper.find(OLD).state == "attached"


def test_a_held_month_may_be_archived_and_stays_until_the_last_of_its_holds_is_released(
    old_month: str, keeper: MonthKeeper, tmp_path: Path
) -> None:
    with psycopg.connect(old_month) as connection:
        first, second = place(connection, "one", actor_id="a-1"), place(connection, "two", correlation_id="c-2")
    today = utc_now().date()

    def planned() -> list[str]:
        return [one.act for one in plan(keeper.months(), 2, today, drop=True, held=keeper.held)]

    assert planned() == ["archive", "hold"]
    for step in plan(keeper.months(), 2, today, drop=True, held=keeper.held):
        keeper.apply(step, tmp_path)
    assert keeper.find(OLD).state == "attached"
    assert keeper.find(OLD).sha256 is not None
    with psycopg.connect(old_month) as connection:
        released(connection, first)
    with pytest.raises(MonthError, match="two") as refused:
        keeper.detach(OLD)
    assert "one" not in str(refused.value)
    with psycopg.connect(old_month) as connection:
        released(connection, second)
    assert planned() == ["detach", "drop"]
    keeper.detach(OLD)
    keeper.drop(OLD)


def test_a_hold_on_a_detached_month_keeps_its_table(old_month: str, keeper: MonthKeeper, tmp_path: Path) -> None:
    keeper.archive(OLD, tmp_path)
    keeper.detach(OLD)
    with psycopg.connect(old_month) as connection:
        place(connection, correlation_id="c-2")
    with pytest.raises(MonthError, match="legal hold"):
        keeper.drop(OLD)
    assert [one.act for one in plan(keeper.months(), 2, utc_now().date(), drop=True, held=keeper.held)] == ["hold"]


def test_dry_runs_say_which_hold_keeps_a_month(old_month: str, tmp_path: Path) -> None:
    with psycopg.connect(old_month) as connection:
        place(connection, "2026-CV-1", correlation_id="c-2")
    environment = {"DATABASE_URL": old_month, "DATASTORAGE_ARCHIVE_DIRECTORY": ""}
    retained = CliRunner().invoke(partitions, ["retain", "--keep", "2", "--to", str(tmp_path)], env=environment)
    assert "archive (--yes does it)  2019_03" in retained.output
    assert "hold  2019_03: 2019_03 has events under legal hold: 2026-CV-1" in retained.output
    detached = CliRunner().invoke(partitions, ["detach", "2019-03", "--dry-run"], env=environment)
    assert (detached.exit_code, "2026-CV-1" in detached.output) == (2, True)


def test_a_hold_that_is_being_placed_is_waited_for_by_a_drop(
    old_month: str, keeper: MonthKeeper, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The hold is there, uncommitted, when the drop looks for the first time, and committed before its last look."""
    keeper.archive(OLD, tmp_path)
    keeper.detach(OLD)
    forget = keeper._store.forget_ids
    waits = "SELECT count(*) FROM pg_locks WHERE NOT granted AND relation = 'legal_holds'::regclass"
    with psycopg.connect(old_month) as placing, psycopg.connect(old_month, autocommit=True) as watching:

        def commit() -> None:
            eventually_sync(lambda: watching.execute(waits).fetchone() == (1,))
            placing.commit()

        committing = threading.Thread(target=commit)

        def place_meanwhile(one: Any) -> None:
            forget(one)
            place(placing, correlation_id="c-2")
            committing.start()

        with monkeypatch.context() as patched:
            patched.setattr(keeper._store, "forget_ids", place_meanwhile)
            patched.setattr(keeper._store, "lock_holds", _patiently(keeper._store))
            with pytest.raises(MonthError, match="legal hold"):
                keeper.drop(OLD)
        committing.join(60)
        assert watching.execute(f"SELECT count(*) FROM {NAME}").fetchone() == (6,)
        ids = "SELECT count(*) FROM audit_event_ids WHERE event_date < '2020-01-01'"
        assert watching.execute(ids).fetchone() == (6,), "its ids are known again"


def _patiently(store: MonthStore) -> Any:
    """The lock of a drop without the limit of 2 s, which a busy machine may exceed."""
    lock = store.lock_holds

    def run() -> None:
        store._connection.execute("SET LOCAL lock_timeout = 0")
        lock()

    return run


def test_a_hold_cannot_be_placed_while_a_month_is_dropped(old_month: str, keeper: MonthKeeper) -> None:
    with keeper._store.transaction():
        keeper._store.lock_holds()
        connection = psycopg.connect(old_month, options="-c lock_timeout=50ms")
        with connection, pytest.raises(psycopg.errors.LockNotAvailable):
            place(connection, correlation_id="c-2")
    with psycopg.connect(old_month) as connection:
        place(connection, correlation_id="c-2")
        assert connection.execute("SELECT count(*) FROM legal_holds").fetchone() == (1,)


def test_a_hold_that_is_placed_while_a_month_is_detached_brings_it_back(
    old_month: str, keeper: MonthKeeper, monkeypatch: pytest.MonkeyPatch
) -> None:
    detach = keeper._store.detach

    def place_meanwhile(one: Any) -> None:
        with psycopg.connect(old_month) as connection:
            place(connection, correlation_id="c-2")
        detach(one)

    monkeypatch.setattr(keeper._store, "detach", place_meanwhile)
    with pytest.raises(MonthError, match="legal hold"):
        keeper.detach(OLD)
    assert keeper.find(OLD).state == "attached"


def test_holds_are_placed_listed_and_released_and_every_act_is_an_event(service: Service) -> None:
    client = service.client
    placed = []
    for number in range(3):
        body = {
            "matter": f"m-{number}",
            "reason": "letter",
            "scope": {"actor_id": "a", "until": "2026-01-01T00:00:00Z"},
        }
        placed.append(_answered(lambda body=body: client.post(HOLDS, json=body), 201))
    assert placed[0]["scope"] == {"actor_id": "a", "until": "2026-01-01T00:00:00Z"}
    assert (placed[0]["placed_by"], placed[0]["released_at"]) == (None, None)
    page = client.get(HOLDS, params={"limit": 2}).json()
    assert [one["matter"] for one in page["data"]] == ["m-2", "m-1"]
    page = client.get(HOLDS, params={"limit": 2, "cursor": page["pagination"]["next_cursor"]}).json()
    assert ([one["matter"] for one in page["data"]], page["pagination"]["has_more"]) == (["m-0"], False)

    release = f"{HOLDS}/{placed[1]['hold_id']}/release"
    released_now = _answered(lambda: client.post(release, json={"reason": "settled"}), 200)
    assert released_now["release_reason"] == "settled"
    stored = client.get(HOLDS, params={"state": "released"}).json()["data"]
    assert stored == [released_now], "what it answered is what is stored"
    assert client.post(release, json={"reason": "again"}).status_code == 409
    assert client.post(f"{HOLDS}/{uuid4()}/release", json={"reason": "r"}).status_code == 404
    states = {state: client.get(HOLDS, params={"state": state}).json()["data"] for state in ("in_force", "released")}
    assert [one["matter"] for one in states["in_force"]] == ["m-2", "m-0"]
    assert [one["matter"] for one in states["released"]] == ["m-1"]

    database = service.environment["DATABASE_URL"]
    act = "datastorage.hold."
    expected = {(f"{act}placed", "pending"), (f"{act}placed", "success")}
    for hold in placed:
        of_release = {(f"{act}released", "pending"), (f"{act}released", "success")} if hold is placed[1] else set()
        eventually_sync(lambda hold=hold, more=of_release: acts_of(database, hold["hold_id"]) == expected | more)


@pytest.mark.parametrize(
    "scope",
    [{}, {"anything": "x"}, {"actor_id": None}, {"since": "2026-01-02T00:00:00Z", "until": "2026-01-01T00:00:00Z"}],
    ids=["empty", "unknown", "null", "backwards"],
)
def test_a_scope_that_would_cover_something_else_than_was_meant_is_refused(
    module_service: Service, scope: dict[str, Any]
) -> None:
    answer = module_service.client.post(HOLDS, json={"matter": "m", "reason": "r", "scope": scope})
    assert answer.status_code == 400, answer.text


@pytest.fixture(scope="module")
def module_service(module_database_url: str, module_queue_url: str) -> Iterator[Service]:
    with Service(database_url=module_database_url, redis_url=module_queue_url) as service:
        yield service


def test_the_command_line_places_lists_and_releases(module_service: Service) -> None:
    def run(*arguments: str) -> str:
        ended = CliRunner().invoke(holds, [*arguments, "--url", module_service.url])
        assert ended.exit_code == 0, ended.output
        return ended.output

    hold_id = run("place", "--matter", "2026-CV-1", "--reason", "letter", "--correlation-id", "c-9").split()[-1]
    assert hold_id in run("list")
    assert json.loads(run("list", "--json"))[0]["scope"] == {"correlation_id": "c-9"}
    assert run("release", hold_id, "--reason", "over").startswith("released")
    assert hold_id not in run("list")
    assert hold_id in run("list", "--all", "--json")


def test_a_second_person_releases_where_that_is_set(start_service: StartService, tmp_path: Path) -> None:
    (tmp_path / "jwks.json").write_bytes(jwks(SIGNER))
    access = tmp_path / "access.yaml"
    access.write_text(
        f"issuers: [{{issuer: {ISSUER}, audience: {AUDIENCE}, jwks: '{tmp_path}/jwks.json', scopes_claim: scope}}]\n"
        "grants: [{subjects: [one, other], scopes: ['ops:admin', 'ops:read']}]\n"
    )
    client = start_service(settings={"access_path": access, "hold_second_person": True}).client

    def by(subject: str) -> dict[str, str]:
        return {"Authorization": f"Bearer {SIGNER.token(sub=subject)}"}

    body = {"matter": "m", "reason": "r", "scope": {"actor_id": "a"}}
    hold = client.post(HOLDS, json=body, headers=by("one")).json()
    assert (hold["placed_by"], hold["second_person"]) == ("one", True)
    release = f"{HOLDS}/{hold['hold_id']}/release"
    refused = client.post(release, json={"reason": "r"}, headers=by("one"))
    assert (refused.status_code, "somebody else" in refused.json()["detail"]) == (409, True)
    done = client.post(release, json={"reason": "r"}, headers=by("other"))
    assert (done.status_code, done.json()["released_by"]) == (200, "other")
