"""`datastorage top`: what an instance does right now, in a terminal."""

from __future__ import annotations

import time
from collections.abc import Mapping
from typing import Any

import click
import httpx
from rich.console import Console, Group
from rich.live import Live
from rich.panel import Panel
from rich.table import Table

from datastorage.cli.scrapes import Scrape, quantile, rate
from datastorage.cli.shared import api_client, require_success, url_option

__all__ = ["top"]

_P95 = 0.95


@click.command()
@url_option
@click.option(
    "--interval", type=click.FloatRange(0.2, 60), default=2.0, show_default=True, help="Seconds between looks."
)
@click.option("--once", is_flag=True, help="Print one view and end.")
def top(url: str | None, interval: float, once: bool) -> None:
    """Show rates, latencies, connections, queue, months and workers, live until Ctrl-C.

    Rates are those of the last interval. Behind a load balancer each look may meet another instance: name one instance
    with --url.
    """
    console = Console()
    with api_client(url) as client:
        before = _scrape(client)
        if once:
            time.sleep(interval)
            console.print(_view(client, before, _scrape(client)))
            return
        try:
            with Live(console=console, screen=console.is_terminal, auto_refresh=False) as live:
                while True:
                    time.sleep(interval)
                    after = _scrape(client)
                    live.update(_view(client, before, after), refresh=True)
                    before = after
        except KeyboardInterrupt:
            return


def _scrape(client: httpx.Client) -> Scrape:
    text = require_success(client.get("/metrics")).text
    return Scrape(text, time.monotonic())


def _view(client: httpx.Client, before: Scrape, after: Scrape) -> Group:
    return Group(
        _head(client, after),
        Panel(_requests(before, after), title="requests", title_align="left"),
        Panel(_writes(before, after), title="records", title_align="left"),
        Panel(_pools(before, after), title="connections to PostgreSQL", title_align="left"),
        Panel(_queues(before, after), title="queue", title_align="left"),
        Panel(_months(after), title="months", title_align="left"),
    )


def _head(client: httpx.Client, after: Scrape) -> str:
    version = next(iter(after.by("datastorage_build_info", "version")), "?")
    workers = after.total("datastorage_workers")
    cores = after.total("process_resident_memory_bytes") / 2**20
    state = (
        "[bold red]PostgreSQL is considered down[/]"
        if after.total("datastorage_target_down", target="primary")
        else "[green]up[/]"
    )
    return f"DataStorage {version} at {client.base_url}  {state}  {workers:g} workers  {cores:.0f} MiB"


def _table(*columns: str) -> Table:
    table = Table(box=None, pad_edge=False)
    for number, column in enumerate(columns):
        table.add_column(column, justify="right" if number else "left")
    return table


def _requests(before: Scrape, after: Scrape) -> Table:
    table = _table("operation", "per s", "p50 ms", "p95 ms", "5xx per s")
    found = rate(before, after, "datastorage_http_requests_total", "operation")
    for operation, speed in sorted(found.items(), key=lambda item: -item[1])[:8]:
        grown = rate(before, after, "datastorage_http_request_duration_seconds_bucket", "le", operation=operation)
        statuses = rate(before, after, "datastorage_http_requests_total", "status", operation=operation)
        failed = sum(value for status, value in statuses.items() if status.startswith("5"))
        table.add_row(operation, f"{speed:.1f}", _ms(0.5, grown), _ms(_P95, grown), f"{failed:.1f}")
    return table


def _writes(before: Scrape, after: Scrape) -> Table:
    table = _table("service", "success per s", "duplicate", "dlq_fallback", "failure")
    for service in sorted(after.by("datastorage_audit_traces_total", "service")):
        found = rate(before, after, "datastorage_audit_traces_total", "status", service=service)
        words = ("success", "duplicate", "dlq_fallback", "failure")
        table.add_row(service, *(f"{found.get(word, 0):.1f}" for word in words))
    return table


def _pools(before: Scrape, after: Scrape) -> Table:
    table = _table("pool", "in use", "idle", "at most", "waiting", "wait p95 ms")
    for pool in sorted(after.by("datastorage_db_connections_open", "pool")):
        names = ("connections_in_use", "connections_idle", "pool_max_connections", "connections_waiting")
        levels = [after.total(f"datastorage_db_{name}", pool=pool) for name in names]
        grown = rate(before, after, "datastorage_db_connection_wait_duration_seconds_bucket", "le", pool=pool)
        table.add_row(pool, *(f"{level:g}" for level in levels), _ms(_P95, grown))
    return table


def _queues(before: Scrape, after: Scrape) -> Table:
    table = _table("stream", "depth", "capacity", "oldest s", "dead letters", "queued per s", "replayed per s")
    queued = rate(before, after, "datastorage_dlq_enqueue_total", "stream")
    replayed = rate(before, after, "datastorage_dlq_replayed_total", "stream")
    for stream in sorted(after.by("datastorage_dlq_depth", "stream")):
        names = ("dlq_depth", "dlq_capacity", "dlq_oldest_age_seconds", "dead_letters")
        levels = [f"{after.total(f'datastorage_{name}', stream=stream):.0f}" for name in names]
        table.add_row(stream, *levels, _speed(queued, stream), _speed(replayed, stream))
    return table


def _months(after: Scrape) -> str:
    broken = _broken(after)
    horizon = after.total("datastorage_partition_horizon_days")
    state = f"[bold red]{', '.join(broken)}[/]" if broken else "[green]all available[/]"
    return f"{state}, ready for {horizon:g} days"


def _broken(after: Scrape) -> list[str]:
    return [
        f"{month} {status}"
        for status in ("unavailable", "missing")
        for month, value in after.by("datastorage_partition_status", "partition", status=status).items()
        if value
    ]


def _speed(found: Mapping[str, Any], name: str) -> str:
    return f"{found.get(name, 0):.1f}"


def _ms(share: float, grown: Mapping[str, float]) -> str:
    value = quantile(share, grown)
    return "-" if value is None else f"{value * 1000:.1f}"
