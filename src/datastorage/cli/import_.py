"""`datastorage import`: events of a file into the audit trail."""

from __future__ import annotations

import json
import sys
import time
from collections import Counter
from contextlib import ExitStack
from pathlib import Path
from typing import IO

import click
from rich.console import Console
from rich.progress import BarColumn, TextColumn, TimeRemainingColumn
from rich.progress import Progress as Bar

from datastorage.cli.import_events import Importer
from datastorage.cli.import_lines import Line
from datastorage.cli.import_state import Progress
from datastorage.cli.shared import CommandError, api_client, url_option

__all__ = ["import_"]

_TOO_OLD = "too old"


@click.command("import")
@url_option
@click.argument("source", type=click.Path(exists=True, dir_okay=False, readable=True, path_type=Path))
@click.option(
    "--patience", type=click.FloatRange(0), default=60, show_default=True, help="Seconds to wait in an outage."
)
def import_(url: str | None, source: Path, patience: float) -> None:
    """Record the events of SOURCE, one JSON object a line, as `datastorage events --export` writes them.

    Events keep their ids, so an import may be repeated: what is stored already is left as it is. Interrupted, the same
    command goes on where it stopped (SOURCE.import remembers). Lines that are refused go to SOURCE.rejected with the
    reason, and the exit code is 1.

    The service refuses events older than DATASTORAGE_EVENT_MAX_AGE (7 days): start one with a higher value to import an
    archive. recorded_at is the time of the import.
    """
    rejects = _Rejects(source.with_name(source.name + ".rejected"))
    with ExitStack() as stack:
        client = stack.enter_context(api_client(url))
        stack.callback(rejects.close)
        importer = Importer(client, source, rejects.add, patience)
        rejects.mode = "ab" if importer.resumed else "wb"
        console = Console(stderr=True)
        if importer.resumed:
            console.print(f"going on after line {importer.progress.lines}")
        began, before = time.monotonic(), _count(importer.progress)
        try:
            with _bar(console) as bar:
                task = bar.add_task("", total=source.stat().st_size, completed=importer.progress.offset, rate="")

                def advance(done: Progress) -> None:
                    rate = (_count(done) - before) / (time.monotonic() - began)
                    bar.update(task, completed=done.offset, rate=f"{_count(done):,} events, {rate:,.0f}/s")

                importer.run(advance)
        except KeyboardInterrupt:
            raise CommandError(
                f"interrupted after line {importer.progress.lines}: the same command goes on there"
            ) from None
    _summary(importer, rejects, time.monotonic() - began, before)


def _bar(console: Console) -> Bar:
    columns = (BarColumn(), TextColumn("{task.percentage:>3.0f}%"), TextColumn("{task.fields[rate]}"))
    return Bar(*columns, TimeRemainingColumn(), console=console)


def _count(done: Progress) -> int:
    return done.stored + done.known + done.queued + done.rejected


def _summary(importer: Importer, rejects: _Rejects, seconds: float, before: int) -> None:
    done = importer.progress
    rate = (_count(done) - before) / max(seconds, 1e-6)
    queued = f", {done.queued} queued" if done.queued else ""
    click.echo(
        f"{done.stored} stored{queued}, {done.known} known before, {done.rejected} refused, "
        f"in {seconds:.1f} s ({rate:,.0f} events/s)"
    )
    for name, lines in importer.left_behind.items():
        click.echo(f"{lines} lines have a {name}, which clients cannot write: it was left out", err=True)
    if done.rejected:
        click.echo(f"see {rejects.path} for what was refused; most often: {rejects.most_often()}", err=True)
        if rejects.too_old:
            click.echo(
                f"{rejects.too_old} events are older than the service takes: import them into one that runs with "
                "a higher DATASTORAGE_EVENT_MAX_AGE (seconds)",
                err=True,
            )
        sys.exit(1)


class _Rejects:
    """The file of refused lines, made when there is one."""

    def __init__(self, path: Path) -> None:
        self.path = path
        self.mode = "wb"
        self.too_old = 0
        self._file: IO[bytes] | None = None
        self._reasons: Counter[str] = Counter()

    def add(self, line: Line, why: str) -> None:
        """Append a line: its number, the reason and the line itself."""
        if self._file is None:
            self._file = self.path.open(self.mode)
        self.too_old += _TOO_OLD in why
        reason = why.partition(": ")[2] if why.startswith("event at index ") else why
        self._reasons[reason.partition(";")[0][:120]] += 1
        refused = {"line": line.number, "reason": reason, "text": line.text.decode(errors="replace")}
        self._file.write(json.dumps(refused, ensure_ascii=False).encode() + b"\n")

    def most_often(self) -> str:
        """The most frequent reason."""
        return self._reasons.most_common(1)[0][0] if self._reasons else ""

    def close(self) -> None:
        """Close the file, if there is one."""
        if self._file is not None:
            self._file.close()
