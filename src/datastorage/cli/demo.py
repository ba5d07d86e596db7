"""`datastorage demo`: a day of incidents and a catalog, written over HTTP; one incident is read back and printed."""

from __future__ import annotations

import asyncio
import time
from pathlib import Path
from typing import Any

import click
import httpx
import msgspec
from rich.console import Console
from rich.progress import track
from rich.table import Table

from datastorage.cli.shared import api_client, page_of, require_success, url_option
from datastorage.demo import incident
from datastorage.demo.catalog import versions
from datastorage.demo.day import day
from datastorage.embedded import default_data_dir, read_run_file
from dlq import EVENTS, Item, Queue, command_client
from telemetry.clock import new_event_id, utc_now

__all__ = ["demo"]

_EVENTS, _WORKFLOWS = "/api/v1/audit/events", "/api/v1/workflows"
#: Events in one batch; entries in the queue beyond which not even a demo adds one.
_PORTION, _QUEUE_CAPACITY = 250, 1000
#: Times that something is sent while the service is too busy to take it.
_TRIES = 60
#: What the other columns and the borders of the table take.
_FIXED_WIDTH = 8 + 42 + 7 + 13


@click.command()
@url_option
@click.option("--data-dir", type=click.Path(path_type=Path), help="Data directory of the `datastorage dev` to find.")
@click.option("--small", is_flag=True, help="Only the one incident: no day of others, no workflows, no dead letter.")
def demo(url: str | None, data_dir: Path | None, small: bool) -> None:
    """Record a day of incidents and 30 workflows to look at; print one incident as a table, and the console's address.

    All goes through the API. Only the dead letter is put straight into the queue of a running `datastorage dev`: the
    API refuses what would become one.
    """
    known = read_run_file(data_dir or default_data_dir()) or {}
    correlation_id = f"demo-{new_event_id()}"
    with api_client(url or (known.get("api") if data_dir else None)) as client:
        base = str(client.base_url).rstrip("/")
        if not small:
            _post_day(client)
            _post_workflows(client)
        for body in track(incident(correlation_id, utc_now(), new_event_id), "Posting", transient=True):
            require_success(_posted(client, _EVENTS, body))
        query: dict[str, str | int] = {"correlation_id": correlation_id, "order": "asc", "limit": 1000}
        found = page_of(client, _EVENTS, query)["data"]
    if not small and known.get("api") == base:
        asyncio.run(_queue_poison(known["redis_url"]))
    _print(base, correlation_id, found)


def _post_day(client: httpx.Client) -> None:
    bodies = day(utc_now(), new_event_id)
    for start in track(range(0, len(bodies), _PORTION), "A day of incidents", transient=True):
        require_success(_posted(client, f"{_EVENTS}/batch", bodies[start : start + _PORTION]))


def _post_workflows(client: httpx.Client) -> None:
    """All or none; those of an earlier demo, or of an earlier try, stay as they are."""
    response = _posted(client, f"{_WORKFLOWS}/bulk", versions())
    if response.status_code != httpx.codes.CONFLICT:
        require_success(response)


def _posted(client: httpx.Client, path: str, body: object) -> httpx.Response:
    """The answer to a POST, sent again while the service is too busy: nothing that the demo sends is stored twice."""
    for _ in range(_TRIES):
        response = client.post(path, json=body)
        if response.status_code != httpx.codes.SERVICE_UNAVAILABLE:
            break
        time.sleep(float(response.headers.get("Retry-After", 1)))
    return response


async def _queue_poison(redis_url: str) -> None:
    """Queue an event that can never be stored: its payload was cut off. Its replay makes it a dead letter at once."""
    client = command_client(redis_url, timeout=2)
    event_id = str(new_event_id())
    payload = msgspec.json.encode({"event_id": event_id, "event_type": "gateway.signal.received", "event_data": None})
    try:
        queue = Queue(client, EVENTS, capacity=_QUEUE_CAPACITY, timeout=2, clock=utc_now)
        await queue.enqueue([Item(id=event_id, digest="demo", payload=payload)])
    finally:
        await client.aclose()


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
    console.print(f"Look at it: {base}/console/", soft_wrap=True)
