"""`datastorage verify`: whether what was sealed is still what is there."""

from __future__ import annotations

import json
import sys
from contextlib import closing
from pathlib import Path
from typing import TYPE_CHECKING

import click
from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeRemainingColumn

from datastorage.cli.shared import CommandError, effective_settings, plain
from evidence.checkpoint import Checkpoint, open_checkpoint
from evidence.note import KeyFormatError, NoteError, Verifier
from evidence.verify import Report, Verdict, verify_database
from repository.errors import RepositoryError
from repository.sealing import SealingStore

if TYPE_CHECKING:
    from collections.abc import Sequence

__all__ = ["verify"]

_EXIT_CODES = {Verdict.OK: 0, Verdict.ALTERED: 1, Verdict.CANNOT_TELL: 3}
_SHOWN = 20


@click.command()
@click.option(
    "--checkpoint",
    "files",
    multiple=True,
    type=click.Path(exists=True, dir_okay=False, path_type=Path),
    help="A checkpoint that was kept elsewhere; may be given several times.",
)
@click.option("--key", "keys", multiple=True, help="A public key (NAME+ID+KEY) that a checkpoint must be signed with.")
@click.option("--json", "as_json", is_flag=True, help="Print the report as JSON, every finding that was kept.")
def verify(files: Sequence[Path], keys: Sequence[str], as_json: bool) -> None:
    """Compare every sealed event of DATABASE_URL with the log, and the log with checkpoints kept elsewhere.

    Exit code 0: ok. 1: altered; what is altered, missing or inserted is named. 3: something could not be compared, and
    nothing is known to be altered. Without --checkpoint a rewrite of the events and of the whole log is not found.
    """
    settings = effective_settings()
    if settings.database_url is None:
        raise CommandError("set DATABASE_URL to the database to verify")
    checkpoints = _checkpoints(files, keys)
    try:
        with closing(SealingStore(settings.database_url.get_secret_value())) as store:
            report = _run(store, checkpoints, quiet=as_json or not sys.stderr.isatty())
    except RepositoryError as error:
        raise CommandError(f"the database cannot be read: {error}") from None
    click.echo(_json(report) if as_json else _text(report))
    sys.exit(_EXIT_CODES[report.verdict])


def _run(store: SealingStore, checkpoints: Sequence[Checkpoint], *, quiet: bool) -> Report:
    columns = (TextColumn("entries"), BarColumn(), MofNCompleteColumn(), TimeRemainingColumn())
    with Progress(*columns, console=Console(stderr=True), disable=quiet) as progress:
        task = progress.add_task("entries")
        return verify_database(
            store, checkpoints, lambda done, total: progress.update(task, completed=done, total=total)
        )


def _checkpoints(files: Sequence[Path], keys: Sequence[str]) -> list[Checkpoint]:
    try:
        verifiers = [Verifier.parse(key) for key in keys]
    except KeyFormatError as error:
        raise CommandError(f"--key: {error}") from None
    found = []
    for file in files:
        try:
            checkpoint, signed_by = open_checkpoint(file.read_text(encoding="utf-8"), verifiers)
        except (NoteError, UnicodeDecodeError) as error:
            raise CommandError(f"{file}: {error}") from None
        if verifiers and not signed_by:
            raise CommandError(f"{file}: none of the keys given has signed it")
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
