"""`datastorage events`: the audit trail as a table, followed live, or exported to a file."""

from __future__ import annotations

import csv
import json
import time
from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import suppress
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import IO, Any

import click
import httpx
from rich.console import Console
from rich.progress import BarColumn, Progress, TaskID, TextColumn, TimeRemainingColumn
from rich.table import Column, Table

from datastorage.cli.shared import CommandError, api_client, page_of, plain, require_success, url_option

__all__ = ["events"]

_PATH = "/api/v1/audit/events"
_FILTERS = (
    "correlation-id", "event-type", "event-category", "event-outcome", "severity", "actor-id", "resource-type",
    "resource-id", "namespace", "cluster-name", "recorded-by", "since", "until", "data",
)  # fmt: skip
_HELP = {
    "since": "Only events from this time on: 24h, 7d, 2025-12-01 …",
    "until": "Only events up to this time.",
    "event-type": "Only events of this type; a final * takes every type that starts so.",
    "data": "Only events whose payload contains this JSON object.",
}
_COLUMNS = ("event_timestamp", "event_type", "event_outcome", "actor_id", "resource_id", "correlation_id")
_OUTCOME_STYLES = {"failure": "red", "pending": "yellow", "success": "green"}
_MEDIA_TYPES = {"ndjson": "application/x-ndjson", "csv": "text/csv"}
#: Seconds between two looks for new events.
_FOLLOW_EVERY = 1.0
#: Events may arrive a little later than they happened: `--follow` shows them this many seconds after they did.
_FOLLOW_LAG = 2.0
_FOLLOW_PAGE = 1000
_REPORT_EVERY = 500
_Span = tuple[datetime, datetime] | None


def _filter_options(command: Callable[..., Any]) -> Callable[..., Any]:
    for name in reversed(_FILTERS):
        text = _HELP.get(name, f"Only events whose {name.replace('-', ' ')} is VALUE.")
        command = click.option(f"--{name}", metavar="VALUE", help=text)(command)
    return command


@click.command()
@url_option
@_filter_options
@click.option("--limit", type=click.IntRange(1, 1000), default=50, show_default=True, help="Rows of the table.")
@click.option("--follow", is_flag=True, help="Go on with new events, two seconds after they happened, until Ctrl-C.")
@click.option(
    "--export",
    "target",
    type=click.Path(dir_okay=False, path_type=Path),
    help="Write all events to FILE, oldest first; a file that is there is replaced when the new one is whole.",
)
@click.option(
    "--format",
    "form",
    type=click.Choice(list(_MEDIA_TYPES)),
    default="ndjson",
    show_default=True,
    help="Form of the file: exact, or for spreadsheets.",
)
def events(url: str | None, limit: int, *, follow: bool, target: Path | None, form: str, **filters: str | None) -> None:
    """Show audit events, newest last.

    Times are durations back from now (24h, 90m, 7d) or instants (2025-12-01, 2025-12-01T10:00:00Z); --event-type takes
    a prefix (`gateway.*`); --data takes a JSON object that the payload contains.
    """
    asked = {name: value for name, value in filters.items() if value is not None}
    try:
        with api_client(url) as client:
            if target is not None:
                _export(client, asked, target, form)
            elif follow:
                _follow(client, asked, limit)
            else:
                _show(client, asked, limit)
    except KeyboardInterrupt:
        click.echo()


def _page(client: httpx.Client, params: Mapping[str, Any]) -> dict[str, Any]:
    return page_of(client, _PATH, params)


def _show(client: httpx.Client, asked: Mapping[str, str], limit: int) -> None:
    page = _page(client, {**asked, "limit": limit})
    columns = (Column(name, overflow="fold") for name in _COLUMNS)  # ids stay whole in a narrow terminal
    table = Table(*columns, box=None, header_style="bold")
    for event in reversed(page["data"]):
        table.add_row(*_cells(event))
    console = Console()
    console.print(table)
    pagination = page["pagination"]
    more = "at least " if pagination["total_relation"] == "gte" else ""
    console.print(f"{len(page['data'])} of {more}{pagination['total']} events", style="dim")


def _cells(event: Mapping[str, Any]) -> Iterator[str]:
    for name in _COLUMNS:
        text = plain(event[name])
        style = _OUTCOME_STYLES.get(text) if name == "event_outcome" else None
        yield f"[{style}]{text}[/]" if style else text


def _follow(client: httpx.Client, asked: Mapping[str, str], limit: int) -> None:
    """Show the newest events, then each later one once, in their order."""
    console = Console()
    since = _until()
    for event in reversed(_page(client, {**asked, "limit": limit, "until": since})["data"]):
        console.print("  ".join(_cells(event)), highlight=False)
    last: Mapping[str, Any] | None = None
    while True:
        time.sleep(_FOLLOW_EVERY)
        until = _until()
        for event in _between(client, asked, since, until):
            if last is None or _place(event) > _place(last):
                console.print("  ".join(_cells(event)), highlight=False)
                last = event
        since = until


def _until() -> str:
    return (datetime.now(UTC) - timedelta(seconds=_FOLLOW_LAG)).isoformat()


def _place(event: Mapping[str, Any]) -> tuple[datetime, str]:
    """Where the event stands in the order of events; both ends of a span belong to it."""
    return datetime.fromisoformat(event["event_timestamp"]), event["event_id"]


def _between(client: httpx.Client, asked: Mapping[str, str], since: str, until: str) -> Iterator[Mapping[str, Any]]:
    params = {**asked, "since": since, "until": until, "order": "asc", "limit": _FOLLOW_PAGE}
    while True:
        page = _page(client, params)
        yield from page["data"]
        if not page["pagination"]["has_more"]:
            return
        params["cursor"] = page["pagination"]["next_cursor"]


def _export(client: httpx.Client, asked: Mapping[str, str], target: Path, form: str) -> None:
    """Write the stream to a file beside `target` and put it in place when it is whole."""
    if target.exists() and not target.is_file():
        raise CommandError(f"cannot write {target}: it is no regular file")
    span = _span(client, asked)
    target = target.resolve()  # a link stays one
    part = target.with_name(target.name + ".part")
    try:
        copied = _download(client, asked, span, part, form)
        part.replace(target)
    except OSError as error:
        raise CommandError(f"cannot write {target}: {error.strerror}") from None
    finally:
        with suppress(OSError):
            part.unlink(missing_ok=True)
    click.echo(f"{copied} events written to {target}")


def _download(client: httpx.Client, asked: Mapping[str, str], span: _Span, part: Path, form: str) -> int:
    columns = (
        TextColumn("{task.description}"),
        BarColumn(),
        TextColumn("{task.percentage:>3.0f}%"),
        TimeRemainingColumn(),
    )
    with part.open("w", encoding="utf-8", newline="") as file, Progress(*columns) as progress:
        task = progress.add_task("0 events", total=1.0)
        params, headers = {**asked, "order": "asc"}, {"Accept": _MEDIA_TYPES[form]}
        with client.stream("GET", _PATH, params=params, headers=headers) as response:
            require_success(response)
            copied = _copy(response.iter_text(), file, form, lambda at, n: _advance(progress, task, span, at, n))
        progress.update(task, completed=1.0, description=f"{copied} events")
    return copied


def _span(client: httpx.Client, asked: Mapping[str, str]) -> _Span:
    """When the first and the last of the events happened: the bar measures time, which needs no count."""
    ends = [_page(client, {**asked, "limit": 1, "order": order})["data"] for order in ("asc", "desc")]
    if not all(ends):
        return None
    first, last = (datetime.fromisoformat(end[0]["event_timestamp"]) for end in ends)
    return first, last


def _advance(progress: Progress, task: TaskID, span: _Span, at: str, copied: int) -> None:
    if span is None or span[0] == span[1]:
        return
    share = (datetime.fromisoformat(at) - span[0]) / (span[1] - span[0])
    progress.update(task, completed=min(share, 1.0), description=f"{copied} events")


def _copy(chunks: Iterable[str], file: IO[str], form: str, report: Callable[[str, int], None]) -> int:
    """Copy the stream; how many events it had. `report` is told the time of an event now and then."""
    copied = 0
    for copied, at in enumerate(_records(_written(chunks, file), form), start=1):
        if copied % _REPORT_EVERY == 0:
            report(at(), copied)
    return copied


def _written(chunks: Iterable[str], file: IO[str]) -> Iterator[str]:
    """The lines of the chunks, each with its end, written to the file as they pass."""
    rest = ""
    for chunk in chunks:
        file.write(chunk)
        *lines, rest = (rest + chunk).split("\n")
        yield from (line + "\n" for line in lines)


def _records(lines: Iterator[str], form: str) -> Iterator[Callable[[], str]]:
    """For each event a way to learn when it happened."""
    if form == "csv":
        for row in csv.DictReader(lines):
            yield lambda row=row: str(row["event_timestamp"])  # type: ignore[misc]  # bound early on purpose
    else:
        for line in lines:
            yield lambda line=line: str(json.loads(line)["event_timestamp"])  # type: ignore[misc]  # bound early
