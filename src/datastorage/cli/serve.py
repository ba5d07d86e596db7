"""`datastorage serve`: the service itself."""

from __future__ import annotations

import gc
import os
import sys
from importlib.util import find_spec
from typing import Any

import click

from datastorage.cli.shared import CommandError, effective_settings, require_decision
from datastorage.metrics_dir import claim_metrics_dir
from datastorage.settings import Settings

__all__ = ["serve"]


@click.command()
@click.option("--host", help="Address to listen on. [default: 0.0.0.0 with authentication, else 127.0.0.1]")
@click.option("--port", type=int, help="TCP port. [default: 8080]")
@click.option("--workers", type=int, help="Worker processes. [default: 2]")
@click.option("--tls-cert", help="PEM file with the certificate: serve https.")
@click.option("--tls-key", help="PEM file with its private key.")
@click.option("--tls-client-ca", help="PEM file with CAs: every client must show a certificate of one.")
def serve(**options: Any) -> None:
    """Serve the API until SIGTERM or SIGINT.

    DATABASE_URL and REDIS_URL say where the stores are; `datastorage config` shows every other setting. The schema is
    brought up to date by `datastorage migrate` beforehand. On SIGTERM readiness says 503 while requests still pass
    (shutdown_drain), requests in flight finish, and writes are flushed; a second signal changes nothing.
    """
    settings = effective_settings(**options)
    missing = [name for name in ("database_url", "redis_url") if getattr(settings, name) is None]
    if missing:
        raise CommandError(f"set {' and '.join(name.upper() for name in missing)}, or run `datastorage dev`")
    require_decision(settings)
    sys.exit(_run(settings))


def _run(settings: Settings) -> int:
    gc.disable()  # until there are workers: little of what a start makes is garbage, and looking for it took 10 %
    metrics_dir = claim_metrics_dir()
    os.environ["PROMETHEUS_MULTIPROC_DIR"] = str(metrics_dir)
    # From here on: prometheus_client chooses its storage when it is imported.
    from access.errors import PolicyError
    from datastorage.app import build_app
    from datastorage.sealing import run_sealer
    from datastorage.server import ListenError, WorkerGroup, bind, listen
    from datastorage.startup import StartupError, check_stores
    from datastorage.tls import ServerTls, TlsError
    from datastorage.worker import run_worker
    from telemetry.lifecycle import Lifecycle
    from telemetry.logs import configure_logging, get_logger

    configure_logging(settings.log_level, settings.log_format)
    log = get_logger("datastorage")
    tls = None
    _check_log_and_traces(settings)
    try:
        if settings.tls_cert is not None and settings.tls_key is not None:
            tls = ServerTls(settings.tls_cert, settings.tls_key, settings.tls_client_ca)
        listeners = bind(settings.host, settings.port, settings.workers)
    except (ListenError, TlsError) as error:
        raise CommandError(str(error)) from None
    try:
        check_stores(settings)
    except StartupError as error:
        click.echo(f"Error: {error}", err=True)
        return error.exit_code
    lifecycle = Lifecycle()
    try:
        app = build_app(settings, lifecycle)
    except PolicyError as error:
        raise CommandError(f"the access file cannot be used:\n{error}") from None
    try:
        listen(listeners)
    except ListenError as error:
        raise CommandError(str(error)) from None
    authentication = "on" if settings.authenticates else "off"
    log.info(
        "serving",
        host=settings.host,
        port=settings.port,
        workers=settings.workers,
        authentication=authentication,
    )
    return WorkerGroup(
        lambda listener: run_worker(app, settings, lifecycle, listener, tls),
        listeners,
        beside=(lambda: run_sealer(settings)) if settings.sealing == "on" else None,
        patience=settings.shutdown_drain + settings.shutdown_requests + settings.shutdown_flush,
        metrics_dir=metrics_dir,
    ).run()


def _check_log_and_traces(settings: Settings) -> None:
    """Raises CommandError where the log cannot be signed or published as set, or an extra is not installed."""
    from datastorage.log_places import check_places
    from datastorage.sealing import signers_of
    from evidence.note import KeyFormatError

    try:
        signers_of(settings)
    except KeyFormatError as error:
        raise CommandError(f"DATASTORAGE_LOG_KEY: {error}; make one with `datastorage log keygen NAME`") from None
    try:
        check_places(settings)
    except ValueError as error:
        raise CommandError(f"the log cannot be published: {error}") from None
    if settings.traces_endpoint and find_spec("opentelemetry") is None:
        raise CommandError("DATASTORAGE_TRACES_ENDPOINT needs OpenTelemetry: install datastorage[traces]")
