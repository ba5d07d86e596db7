"""`datastorage holds`: events that must not leave, and why."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any

import click
from rich.console import Console
from rich.table import Column, Table

from datastorage.cli.shared import api_client, page_of, plain, require_success, url_option

__all__ = ["holds"]

_HOLDS = "/api/v1/audit/holds"
_SCOPE = ("correlation_id", "resource_type", "resource_id", "actor_id", "event_category", "since", "until")
_reason = click.option("--reason", required=True, help="Why; kept in the audit trail.")


@click.group()
def holds() -> None:
    """List, place and release legal holds.

    What a hold covers leaves neither by retention nor by an erasure until it is released; also what is stored later.
    """


@holds.command("list")
@url_option
@click.option("--all", "everything", is_flag=True, help="Released ones, too.")
@click.option("--limit", type=click.IntRange(1, 1000), default=50, show_default=True, help="Rows of the table.")
@click.option("--json", "as_json", is_flag=True, help="Print JSON.")
def show(url: str | None, limit: int, *, everything: bool, as_json: bool) -> None:
    """Show holds, the newest first."""
    asked = {"limit": limit, **({} if everything else {"state": "in_force"})}
    with api_client(url) as client:
        page = page_of(client, _HOLDS, asked)
    if as_json:
        click.echo(json.dumps(page["data"], indent=2))
        return
    id_column = Column("id", no_wrap=True, min_width=36)  # whole: `release` takes it
    table = Table(id_column, "matter", "covers", "placed", "released", box=None, header_style="bold")
    for hold in page["data"]:
        covers = ", ".join(f"{name} {value}" for name, value in hold["scope"].items())
        table.add_row(
            *map(plain, (hold["hold_id"], hold["matter"], covers, _act(hold, "placed"), _act(hold, "released")))
        )
    console = Console()
    console.print(table if page["data"] else "No legal holds.")
    if page["pagination"]["has_more"]:
        console.print("There are more: raise --limit.", style="dim")


def _act(hold: Mapping[str, Any], act: str) -> str:
    at, by = hold[f"{act}_at"], hold[f"{act}_by"]
    return "-" if at is None else f"{at[:16]} {by or ''}".strip()


@holds.command()
@url_option
@click.option("--matter", required=True, help="The case, as the lawyers call it.")
@_reason
@click.option("--correlation-id", help="Events of this correlation.")
@click.option("--resource-type", help="Events about resources of this type.")
@click.option("--resource-id", help="Events about this resource.")
@click.option("--actor-id", help="Events of this actor.")
@click.option("--event-category", help="Events of this category.")
@click.option("--since", help="Events from this time on, such as 2026-01-01T00:00:00Z.")
@click.option("--until", help="Events up to this time.")
def place(url: str | None, matter: str, reason: str, **scope: str | None) -> None:
    """Place a hold on the events that meet all the conditions given; at least one."""
    given = {name: scope[name] for name in _SCOPE if scope[name] is not None}
    with api_client(url) as client:
        body = {"matter": matter, "reason": reason, "scope": given}
        hold = require_success(client.post(_HOLDS, json=body)).json()
    click.echo(f"in force  {hold['hold_id']}")


@holds.command()
@url_option
@click.argument("hold_id", type=click.UUID)
@_reason
def release(url: str | None, hold_id: object, reason: str) -> None:
    """Release a hold for good; where it says so, by somebody else than who placed it."""
    with api_client(url) as client:
        hold = require_success(client.post(f"{_HOLDS}/{hold_id}/release", json={"reason": reason})).json()
    click.echo(f"released  {hold['hold_id']}")
