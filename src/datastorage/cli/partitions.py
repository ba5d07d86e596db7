"""`datastorage partitions`: what operators do with whole months of the audit trail."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Mapping
from contextlib import closing, contextmanager
from datetime import date
from pathlib import Path
from typing import Any

import click
from rich.console import Console
from rich.table import Table

from audit.archive_files import ArchiveError, Manifest, Packing
from audit.months import MonthError, MonthKeeper
from audit.retention_plan import end_of_retention, plan
from datastorage.cli.owner import owner_address, owner_error
from datastorage.cli.shared import CommandError, effective_settings, plain
from datastorage.retention import keeper_of, least_days_of
from evidence.note import KeyFormatError
from repository.errors import RepositoryError
from repository.months import Month, MonthStore
from repository.partitions import label
from telemetry.clock import utc_now

__all__ = ["partitions"]

_MONTH = re.compile(r"(\d{4})[-_](0[1-9]|1[0-2])")
_directory = click.Path(exists=True, file_okay=False, path_type=Path)


class _MonthName(click.ParamType[date]):
    """A month such as 2025-01 or 2025_01."""

    name = "month"

    def convert(self, value: Any, param: Any, ctx: Any) -> date:
        found = _MONTH.fullmatch(str(value))
        if found is None or found[1] == "0000":
            self.fail(f"{value!r} is not a month such as 2025-01", param, ctx)
        return date(int(found[1]), int(found[2]), 1)


_month = click.argument("month", type=_MonthName())
_dry_run = click.option("--dry-run", is_flag=True, help="Only say what would be done.")
_yes = click.option("--yes", is_flag=True, help="Do it; without, only say what would be done.")


@click.group()
def partitions() -> None:
    """List, detach, attach, archive and drop months of the audit trail.

    Needs DATABASE_OWNER_URL, or DATABASE_URL where one address does everything; without either, the running
    `datastorage dev`'s database is taken. Every act is an audit event (datastorage.partition.*). docs/retention.md
    """


@partitions.command("list")
@click.option("--json", "as_json", is_flag=True, help="Print JSON.")
def show(as_json: bool) -> None:
    """Show every month that has a table or an archive."""
    with _keeper() as keeper:
        months = keeper.months()
    least_days = least_days_of(effective_settings())
    if as_json:
        click.echo(json.dumps([_document(one, least_days) for one in months], indent=2))
        return
    table = Table("month", "state", "events", "archive", "keep until", box=None, header_style="bold")
    for one in months:
        events = one.event_count if one.events is None else f"~{one.events}"
        until = end_of_retention(one, least_days) or "-"
        table.add_row(label(one.month), one.state, str(events), plain(one.location or "-"), str(until))
    Console().print(table)


@partitions.command()
@_month
@_dry_run
@click.option("--force", is_flag=True, help="Also a month that still takes events, or is not sealed yet.")
def detach(month: date, dry_run: bool, force: bool) -> None:
    """Take MONTH out of the trail without blocking writers; its table stays.

    Waits for transactions that still use the month. After an interruption the same command finishes it.
    """
    with _keeper() as keeper:
        keeper.detachable(month)
        if not dry_run:
            keeper.detach(month, force=force)
        click.echo(f"{'would be detached' if dry_run else 'detached'}  {_told(keeper.find(month))}")


@partitions.command()
@_month
@click.option("--from", "directory", type=_directory, help="Make the table of the archive in this directory first.")
@_dry_run
def attach(month: date, directory: Path | None, dry_run: bool) -> None:
    """Put MONTH's detached table back into the trail, or restore it from its archive."""
    with _keeper() as keeper:
        if dry_run:
            click.echo(f"would be attached  {label(month)}" + (f" from {directory}" if directory else ""))
        elif directory:
            click.echo(f"attached  {label(month)}: {_summary(keeper.restore(month, directory))}")
        else:
            keeper.attach(month)
            click.echo(f"attached  {label(month)}")


@partitions.command()
@_month
@click.option("--to", "directory", type=_directory, help="Directory for the archive. [default: archive_directory]")
@click.option(
    "--format",
    "packing",
    type=click.Choice(["ndjson", "parquet"]),
    default="ndjson",
    show_default=True,
    help="Compressed lines of JSON, or Parquet (needs the extra `parquet`).",
)
@_dry_run
def archive(month: date, directory: Path | None, packing: Packing, dry_run: bool) -> None:
    """Write MONTH's events to a file with a manifest; the table stays."""
    target = _archive_directory(directory)
    with _keeper() as keeper:
        if dry_run:
            click.echo(f"would be archived to {target}  {_told(keeper.find(month))}")
        else:
            click.echo(f"archived  {label(month)}: {_summary(keeper.archive(month, target, packing))}")


@partitions.command()
@_month
@click.option("--archive", "directory", type=_directory, help="Where the archive is now, if it was moved.")
@_yes
def drop(month: date, directory: Path | None, yes: bool) -> None:
    """Drop MONTH's detached table.

    Only what is archived and older than the longest retention of its events; archive and table are read and compared
    before. Without --yes nothing is changed.
    """
    with _keeper() as keeper:
        place = keeper.droppable(keeper.find(month), directory)
        if yes:
            keeper.drop(month, directory)
        click.echo(f"{'dropped' if yes else 'would be dropped (--yes does it)'}  {label(month)}, archived as {place}")


@partitions.command()
@click.option(
    "--keep", type=click.IntRange(min=2), help="Months before this one that stay. [default: retention_months]"
)
@click.option("--to", "directory", type=_directory, help="Directory for archives. [default: archive_directory]")
@click.option("--drop", "dropping", is_flag=True, help="Drop archived months whose retention has ended.")
@_yes
def retain(keep: int | None, directory: Path | None, dropping: bool, yes: bool) -> None:
    """Archive and detach the months that are older than --keep. Without --yes nothing is changed."""
    settings = effective_settings()
    keep = keep or settings.retention_months
    if keep is None:
        raise CommandError("say how many months stay with --keep, or set DATASTORAGE_RETENTION_MONTHS")
    target = _archive_directory(directory)
    with _keeper() as keeper:
        steps = plan(
            keeper.months(),
            keep,
            utc_now().date(),
            drop=dropping or settings.retention_drop,
            held=keeper.held,
            least_days=least_days_of(settings),
        )
        for step in steps:
            if yes:
                keeper.apply(step, target)
            told = "" if yes or step.act == "hold" else " (--yes does it)"
            click.echo(f"{step.act}{told}  {label(step.month)}: {plain(step.why)}")
        if not steps:
            click.echo("nothing to do")


def _archive_directory(given: Path | None) -> Path:
    directory = given or effective_settings().archive_directory
    if directory is None:
        raise CommandError("say where archives go with --to, or set DATASTORAGE_ARCHIVE_DIRECTORY")
    return directory.resolve()


@contextmanager
def _keeper() -> Iterator[MonthKeeper]:
    address = owner_address("the database with the months")
    try:
        with closing(MonthStore(address)) as store:
            yield keeper_of(store, effective_settings())
    except KeyFormatError as error:
        raise CommandError(f"DATASTORAGE_LOG_KEY: {error}") from None
    except (MonthError, ArchiveError) as error:
        raise CommandError(str(error)) from None
    except RepositoryError as error:
        raise owner_error(error) from None


def _told(one: Month) -> str:
    return f"{label(one.month)}: {one.state}, table {one.name or 'none'}, archive {one.location or 'none'}"


def _summary(manifest: Manifest) -> str:
    return f"{manifest.events} events, {manifest.bytes} bytes, SHA-256 {manifest.sha256}"


def _document(one: Month, least_days: Mapping[str, int]) -> dict[str, Any]:
    return {
        "month": label(one.month),
        "state": one.state,
        "table": one.name,
        "events_estimate": one.events,
        "archive": one.location
        and {
            "location": one.location,
            "events": one.event_count,
            "sha256": one.sha256.hex() if one.sha256 else None,
            "archived_at": one.archived_at.isoformat() if one.archived_at else None,
            "keep_until": str(end_of_retention(one, least_days)),
            "dropped_at": one.dropped_at.isoformat() if one.dropped_at else None,
        },
    }
