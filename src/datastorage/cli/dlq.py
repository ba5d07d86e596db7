"""`datastorage dlq`: what waits in the queues, and what a person decides about dead letters."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from typing import Any

import click
import httpx
from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn
from rich.table import Table

from datastorage.cli.shared import CommandError, api_client, page_of, plain, require_success, url_option

__all__ = ["dlq"]

_LETTERS = "/api/v1/dlq/dead-letters"
_PORTION = 100
_ALARMS = {"none": "green", "warning": "yellow", "critical": "red", "overflow_imminent": "bold red"}
_queue_option = click.option("--queue", type=click.Choice(["events", "notifications"]), help="One queue only.")


@click.group(invoke_without_command=True)
@url_option
@click.pass_context
def dlq(context: click.Context, url: str | None) -> None:
    """Look at the queues and their dead letters; replay or discard those.

    Records wait in a queue while PostgreSQL cannot take them, and are stored by themselves. A dead letter could not be
    stored on its own account: it waits for a person. Every replay and discard is an audit event.
    """
    if context.invoked_subcommand is None:
        context.invoke(status, url=url)
    elif url:
        context.default_map = {context.invoked_subcommand: {"url": url}}


@dlq.command()
@url_option
def status(url: str | None = None) -> None:
    """Depth, capacity, age and dead letters of each queue."""
    with api_client(url) as client:
        streams = page_of(client, "/api/v1/dlq")["streams"]
    table = Table("queue", "waiting", "of", "full", "oldest", "dead letters", "alarm", box=None, header_style="bold")
    for one in streams:
        age = one["oldest_age_seconds"]
        alarm = one["alarm"].replace("_", " ")
        table.add_row(
            one["name"],
            str(one["depth"]),
            str(one["capacity"]),
            f"{one['ratio']:.0%}",
            "-" if age is None else f"{age:.0f} s",
            str(one["dead_letters"]),
            f"[{_ALARMS[one['alarm']]}]{alarm}[/]",
        )
    Console().print(table)


@dlq.command("list")
@url_option
@_queue_option
@click.option("--limit", type=click.IntRange(1, 1000), default=50, show_default=True, help="Rows of the table.")
def list_letters(url: str | None, queue: str | None, limit: int) -> None:
    """Dead letters, oldest first."""
    with api_client(url) as client:
        page = page_of(client, _LETTERS, _asked(queue, limit=limit))
    table = Table("id", "record", "dead since", "tries", "last error", box=None, header_style="bold")
    for letter in page["data"]:
        row = (letter["id"], letter["record_id"], letter["dead_at"], str(letter["attempts"]), letter["last_error"])
        table.add_row(*map(plain, row))
    console = Console()
    console.print(table if page["data"] else "No dead letters.")
    if page["pagination"]["has_more"]:
        console.print("There are more: raise --limit.", style="dim")


@dlq.command()
@url_option
@click.argument("dead_letter_id")
def show(url: str | None, dead_letter_id: str) -> None:
    """One dead letter with its record, as JSON."""
    with api_client(url) as client:
        click.echo(json.dumps(page_of(client, f"{_LETTERS}/{dead_letter_id}"), indent=2))


@dlq.command()
@url_option
@_queue_option
@click.argument("dead_letter_id", required=False)
@click.option("--all", "everything", is_flag=True, help="Every dead letter, oldest first.")
def replay(url: str | None, queue: str | None, dead_letter_id: str | None, *, everything: bool) -> None:
    """Put one dead letter, or --all, back into the queue."""
    if everything == bool(dead_letter_id):
        raise CommandError("name one dead letter, or say --all")
    with api_client(url) as client:
        if dead_letter_id:
            done = require_success(client.post(f"{_LETTERS}/{dead_letter_id}/replay")).json()
            click.echo(f"{done['record_id']} is queued again")
        else:
            _replay_all(client, queue)


def _replay_all(client: httpx.Client, queue: str | None) -> None:
    total = sum(
        one["dead_letters"] for one in page_of(client, "/api/v1/dlq")["streams"] if queue in {None, one["name"]}
    )
    put_back, left = 0, {}
    columns = (TextColumn("replaying"), BarColumn(), MofNCompleteColumn())
    with Progress(*columns, console=Console(stderr=True)) as progress:
        task = progress.add_task("replaying", total=total)
        for done in _portions(lambda: client.post(f"{_LETTERS}/replay", params=_asked(queue, limit=_PORTION))):
            put_back += done["replayed"]
            left = done["left"]
            progress.update(task, completed=put_back)
            if put_back >= total:  # those that died again meanwhile are left for another time
                break
    click.echo(f"{put_back} queued again")
    if left:
        reasons = ", ".join(f"{count} {reason}" for reason, count in left.items())
        raise CommandError(f"these stayed dead letters: {reasons}; `datastorage dlq list` shows them")


def _portions(post: Callable[[], httpx.Response]) -> Iterator[dict[str, Any]]:
    """Portion after portion until one is not full: then nothing that can be put back is left."""
    while True:
        done = require_success(post()).json()
        yield done
        if done["replayed"] < _PORTION:
            return


@dlq.command()
@url_option
@click.argument("dead_letter_id")
@click.option("--reason", required=True, help="Why nothing is lost by it; kept in the audit trail.")
def discard(url: str | None, dead_letter_id: str, reason: str) -> None:
    """Delete a dead letter for good."""
    with api_client(url) as client:
        done = require_success(client.delete(f"{_LETTERS}/{dead_letter_id}", params={"reason": reason})).json()
    click.echo(f"{done['record_id']} is discarded")


def _asked(queue: str | None, *, limit: int) -> dict[str, Any]:
    return {"limit": limit, **({"queue": queue} if queue else {})}
