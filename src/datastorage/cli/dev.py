"""`datastorage dev`: everything on one machine, with servers of our own."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from http.client import HTTPConnection, HTTPException
from pathlib import Path

import click
from pydantic import SecretStr

from datastorage.cli.shared import CommandError, effective_settings, require_decision
from datastorage.embedded import EmbeddedError, EmbeddedServers, default_data_dir, dies_with, require_free
from datastorage.settings import Settings

__all__ = ["dev"]

_START_TIMEOUT = 60.0
_LOOK_EVERY = 0.1
#: serve kills its own workers after the sum of its bounds; this is for a parent that hangs.
_STOP_TIMEOUT = 60.0


@click.command()
@click.option("--host", default="127.0.0.1", show_default=True, help="Address to listen on.")
@click.option("--port", type=click.IntRange(1, 65535), help="TCP port of the API. [default: 8080]")
@click.option(
    "--data-dir",
    type=click.Path(path_type=Path, file_okay=False),
    help=f"Where the data is kept. [default: {default_data_dir()}]",
)
def dev(host: str, port: int | None, data_dir: Path | None) -> None:
    """Start PostgreSQL and Valkey, migrate, and serve the API; Ctrl-C stops all of it and keeps the data.

    Where DATABASE_URL or REDIS_URL is set, that server is used and none is started for it. The addresses and process
    ids of the running instance are in <data-dir>/run.json.
    """
    settings = effective_settings(host=host, port=port)
    require_decision(settings)
    _say_who_may(settings)
    try:
        require_free("the API", settings.port, settings.host)
        with _interruptible():
            sys.exit(_run(settings, data_dir or default_data_dir()))
    except EmbeddedError as error:
        raise CommandError(str(error)) from None


def _say_who_may(settings: Settings) -> None:
    reach = "this machine" if settings.on_loopback else "the network"
    open_to_all = f"Authentication is off: everybody on {reach} may read and write everything."
    click.echo("Authentication is on: callers need a key or a token." if settings.authenticates else open_to_all)


@contextmanager
def _interruptible() -> Iterator[None]:
    """Let SIGTERM and a closed terminal do what Ctrl-C does."""
    for number in (signal.SIGTERM, signal.SIGHUP):
        signal.signal(number, signal.default_int_handler)
    try:
        yield
    except KeyboardInterrupt:
        _say("Stopped. The data is kept.")


def _run(settings: Settings, data_dir: Path) -> int:
    began = time.monotonic()
    servers = EmbeddedServers(
        data_dir,
        report=_say,
        database_url=_given(settings.database_url),
        owner_url=_given(settings.database_owner_url),
        redis_url=_given(settings.redis_url),
    )
    with servers:
        try:
            _banner(settings, servers)
            _migrate(servers.owner_url, SecretStr(servers.database_url))
            api = _start_api(settings, servers)
            try:
                return _watch(settings, servers, api, began)
            finally:
                _ignore_signals()
                _stop(api)
        finally:
            _ignore_signals()  # a second Ctrl-C must not leave a server behind


def _given(address: SecretStr | None) -> str | None:
    return address.get_secret_value() if address else None


def _banner(settings: Settings, servers: EmbeddedServers) -> None:
    url = f"http://{settings.host}:{settings.port}"
    click.echo(f"API         {url}")
    click.echo(f"Swagger UI  {url}/ui")
    click.echo(f"Data        {servers.home.path}")


def _migrate(owner_url: str, database_url: SecretStr) -> None:
    from datastorage.roles import login_of
    from repository.errors import RepositoryError
    from repository.migrations import migrate

    try:
        migrate(owner_url, writer=login_of(database_url))
    except RepositoryError as error:
        raise CommandError(f"the schema could not be brought up to date: {error}") from None


def _start_api(settings: Settings, servers: EmbeddedServers) -> subprocess.Popen[bytes]:
    """The same `serve` that production runs, as a child in a session of its own: Ctrl-C reaches us alone."""
    defaults = {"DATASTORAGE_SHUTDOWN_DRAIN": "0", "DATASTORAGE_LOG_FORMAT": "console", "DATASTORAGE_WORKERS": "1"}
    addresses = {"DATABASE_URL": servers.database_url, "REDIS_URL": servers.redis_url}
    return subprocess.Popen(  # noqa: S603 - ourselves
        [sys.executable, "-m", "datastorage", "serve", "--host", settings.host, "--port", str(settings.port)],
        env={**defaults, **os.environ, **addresses},
        stdin=subprocess.DEVNULL,
        start_new_session=True,
        preexec_fn=dies_with(os.getpid(), signal.SIGTERM),  # noqa: PLW1509 - no thread runs here
    )


def _watch(settings: Settings, servers: EmbeddedServers, api: subprocess.Popen[bytes], began: float) -> int:
    """Keep the servers alive until the API ends; returns its exit code."""
    url = f"http://{settings.host}:{settings.port}"
    ready = False
    pids: dict[str, int] = {}
    while api.poll() is None:
        servers.mend()
        if not ready and _healthy(settings.host, settings.port):
            ready = True
            click.echo(f"Ready after {time.monotonic() - began:.1f} s. Ctrl-C stops everything; the data is kept.")
        if not ready and time.monotonic() - began > _START_TIMEOUT:
            raise CommandError(f"the API did not answer at {url} within {_START_TIMEOUT:g} s: see the log above")
        if ready and pids != servers.pids():
            pids = servers.pids()
            servers.write_run_file(api=url, pids={"dev": os.getpid(), "api": api.pid})
        time.sleep(_LOOK_EVERY if ready else _LOOK_EVERY / 5)
    _say(f"the API ended with exit code {api.returncode}: see its log above")
    return api.returncode or 1


def _healthy(host: str, port: int) -> bool:
    connection = HTTPConnection("127.0.0.1" if host == "0.0.0.0" else host, port, timeout=2)  # noqa: S104 - compared
    try:
        connection.request("GET", "/health/live")
        return connection.getresponse().status == 200  # noqa: PLR2004 - OK
    except (OSError, HTTPException):
        return False
    finally:
        connection.close()


def _stop(api: subprocess.Popen[bytes]) -> None:
    if api.poll() is None:
        api.terminate()
    try:
        api.wait(_STOP_TIMEOUT)
    except subprocess.TimeoutExpired:
        os.killpg(api.pid, signal.SIGKILL)
        api.wait()


def _ignore_signals() -> None:
    for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
        signal.signal(number, signal.SIG_IGN)


def _say(line: str) -> None:
    click.echo(line, err=True)
