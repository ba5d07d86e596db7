"""`datastorage keys`: API keys, made and ended by who owns the database."""

from __future__ import annotations

import re
from datetime import UTC, datetime, timedelta
from typing import Any

import click
from rich.console import Console
from rich.table import Column, Table

from access.keys import mint
from access.scopes import SCOPES
from datastorage.cli.owner import owner_address, owner_error
from datastorage.cli.shared import CommandError, plain
from repository.access_keys import KeyRow, end_keys, insert_key, list_keys, replace_key
from repository.errors import DuplicateRecordError, RepositoryError

__all__ = ["keys"]

_NAME = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]{0,99}")
_PERIOD = re.compile(r"([1-9][0-9]{0,5})([smhd])")
_UNITS = {"s": 1, "m": 60, "h": 3600, "d": 86400}


class _Period(click.ParamType[timedelta]):
    """A length of time such as 90d, 24h, 30m."""

    name = "period"

    def convert(self, value: Any, param: Any, ctx: Any) -> timedelta:
        if isinstance(value, timedelta):
            return value
        found = _PERIOD.fullmatch(str(value))
        if found is None:
            self.fail(f"{value!r} is not a length of time such as 90d, 24h, 30m", param, ctx)
        return timedelta(seconds=int(found[1]) * _UNITS[found[2]])


@click.group()
def keys() -> None:
    """Make, list, revoke and rotate API keys.

    They are kept in the database, without their secrets; every running service knows of a change within a second.
    Needs DATABASE_OWNER_URL, or DATABASE_URL where one address does everything; without either, the running
    `datastorage dev`'s database is taken.
    """


@keys.command()
@click.argument("name")
@click.option(
    "--scope", "scopes", multiple=True, required=True, type=click.Choice(list(SCOPES)), help="May be repeated."
)
@click.option("--expires", type=_Period(), help="How long it is valid, such as 90d. [default: until it is revoked]")
@click.option("--category", "categories", multiple=True, help="Only events of this category may be written.")
@click.option("--namespace", "namespaces", multiple=True, help="Only events of this namespace may be read.")
@click.option("--cluster", "clusters", multiple=True, help="Only events of this cluster may be read.")
@click.option("--rate", type=click.IntRange(min=1), help="Requests each second at the most.")
@click.option("--burst", type=click.IntRange(min=1), default=1, help="Requests at once at the most, with --rate.")
def create(
    name: str, scopes: tuple[str, ...], expires: timedelta | None, rate: int | None, burst: int, **limits: Any
) -> None:
    """Make a key for NAME, and print it: it is shown this once and stored nowhere.

    NAME is what the holder is called in events that they record, and in logs.
    """
    if not _NAME.fullmatch(name):
        raise CommandError("NAME has letters, digits, dots, dashes and underscores, at most 100")
    new = mint()
    values = {
        "key_id": new.key_id,
        "name": name,
        "secret_sha256": new.secret_sha256,
        "scopes": sorted(set(scopes)),
        "requests_per_second": rate,
        "burst": burst,
        "expires_at": datetime.now(UTC) + expires if expires else None,
        **{kind: list(chosen) or None for kind, chosen in limits.items()},
    }
    try:
        insert_key(_owner(), values)
    except DuplicateRecordError:
        raise CommandError(f"{name} has a key that is in force: `datastorage keys rotate {name}` replaces it") from None
    except RepositoryError as error:
        raise owner_error(error) from None
    click.echo(new.text)
    click.echo("Keep it now: it is not shown again.", err=True)


@keys.command()
@click.argument("name")
@click.option(
    "--overlap", type=_Period(), default="24h", show_default=True, help="How long the old key is still valid."
)
def rotate(name: str, overlap: timedelta) -> None:
    """Make a new key like the one of NAME, and print it; the old one ends after the overlap."""
    new = mint()
    try:
        replaced = replace_key(_owner(), name, datetime.now(UTC) + overlap, new.key_id, new.secret_sha256)
    except RepositoryError as error:
        raise owner_error(error) from None
    if replaced is None:
        raise CommandError(f"{name} has no key that is in force: make one with `datastorage keys create`")
    click.echo(new.text)
    click.echo(f"Keep it now: it is not shown again. The old key {replaced.key_id} ends in {overlap}.", err=True)


@keys.command()
@click.argument("which", metavar="NAME|ID")
def revoke(which: str) -> None:
    """End every key of a name, or the key of an id, at once."""
    try:
        ended = end_keys(_owner(), which)
    except RepositoryError as error:
        raise owner_error(error) from None
    if not ended:
        raise CommandError(f"there is no key in force with the name or id {which}")
    click.echo(f"revoked  {' '.join(ended)}")


@keys.command("list")
@click.option("--all", "everything", is_flag=True, help="Those that have ended, too.")
def show(everything: bool) -> None:
    """Show the keys in force: who has them, what they may do, when they end and when they were used last."""
    try:
        rows = list_keys(_owner())
    except RepositoryError as error:
        raise owner_error(error) from None
    id_column = Column("id", no_wrap=True, min_width=16)  # whole: `revoke` takes it
    table = Table("name", id_column, "scopes", "limits", "state", "last used", box=None, header_style="bold")
    for row in rows:
        state = _state(row, datetime.now(UTC))
        if everything or state.startswith("in force"):
            table.add_row(
                plain(row.name), row.key_id, " ".join(row.scopes), _limits(row), state, _when(row.last_used_at)
            )
    Console().print(table)


def _state(row: KeyRow, now: datetime) -> str:
    if row.revoked_at:
        return f"revoked {_when(row.revoked_at)}"
    if row.expires_at is None:
        return "in force"
    return f"{'ended' if row.expires_at <= now else 'in force until'} {_when(row.expires_at)}"


def _limits(row: KeyRow) -> str:
    lists = {"categories": row.categories, "namespaces": row.namespaces, "clusters": row.clusters}
    told = [f"{kind}: {', '.join(map(plain, allowed))}" for kind, allowed in lists.items() if allowed is not None]
    if row.requests_per_second is not None:
        told.append(f"{row.requests_per_second:g}/s, burst {row.burst}")
    return "; ".join(told) or "-"


def _when(instant: datetime | None) -> str:
    return f"{instant:%Y-%m-%d %H:%M}" if instant else "-"


def _owner() -> str:
    return owner_address("the database that the keys are kept in")
