"""Signed exports: a file that proves by itself what was recorded, and that finds whoever changes it."""

from __future__ import annotations

import hashlib
import io
import json
import tarfile
from collections.abc import Callable, Iterator
from contextlib import closing
from datetime import UTC, datetime, timedelta
from pathlib import Path
from uuid import UUID, uuid4

import psycopg
import pytest
from click.testing import CliRunner, Result

from datastorage.cli.export import export
from datastorage.cli.verify import verify
from evidence.checkpoint import Checkpoint
from evidence.note import Signer, open_note, sign_note
from evidence.report import Kind
from evidence.sealer import Sealer
from repository.erasure import erase
from repository.partitions import create_month
from repository.sealing import SealingStore
from tests.fixtures.reading import insert_events

SIGNER = Signer.generate("log.example/test")
DAY = datetime(2019, 3, 5, 12, tzinfo=UTC)


@pytest.fixture
def store(database_url: str) -> Iterator[SealingStore]:
    with closing(SealingStore(database_url)) as store:
        yield store


@pytest.fixture
def sealed(database_url: str, store: SealingStore) -> list[UUID]:
    """Twenty events of five days in a row, sealed out of the order of their times."""
    with psycopg.connect(database_url, autocommit=True, options="-c timezone=UTC") as connection:
        create_month(connection, DAY.date().replace(day=1))
    ids = []
    for number in range(20):
        event = {
            "event_timestamp": DAY + timedelta(days=(7 * number) % 5),
            "actor_id": f"a-{number % 2}",
            "error_message": None if number % 3 else '=cmd|"x",\nüber',
            "event_data": {"customer": {"email": "x@example.com"}, "n": number},
        }
        ids += [UUID(one) for one in insert_events(database_url, [event])]
        if number % 6 == 0:
            Sealer(store).seal()
    Sealer(store).seal()
    store.identity("log.example/test")
    return ids


def made(url: str, target: Path, *arguments: str, key: str = SIGNER.secret_text()) -> Result:
    environment = {"DATABASE_URL": url, "DATASTORAGE_LOG_KEY": key}
    return CliRunner().invoke(export, [str(target), *arguments], env=environment)


def checked(target: Path, *arguments: str, key: Signer | None = SIGNER) -> tuple[int, dict[str, int]]:
    """The exit code, and how much of each kind was found."""
    keys = ["--key", str(key.verifier)] if key else []
    ended = CliRunner().invoke(verify, [str(target), "--json", *keys, *arguments])
    assert ended.exit_code in {0, 1, 3}, ended.output
    return ended.exit_code, json.loads(ended.output)["counts"]


def changed(target: Path, name: str, change: Callable[[bytes], bytes]) -> Path:
    """The export with one of its files changed, and the manifest as it was."""
    other = target.with_name("changed.tar")
    with tarfile.open(target) as old, tarfile.open(other, "w") as new:
        for member in old:
            file = old.extractfile(member)
            assert file
            data = file.read()
            if member.name == name:
                assert change(data) != data
                data = change(data)
                member.size = len(data)
            new.addfile(member, io.BytesIO(data))
    return other


def lines_of(target: Path, name: str = "events.ndjson") -> list[bytes]:
    with tarfile.open(target) as tar:
        file = tar.extractfile(name)
        assert file
        return file.readlines()


@pytest.mark.parametrize(
    ("arguments", "events", "proves"),
    [
        ([], 20, "completeness"),
        (["--from", "2019-03-06", "--to", "2019-03-07"], 8, "completeness"),
        (["--actor-id", "a-1"], 10, "authenticity"),
        (["--from", "2019-03-06", "--since", "2019-03-07T00:00:00Z", "--actor-id", "a-0"], 6, "authenticity"),
        (["--correlation-id", "nobody"], 0, "authenticity"),
    ],
)
@pytest.mark.parametrize("form", ["ndjson", "csv"])
def test_an_export_verifies_by_itself_and_says_what_it_proves(
    database_url: str, sealed: list[UUID], tmp_path: Path, arguments: list[str], events: int, proves: str, form: str
) -> None:
    target = tmp_path / "out.tar"
    ended = made(database_url, target, "--signed", "--format", form, *arguments)
    assert ended.exit_code == 0, ended.output
    assert ended.output.startswith(f"{events} events written")
    assert ended.output.endswith(f"it proves {proves}\n")
    lines = lines_of(target)
    assert len(lines) == events
    assert [json.loads(one)["log_index"] for one in lines] == sorted(json.loads(one)["log_index"] for one in lines)
    assert checked(target) == (0, {})
    assert [one.name for one in tmp_path.iterdir()] == ["out.tar"], "nothing is left beside it"


def test_whoever_has_no_key_or_another_one_cannot_tell(database_url: str, sealed: list[UUID], tmp_path: Path) -> None:
    target = tmp_path / "out.tar"
    made(database_url, target)
    assert checked(target, key=None) == (3, {"unsigned": 2})
    assert checked(target, key=Signer.generate("somebody")) == (3, {"unsigned": 2})
    assert made(database_url, target, "--signed", key="").exit_code == 2
    made(database_url, target, key="")
    assert checked(target) == (3, {"unsigned": 2})


@pytest.mark.parametrize("arguments", [[], ["--actor-id", "a-1"]], ids=["complete", "filtered"])
@pytest.mark.parametrize(
    ("name", "change"),
    [
        ("events.ndjson", lambda data: data.replace(b"x@example.com", b"y@example.com", 1)),
        ("events.ndjson", lambda data: data[data.index(b"\n") + 1 :]),
        ("events.ndjson", lambda data: data + data[: data.index(b"\n") + 1]),
        ("manifest", lambda data: data.replace(b'"events": ', b'"events": 1')),
        ("manifest", lambda data: data.replace(b'"first_day": null', b'"first_day": "2019-03-06"')),
    ],
    ids=["a byte", "one left out", "one twice", "another count", "other days"],
)
def test_a_changed_export_is_altered(
    database_url: str,
    sealed: list[UUID],
    tmp_path: Path,
    arguments: list[str],
    name: str,
    change: Callable[[bytes], bytes],
) -> None:
    target = tmp_path / "out.tar"
    made(database_url, target, *arguments)
    code, found = checked(changed(target, name, change))
    assert code == 1
    assert Kind.EXPORT.value in found


def resigned(target: Path, name: str, change: Callable[[bytes], bytes]) -> Path:
    """A changed export whose manifest was made anew by somebody who signs it with the log's own key."""
    other = changed(target, name, change)
    with tarfile.open(other) as tar:
        file = tar.extractfile(name)
        assert file
        data = file.read()

    def anew(note: bytes) -> bytes:
        manifest = json.loads(open_note(note.decode(), [SIGNER.verifier])[0])
        manifest["files"][name] = {"bytes": len(data), "sha256": hashlib.sha256(data).hexdigest()}
        manifest["events"] = data.count(b"\n")
        return sign_note(json.dumps(manifest) + "\n", [SIGNER]).encode()

    target.unlink()
    other.rename(target)
    return changed(target, "manifest", anew)


@pytest.mark.parametrize(
    ("arguments", "kind"), [([], Kind.MISSING), (["--actor-id", "a-1"], Kind.EXPORT)], ids=["complete", "filtered"]
)
def test_an_event_that_was_left_out_before_signing_is_missed_where_days_are_complete(
    database_url: str, sealed: list[UUID], tmp_path: Path, arguments: list[str], kind: Kind
) -> None:
    target = tmp_path / "out.tar"
    made(database_url, target, *arguments)
    without = resigned(target, "events.ndjson", lambda data: data[data.index(b"\n") + 1 :])
    code, found = checked(without)
    assert (code, kind.value in found) == (1, True)


def test_an_event_that_was_changed_before_signing_is_found(
    database_url: str, sealed: list[UUID], tmp_path: Path
) -> None:
    for arguments in ([], ["--actor-id", "a-1"]):
        target = tmp_path / "out.tar"
        made(database_url, target, *arguments)
        forged = resigned(target, "events.ndjson", lambda data: data.replace(b"x@example.com", b"y@example.com", 1))
        assert checked(forged) == (1, {"altered": 1})


def test_csv_that_says_something_else_is_altered(database_url: str, sealed: list[UUID], tmp_path: Path) -> None:
    target = tmp_path / "out.tar"
    made(database_url, target, "--format", "csv")
    (head, *_), rows = lines_of(target, "events.csv"), lines_of(target, "events.csv")
    assert head.startswith(b"log_index,event_id,version,")
    assert any(b"'=cmd" in row for row in rows)
    code, found = checked(changed(target, "events.csv", lambda data: data.replace(b"a-1", b"a-7", 1)))
    assert (code, found) == (1, {"export_altered": 2}), "neither what the manifest nor what the NDJSON says"


def test_a_checkpoint_that_was_kept_is_part_of_the_exports_log(
    database_url: str, store: SealingStore, sealed: list[UUID], tmp_path: Path
) -> None:
    target = tmp_path / "out.tar"
    made(database_url, target)
    batches = list(store.batches())
    for root, code in ((batches[1].root, 0), (bytes(32), 1)):
        kept = tmp_path / "kept"
        kept.write_text(Checkpoint("log.example/test", batches[1].size, root).text)
        ended = CliRunner().invoke(verify, [str(target), "--json", "--checkpoint", str(kept)])
        counts = json.loads(ended.output)["counts"]
        assert ("forked" in counts) is bool(code)


def test_a_month_that_is_not_at_hand_is_named_and_nothing_is_called_complete(
    database_url: str, store: SealingStore, sealed: list[UUID], tmp_path: Path
) -> None:
    target = tmp_path / "out.tar"
    insert_events(database_url, [{}])
    Sealer(store).seal()
    with psycopg.connect(database_url) as connection:
        connection.execute("ALTER TABLE audit_events DETACH PARTITION audit_events_2019_03")
    ended = made(database_url, target)
    assert "1 events written" in ended.output
    assert "not at hand, and not in it: 2019-03 (20 events)" in ended.output
    assert checked(target) == (3, {"month_gone": 1})


@pytest.mark.parametrize("arguments", [[], ["--from", "2019-03-05", "--to", "2019-03-09"], ["--actor-id", "a-1"]])
def test_what_was_erased_is_redacted_and_the_event_about_it_comes_along(
    database_url: str, store: SealingStore, sealed: list[UUID], tmp_path: Path, arguments: list[str]
) -> None:
    target = tmp_path / "out.tar"
    erase(database_url, uuid4(), sealed[3], ["/event_data/customer"], order="DSR-1", reason="r")
    Sealer(store).seal()
    ended = made(database_url, target, *arguments)
    assert ended.exit_code == 0, ended.output
    assert checked(target) == (0, {"redacted": 1})
    assert b"x@example.com" not in next(line for line in lines_of(target) if str(sealed[3]).encode() in line)


def test_without_anything_sealed_there_is_nothing_to_export(database_url: str, tmp_path: Path) -> None:
    ended = made(database_url, tmp_path / "out.tar")
    assert (ended.exit_code, "nothing is sealed yet" in ended.output) == (2, True)
    (tmp_path / "other.tar").write_bytes(b"x" * 2000)
    assert CliRunner().invoke(verify, [str(tmp_path / "other.tar")]).exit_code == 2
