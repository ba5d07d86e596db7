"""What `serve` makes sure of before it listens: that an event can be stored durably somewhere."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Callable

import psycopg
import redis

from addresses import postgres as databases
from addresses import queue as queues
from datastorage.pooler_watch import way_to_postgres
from datastorage.roles import warn_of_excess
from datastorage.settings import Settings
from dlq import command_client
from repository.errors import DatabaseUnavailableError, RepositoryError
from repository.hosts import Hosts
from repository.migrations import pending
from repository.pool import probe
from telemetry.logs import get_logger

__all__ = ["StartupError", "cause_of", "check_stores", "unprotected"]

#: Seconds that a store may take to answer.
_ASK_TIMEOUT = 2
#: Seconds between two tries.
_PAUSE = 0.2
#: Seconds that the second store gets once the first has answered, before the service starts degraded.
_COURTESY = 1.0
_log = get_logger(__name__)


class StartupError(Exception):
    """The service cannot start; the message says what to do."""

    def __init__(self, message: str, exit_code: int) -> None:
        self.exit_code = exit_code
        super().__init__(message)


def check_stores(settings: Settings) -> None:
    """Wait until PostgreSQL or Redis answers, at most startup_timeout seconds.

    One of them is enough: the service then starts degraded and recovers by itself when the other comes.
    Raises StartupError: exit code 1 when neither answers, 2 when PostgreSQL's schema is not up to date or a
    pooler is where the addresses have none.
    """
    database = settings.database_url.get_secret_value() if settings.database_url else ""
    queue = settings.redis_url.get_secret_value() if settings.redis_url else ""
    failures = _first_answers(
        {"PostgreSQL": lambda: _ask_postgres(database), "Redis": lambda: _ask_redis(queue)},
        settings.startup_timeout,
    )
    places = {"PostgreSQL": databases.places(database), "Redis": queues.place(queue)}
    missing = {f"{name} at {places[name]}": failure for name, failure in failures.items() if failure}
    if len(missing) == len(failures):
        raise StartupError(
            f"neither {' nor '.join(missing)} answered within {settings.startup_timeout:g} s: "
            f"start them, or correct DATABASE_URL and REDIS_URL ({'; '.join(missing.values())})",
            exit_code=1,
        )
    if missing:
        _log.warning("starting degraded", missing=missing)
    for warning in unprotected(settings):
        _log.warning("what passes over the network can be read or changed there", where=warning)
    if not failures["PostgreSQL"]:
        _require_way(settings)
        _require_schema(settings.direct_address)
        warn_of_excess(database)


def unprotected(settings: Settings) -> list[str]:
    """The addresses off loopback whose server is not verified by TLS, and what they lack."""
    found = []
    for name in ("database_url", "database_read_url", "database_direct_url", "database_owner_url"):
        address = getattr(settings, name)
        if address is not None and databases.exposed(address.get_secret_value()):
            found.append(f"{name.upper()}: add sslmode=verify-full and sslrootcert")
    if settings.redis_url is not None and queues.exposed(settings.redis_url.get_secret_value()):
        found.append("REDIS_URL: use rediss://, without ssl_cert_reqs=none")
    if settings.tls_cert is None and not settings.on_loopback:
        found.append("the API: set tls_cert and tls_key, unless a proxy on this host ends TLS")
    return found


def _require_way(settings: Settings) -> None:
    try:
        wrong = asyncio.run(way_to_postgres(settings))
    except RepositoryError as error:
        _log.warning("starting degraded: the way to PostgreSQL cannot be checked", cause=cause_of(error))
        return
    if wrong:
        raise StartupError(wrong, exit_code=2)


def _require_schema(database: str) -> None:
    try:
        names = pending(database)
    except DatabaseUnavailableError as error:
        _log.warning("starting degraded: PostgreSQL went away", cause=cause_of(error))
        return
    except RepositoryError as error:
        raise StartupError(f"the schema cannot be checked: {cause_of(error)}", exit_code=2) from None
    if names:
        raise StartupError(f"{len(names)} migrations are not applied: run `datastorage migrate` first", exit_code=2)


def _first_answers(asks: dict[str, Callable[[], str]], timeout: float) -> dict[str, str]:
    """Why a store does not answer, "" for one that does.

    Ends when all do, or shortly after the first one did, or after `timeout` seconds.
    """
    failures = dict.fromkeys(asks, "not asked")
    deadline = time.monotonic() + timeout
    told = False
    while True:
        for name, ask in asks.items():
            failures[name] = failures[name] and ask()
        if all(failures.values()) and not told:
            told = True
            _log.warning("waiting for the stores", missing=list(failures), at_most_seconds=timeout)
        if not all(failures.values()):
            deadline = min(deadline, time.monotonic() + _COURTESY)
        if not any(failures.values()) or time.monotonic() >= deadline:
            return failures
        time.sleep(_PAUSE)


def _ask_postgres(address: str) -> str:
    try:
        asyncio.run(probe(Hosts(address)))
    except psycopg.Error as error:
        return cause_of(error)
    return ""


def _ask_redis(address: str) -> str:
    async def ping() -> None:
        client = command_client(address, timeout=_ASK_TIMEOUT)
        try:
            await client.ping()
        finally:
            await client.aclose()

    try:
        asyncio.run(ping())
    except redis.RedisError as error:
        return cause_of(error)
    return ""


def cause_of(error: BaseException) -> str:
    """What a driver said last, for an operator: the cause, after the hosts that were tried."""
    text = str(error.__cause__ or error).strip()
    return text.splitlines()[-1].strip() if text else type(error).__name__
