"""`datastorage verify`: whether what was sealed is still what is there."""

from __future__ import annotations

import json
import sys
from collections.abc import Iterator, Sequence
from contextlib import closing, contextmanager
from datetime import date
from pathlib import Path
from uuid import UUID

import click
from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeRemainingColumn

from audit.archive_files import ArchiveError, lines_of, manifest_path, read_manifest
from datastorage.cli.shared import CommandError, effective_settings, plain
from datastorage.log_places import read_note
from evidence.checkpoint import Checkpoint, open_checkpoint
from evidence.export_check import verify_export
from evidence.mirror import MirrorError, digest_of, verify_mirror
from evidence.note import KeyFormatError, NoteError, Verifier
from evidence.publish import PublishError
from evidence.redactions import Erasure, erasure_in
from evidence.report import Progress as Told
from evidence.report import Report, Verdict
from evidence.verify import ArchivedMonth, verify_database
from repository.errors import RepositoryError
from repository.sealing import SealingStore

__all__ = ["show_progress", "verify"]

_EXIT_CODES = {Verdict.OK: 0, Verdict.ALTERED: 1, Verdict.CANNOT_TELL: 3}
_SHOWN = 20


@click.command()
@click.argument("signed_export", required=False, type=click.Path(exists=True, dir_okay=False, path_type=Path))
@click.option(
    "--checkpoint",
    "places",
    multiple=True,
    metavar="PLACE",
    help="A checkpoint that was kept elsewhere: a file, a directory to which the log is published, an address "
    "(https://…/checkpoint, s3://BUCKET/PREFIX); may be given several times.",
)
@click.option("--key", "keys", multiple=True, help="A public key (NAME+ID+KEY) that a checkpoint must be signed with.")
@click.option(
    "--log",
    "mirror",
    type=click.Path(exists=True, file_okay=False, path_type=Path),
    help="A copy of the published log (DATASTORAGE_LOG_DIRECTORY): verify it instead of the database.",
)
@click.option(
    "--export",
    type=click.Path(exists=True, dir_okay=False, path_type=Path),
    help="Events as NDJSON (`datastorage events --export`), to be compared with --log.",
)
@click.option(
    "--archive",
    "archives",
    multiple=True,
    type=click.Path(exists=True, file_okay=False, path_type=Path),
    help="A directory with archives of months that are not attached; may be given several times.",
)
@click.option("--json", "as_json", is_flag=True, help="Print the report as JSON, every finding that was kept.")
def verify(
    signed_export: Path | None,
    places: Sequence[str],
    keys: Sequence[str],
    mirror: Path | None,
    export: Path | None,
    archives: Sequence[Path],
    as_json: bool,
) -> None:
    """Compare every sealed event of DATABASE_URL with the log, and the log with checkpoints kept elsewhere.

    With SIGNED_EXPORT (`datastorage export`) nothing but that file is looked at: each event in it is compared with its
    entry, and of whole days none is missing. With --log nothing is asked of a database: a mirror of the log is compared
    with its checkpoint, and with --export each exported event with its entry.

    Exit code 0: ok. 1: altered; what is altered, missing or inserted is named. 3: something could not be compared, and
    nothing is known to be altered. Without --checkpoint a rewrite of the events and of the whole log is not found.
    """
    if signed_export and (mirror or export or archives):
        raise CommandError("a signed export is verified by itself: leave --log, --export and --archive out")
    if export and not mirror:
        raise CommandError("--export is compared with a mirror of the log: say where it is with --log")
    verifiers = _verifiers(keys)
    checkpoints = _checkpoints(places, verifiers)
    with show_progress(quiet=as_json or not sys.stderr.isatty()) as told:
        if signed_export:
            report = _of_export(signed_export, verifiers, checkpoints, told)
        elif mirror:
            report = _offline(mirror, verifiers, checkpoints, export, told)
        else:
            report = _online(checkpoints, verifiers, told, archives)
    click.echo(_json(report) if as_json else _text(report))
    sys.exit(_EXIT_CODES[report.verdict])


@contextmanager
def show_progress(*, quiet: bool) -> Iterator[Told]:
    """A bar on stderr for what is told of how many entries are done."""
    columns = (TextColumn("entries"), BarColumn(), MofNCompleteColumn(), TimeRemainingColumn())
    with Progress(*columns, console=Console(stderr=True), disable=quiet) as progress:
        task = progress.add_task("entries")
        yield lambda done, total: progress.update(task, completed=done, total=total)


def _online(
    checkpoints: Sequence[Checkpoint], verifiers: Sequence[Verifier], told: Told, archives: Sequence[Path]
) -> Report:
    settings = effective_settings()
    if settings.database_url is None:
        raise CommandError("set DATABASE_URL to the database to verify, or name a mirror of the log with --log")
    try:
        with closing(SealingStore(settings.direct_address)) as store:
            return verify_database(store, checkpoints, told, lambda month: _archived(archives, month), verifiers)
    except ArchiveError as error:
        raise CommandError(f"--archive: {error}") from None
    except RepositoryError as error:
        raise CommandError(f"the database cannot be read: {error}") from None


def _archived(archives: Sequence[Path], month: date) -> ArchivedMonth | None:
    for place in (manifest_path(directory, month) for directory in archives):
        if place.exists():
            digests: dict[UUID, bytes] = {}
            erasures: list[Erasure] = []
            for line in lines_of(place, read_manifest(place)):
                event_id, digest = _digest_of(line, place)
                digests[event_id] = digest
                erasures += [one] if (one := erasure_in(line)) else []
            return ArchivedMonth(digests, erasures)
    return None


def _digest_of(line: bytes, place: Path) -> tuple[UUID, bytes]:
    try:
        return digest_of(line)
    except ValueError as error:
        raise ArchiveError(f"{place}: {error}") from error


def _offline(
    mirror: Path, verifiers: Sequence[Verifier], checkpoints: Sequence[Checkpoint], export: Path | None, told: Told
) -> Report:
    try:
        return verify_mirror(mirror, verifiers, checkpoints, export, told)
    except MirrorError as error:
        raise CommandError(str(error)) from None


def _of_export(path: Path, verifiers: Sequence[Verifier], checkpoints: Sequence[Checkpoint], told: Told) -> Report:
    try:
        return verify_export(path, verifiers, checkpoints, told)
    except MirrorError as error:
        raise CommandError(str(error)) from None


def _verifiers(keys: Sequence[str]) -> list[Verifier]:
    try:
        return [Verifier.parse(key) for key in keys]
    except KeyFormatError as error:
        raise CommandError(f"--key: {error}") from None


def _checkpoints(places: Sequence[str], verifiers: Sequence[Verifier]) -> list[Checkpoint]:
    if not places:
        return []
    found = []
    settings = effective_settings()
    for place in places:
        try:
            checkpoint, signed_by = open_checkpoint(read_note(place, settings), verifiers)
        except (NoteError, PublishError, OSError, ValueError) as error:
            raise CommandError(f"{place}: {error}") from None
        if verifiers and not signed_by:
            raise CommandError(f"{place}: none of the keys given has signed it")
        found.append(checkpoint)
    return found


def _text(report: Report) -> str:
    sizes = f"{report.size} sealed events, {report.compared} compared, {report.pending} not sealed yet"
    lines = [f"{report.verdict.value}: {sizes}, {report.checkpoints} kept checkpoints"]
    for kind, count in report.counts.items():
        lines.append(f"{kind.value}: {count}")
        ones = [one for one in report.findings if one.kind is kind]
        lines += [f"  {one.event_id or '-'}  {plain(one.detail)}" for one in ones[:_SHOWN]]
        if count > _SHOWN:
            lines.append(f"  ({count - _SHOWN} more: --json lists up to 1000 of a kind)")
    if not report.checkpoints:
        lines.append("No checkpoint was given: a rewrite of the events and of the whole log would not be found.")
    return "\n".join(lines)


def _json(report: Report) -> str:
    return json.dumps(
        {
            "verdict": report.verdict.value,
            "size": report.size,
            "compared": report.compared,
            "pending": report.pending,
            "checkpoints": report.checkpoints,
            "counts": {kind.value: count for kind, count in report.counts.items()},
            "findings": [
                {"kind": one.kind.value, "event_id": str(one.event_id) if one.event_id else None, "detail": one.detail}
                for one in report.findings
            ],
        }
    )
