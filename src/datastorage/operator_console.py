"""The operator console put together: what it asks, what it shows of this process, and what runs beside it."""

from __future__ import annotations

import platform
import secrets
import time
from collections.abc import Awaitable, Callable, Mapping
from importlib.metadata import version
from typing import TYPE_CHECKING

from access.grants import ANONYMOUS, Grant
from audit.activity import Activities
from console.api import Api, Caller
from console.app import create_console
from console.bridge import ConsoleApp
from console.history import QueueHistory
from console.services import ConsoleServices, Upkeep
from datastorage.edge.gate import Guard
from datastorage.settings import Settings, redacted, variable_of
from handlers.dependencies import Dependencies
from repository.activity import ActivityReads
from repository.reads import Reads
from telemetry.clock import utc_now

if TYPE_CHECKING:
    from console.oidc import Provider

__all__ = ["build_console"]

_SHOWN = ("connexion", "psycopg", "redis", "uvicorn", "flask", "jsonschema-rs", "msgspec")


def build_console(
    settings: Settings,
    dependencies: Dependencies,
    reads: Reads,
    upkeep: Callable[[], Upkeep],
    guard: Guard | None,
) -> tuple[ConsoleApp, Api, QueueHistory]:
    """The console, the seam to connect to the service's application, and the sampler to run beside it.

    Without console_secret the sessions of this group of processes are signed by a key of their own: they end with it.
    """
    history = QueueHistory(dependencies.dead_letters.states, utc_now)
    services = ConsoleServices(
        activities=Activities(ActivityReads(reads), utc_now, monotonic=time.monotonic),
        history=history,
        clock=utc_now,
        settings=lambda: redacted(settings),
        variable_of=variable_of,
        upkeep=upkeep,
        grant_of=_grant_of(guard),
        provider=_provider(settings),
        address=settings.console_url.rstrip("/"),
        shutting_down=dependencies.shutting_down,
        versions=_versions(),
    )
    chosen = settings.console_secret
    secret = chosen.get_secret_value().encode() if chosen else secrets.token_bytes(32)
    console, api = create_console(services, secret=secret)
    return console, api, history


def _grant_of(guard: Guard | None) -> Callable[[Caller], Awaitable[Grant]]:
    """Without authentication everybody may do everything."""

    async def ask(caller: Caller) -> Grant:
        if guard is None:
            return ANONYMOUS
        authorization = dict(caller.headers).get(b"authorization", b"").decode("latin-1")
        return await guard.grant_of(authorization, caller.scope)

    return ask


def _provider(settings: Settings) -> Provider | None:
    issuer, client_id, secret = (
        settings.console_oidc_issuer,
        settings.console_oidc_client_id,
        settings.console_oidc_client_secret,
    )
    if not issuer or not client_id or not settings.authenticates:
        return None
    from console.oidc import Provider  # its libraries take a tenth of a second to import

    return Provider(
        issuer=issuer,
        client_id=client_id,
        client_secret=secret.get_secret_value() if secret else None,
        scope=settings.console_oidc_scope,
        ca_file=settings.console_oidc_ca_file,
    )


def _versions() -> Mapping[str, str]:
    return {
        "DataStorage": version("datastorage"),
        "Python": platform.python_version(),
        **{name: version(name) for name in _SHOWN},
    }
