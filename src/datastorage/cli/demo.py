"""`datastorage demo`: one whole incident, written and read back over HTTP."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import click
import httpx
from rich.console import Console
from rich.progress import track
from rich.table import Table

from datastorage.cli.shared import CommandError
from datastorage.demo import incident
from datastorage.embedded import default_data_dir, read_run_file
from telemetry.clock import new_event_id, utc_now

__all__ = ["demo"]

_EVENTS = "/api/v1/audit/events"
#: What the other columns and the borders of the table take.
_FIXED_WIDTH = 8 + 42 + 7 + 13
_DEFAULT_URL = "http://127.0.0.1:8080"


@click.command()
@click.option("--url", help=f"Where the API is. [default: the running `datastorage dev`, else {_DEFAULT_URL}]")
@click.option("--data-dir", type=click.Path(path_type=Path), help="Data directory of the `datastorage dev` to find.")
def demo(url: str | None, data_dir: Path | None) -> None:
    """Post one whole incident, all 27 event types of one correlation, and print its timeline as a table."""
    base = url or (read_run_file(data_dir or default_data_dir()) or {}).get("api", _DEFAULT_URL)
    correlation_id = f"demo-{new_event_id()}"
    try:
        with httpx.Client(base_url=base, timeout=30) as client:
            for body in track(incident(correlation_id, utc_now(), new_event_id), "Posting", transient=True):
                _checked(client.post(_EVENTS, json=body))
            query: dict[str, str | int] = {"correlation_id": correlation_id, "order": "asc", "limit": 1000}
            found = _checked(client.get(_EVENTS, params=query)).json()["data"]
    except httpx.TransportError:
        raise CommandError(f"nothing answers at {base}: start `datastorage dev`, or say where with --url") from None
    _print(base, correlation_id, found)


def _checked(response: httpx.Response) -> httpx.Response:
    if response.is_error:
        raise CommandError(f"{response.request.method} {response.url} answered {response.status_code}: {response.text}")
    return response


def _print(base: str, correlation_id: str, events: list[dict[str, Any]]) -> None:
    table = Table(title=f"{len(events)} events of {correlation_id}", title_justify="left")
    for column, width in (("UTC", 8), ("event type", 42), ("outcome", 7)):
        table.add_column(column, no_wrap=True, min_width=width)
    console = Console()
    room = max(8, console.width - _FIXED_WIDTH)
    table.add_column("event_data", no_wrap=True, overflow="ellipsis", max_width=room)
    for event in events:
        table.add_row(
            event["event_timestamp"][11:19],
            event["event_type"],
            event["event_outcome"],
            ", ".join(f"{name}={value}" for name, value in sorted(event["event_data"].items())[:3]),
        )
    console.print(table)
    console.print(f"The same as JSON: curl '{base}{_EVENTS}?correlation_id={correlation_id}'", soft_wrap=True)
