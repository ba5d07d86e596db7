"""What `serve` makes sure of before it listens: that an event can be stored durably somewhere."""

from __future__ import annotations

import time
from collections.abc import Callable
from urllib.parse import urlsplit

import psycopg
import redis

from datastorage.settings import Settings
from repository.migrations import pending
from telemetry.logs import get_logger

__all__ = ["StartupError", "check_stores"]

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
    Raises StartupError: exit code 1 when neither answers, 2 when PostgreSQL's schema is not up to date.
    """
    database = settings.database_url.get_secret_value() if settings.database_url else ""
    queue = settings.redis_url.get_secret_value() if settings.redis_url else ""
    answers = _first_answers(
        {"PostgreSQL": lambda: _ask_postgres(database), "Redis": lambda: _ask_redis(queue)},
        settings.startup_timeout,
    )
    places = {"PostgreSQL": _place(database, 5432), "Redis": _place(queue, 6379)}
    missing = [f"{name} at {places[name]}" for name, answered in answers.items() if not answered]
    if not any(answers.values()):
        raise StartupError(
            f"neither {' nor '.join(missing)} answered within {settings.startup_timeout:g} s: "
            "start them, or correct DATABASE_URL and REDIS_URL",
            exit_code=1,
        )
    if missing:
        _log.warning("starting degraded", missing=missing)
    if answers["PostgreSQL"] and (names := pending(database)):
        raise StartupError(f"{len(names)} migrations are not applied: run `datastorage migrate` first", exit_code=2)


def _first_answers(asks: dict[str, Callable[[], bool]], timeout: float) -> dict[str, bool]:
    """Which of the stores answer: ends when all do, or shortly after the first one did, or after `timeout` seconds."""
    answers = dict.fromkeys(asks, False)
    deadline = time.monotonic() + timeout
    while True:
        for name, ask in asks.items():
            answers[name] = answers[name] or ask()
        if any(answers.values()):
            deadline = min(deadline, time.monotonic() + _COURTESY)
        if all(answers.values()) or time.monotonic() >= deadline:
            return answers
        time.sleep(_PAUSE)


def _ask_postgres(address: str) -> bool:
    try:
        with psycopg.connect(address, connect_timeout=2):
            return True
    except psycopg.Error:
        return False


def _ask_redis(address: str) -> bool:
    client = redis.Redis.from_url(address, socket_connect_timeout=2, socket_timeout=2)
    try:
        return bool(client.ping())
    except redis.RedisError:
        return False
    finally:
        client.close()


def _place(address: str, port: int) -> str:
    parts = urlsplit(address)
    return f"{parts.hostname or 'localhost'}:{parts.port or port}"
