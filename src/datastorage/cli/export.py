"""`datastorage export`: sealed events with what proves them, as one file for somebody else."""

from __future__ import annotations

import sys
from collections.abc import Mapping
from contextlib import closing
from datetime import date, datetime
from pathlib import Path
from typing import Any

import click

from audit.instants import InvalidInstantError, parse_instant
from datastorage import __version__
from datastorage.cli.shared import CommandError, effective_settings
from datastorage.cli.verify import show_progress
from datastorage.sealing import signers_of
from evidence import export as signed_export
from evidence.export_format import COMPLETENESS, Manifest
from evidence.note import KeyFormatError
from repository.errors import RepositoryError
from repository.event_filters import EXACT_FILTERS, EventFilter
from repository.export_store import ExportStore
from telemetry.clock import utc_now

__all__ = ["export"]

_day = click.DateTime(["%Y-%m-%d"])


def _filters(command: Any) -> Any:
    for name in reversed(EXACT_FILTERS):
        text = f"Only events whose {name.replace('_', ' ')} is VALUE."
        command = click.option(f"--{name.replace('_', '-')}", metavar="VALUE", help=text)(command)
    return command


@click.command()
@click.argument("target", type=click.Path(dir_okay=False, path_type=Path))
@click.option("--signed", is_flag=True, help="Refuse to write an export that DATASTORAGE_LOG_KEY does not sign.")
@click.option("--from", "first_day", type=_day, help="First UTC day, such as 2026-01-01. [default: the oldest]")
@click.option("--to", "last_day", type=_day, help="Last UTC day, inclusive. [default: the newest]")
@_filters
@click.option("--since", help="Only events from this time on: 24h, 2025-12-01T10:00:00Z …")
@click.option("--until", help="Only events up to this time.")
@click.option(
    "--format",
    "form",
    type=click.Choice(["ndjson", "csv"]),
    default="ndjson",
    show_default=True,
    help="csv: also as CSV, which is proven to say what the NDJSON says.",
)
def export(
    target: Path,
    first_day: datetime | None,
    last_day: datetime | None,
    form: str,
    *,
    signed: bool,
    **filters: str | None,
) -> None:
    """Write sealed events of DATABASE_URL to TARGET, a tar, with a manifest and what proves them.

    Of whole days (--from, --to, or everything) the export proves that none of their events is left out; with a filter
    it proves that each event is as it was sealed. `datastorage verify TARGET --key …` tells which, and whether it
    holds. Events that are not sealed yet are not in it.
    """
    settings = effective_settings()
    if settings.database_url is None:
        raise CommandError("set DATABASE_URL to the database to export from")
    days = [one.date() if one else None for one in (first_day, last_day)]
    asked = _asked(days[0], days[1], {name: value for name, value in filters.items() if value is not None}, form)
    try:
        signers = signers_of(settings)
        if signed and not signers:
            raise CommandError("DATASTORAGE_LOG_KEY is not set: the export would not be signed")
        with (
            closing(ExportStore(settings.direct_address)) as store,
            show_progress(quiet=not sys.stderr.isatty()) as told,
        ):
            made = signed_export.export(
                store,
                asked,
                target.resolve(),
                signers=signers,
                made_by=f"datastorage {__version__}",
                clock=utc_now,
                progress=told,
            )
    except KeyFormatError as error:
        raise CommandError(f"DATASTORAGE_LOG_KEY: {error}") from None
    except signed_export.NothingSealedError as error:
        raise CommandError(f"{error}: is a service running?") from None
    except RepositoryError as error:
        raise CommandError(f"the database cannot be read: {error}") from None
    except OSError as error:
        raise CommandError(f"cannot write {target}: {error.strerror}") from None
    click.echo(_told(made, target))


def _asked(first: date | None, last: date | None, given: Mapping[str, str], form: str) -> signed_export.Asked:
    instants = {}
    for name in ("since", "until"):
        try:
            instants[name] = parse_instant(given[name], utc_now()) if name in given else None
        except InvalidInstantError as error:
            raise CommandError(f"--{name}: {error}") from None
    exact: dict[str, Any] = {name: given[name] for name in EXACT_FILTERS if name in given}
    days = {"from": str(first) if first else "", "to": str(last) if last else ""}
    return signed_export.Asked(
        first_day=first,
        last_day=last,
        where=EventFilter(**exact, since=instants["since"], until=instants["until"]),
        query={**{name: value for name, value in days.items() if value}, **given},
        csv=form == "csv",
    )


def _told(made: Manifest, target: Path) -> str:
    told = f"{made.events} events written to {target}; it proves {made.proves}"
    if made.not_at_hand:
        gone = ", ".join(f"{month} ({count} events)" for month, count in made.not_at_hand.items())
        told += f"\nnot at hand, and not in it: {gone}"
    return told if made.proves == COMPLETENESS or not made.not_at_hand else f"{told}\nattach them and export again"
