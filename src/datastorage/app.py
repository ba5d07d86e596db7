"""The application of one worker: its services, how they start and stop, and the edge around them."""

from __future__ import annotations

import asyncio
import time
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager, suppress
from datetime import timedelta
from typing import Any
from urllib.parse import urlsplit

import psycopg
from pydantic import SecretStr
from redis.asyncio import Redis
from redis.exceptions import RedisError

from audit.committer import Committer
from audit.cursors import Cursors
from audit.exports import Exports
from audit.recorder import Recorder
from audit.rules import EventRules, RuleLimits
from console.metrics_app import metrics_asgi_app
from datastorage.edge import build_asgi_app
from datastorage.settings import Settings
from datastorage.upkeep import PartitionUpkeep
from handlers.dependencies import AuditReads, Dependencies
from repository.audit_events import AuditEvents
from repository.audit_queries import AuditQueries
from repository.pool import Database, PoolLimits
from repository.reads import Reads, ReadServer
from telemetry.clock import new_event_id, utc_now
from telemetry.lifecycle import Lifecycle, Phase
from telemetry.logs import get_logger

__all__ = ["build_app"]

#: Seconds that a health check waits for a store.
_HEALTH_TIMEOUT = 1.0
_log = get_logger(__name__)


def build_app(settings: Settings, lifecycle: Lifecycle) -> Any:
    """The ASGI application of one worker. Nothing connects before the server enters its lifespan."""
    address, queue_address = _address(settings.database_url), _address(settings.redis_url)
    database = Database(address, _address(settings.database_read_url) or None, _limits(settings))
    patience = settings.redis_timeout
    queue = Redis.from_url(queue_address, socket_timeout=patience, socket_connect_timeout=patience)
    committer = Committer(
        AuditEvents(database, address, utc_now),
        group_rows=settings.commit_group_max_rows,
        queue_rows=settings.commit_queue_max_rows,
    )
    upkeep = PartitionUpkeep(
        address, utc_now, ahead=settings.partition_months_ahead, interval=settings.partition_interval
    )
    dependencies = Dependencies(
        recorder=Recorder(EventRules(_rule_limits(settings), utc_now, new_event_id), committer),
        problem_base_url=settings.problem_base_url,
        batch_max_events=settings.batch_max_events,
        database_answers=lambda: _answers(_ask_database(database)),
        queue_answers=lambda: _answers(_ask_queue(queue)),
        shutting_down=lambda: lifecycle.phase is Phase.SHUTTING_DOWN,
        audit_reads=_reads(settings, database, address),
    )

    @asynccontextmanager
    async def lifespan(_app: Any) -> AsyncIterator[None]:
        await database.open()
        keeping = asyncio.create_task(upkeep.run(), name="partition upkeep")
        yield
        keeping.cancel()
        await _step("flush writes", committer.flush(), settings.shutdown_flush)
        await _step("close the queue", queue.aclose(), _HEALTH_TIMEOUT)
        await _step("close the pools", database.close(), 2 * _HEALTH_TIMEOUT + 1)

    return build_asgi_app(settings, dependencies, lifespan=lifespan, apps={"get_metrics": metrics_asgi_app()})


def _address(secret: SecretStr | None) -> str:
    return secret.get_secret_value() if secret else ""


def _limits(settings: Settings) -> PoolLimits:
    """This worker's share of the instance's connections."""
    return PoolLimits(
        size=max(2, settings.pool_max_size // settings.workers),
        minimum=max(1, settings.pool_min_size // settings.workers),
        read_timeout=settings.pool_timeout,
        write_timeout=settings.write_pool_timeout,
        connect_timeout=settings.connect_timeout,
        write_statement_timeout=settings.write_statement_timeout,
        read_statement_timeout=settings.read_statement_timeout,
        lock_timeout=settings.lock_timeout,
    )


def _rule_limits(settings: Settings) -> RuleLimits:
    return RuleLimits(
        max_age=timedelta(seconds=settings.event_max_age),
        max_future=timedelta(seconds=settings.event_max_future),
        data_max_bytes=settings.event_data_max_bytes,
        data_max_depth=settings.event_data_max_depth,
    )


def _reads(settings: Settings, database: Database, address: str) -> AuditReads:
    primary = ReadServer("primary", database.reads, probe=database.probe, monotonic=time.monotonic)
    standby = None
    if database.standby is not None:
        probe = _probe_of(database, _address(settings.database_read_url))
        standby = ReadServer("standby", database.standby, probe=probe, monotonic=time.monotonic)
    queries = AuditQueries(Reads(primary, standby))
    exports = Exports(queries, at_once=max(1, database.read_size // 2), patience=settings.pool_timeout)
    secret = _address(settings.cursor_secret) or urlsplit(address).path
    return AuditReads(queries=queries, exports=exports, cursors=Cursors(secret.encode()), clock=utc_now)


def _probe_of(database: Database, address: str) -> Callable[[], Awaitable[None]]:
    return lambda: database.probe(address)


async def _answers(question: Awaitable[Any]) -> bool:
    with suppress(TimeoutError, OSError, psycopg.Error, RedisError):
        async with asyncio.timeout(_HEALTH_TIMEOUT):
            await question
            return True
    return False


async def _ask_database(database: Database) -> None:
    async with database.writes.connection(timeout=_HEALTH_TIMEOUT) as connection:
        await connection.execute("SELECT 1")


async def _ask_queue(queue: Redis) -> None:
    await queue.ping()


async def _step(name: str, work: Awaitable[Any], seconds: float) -> None:
    """One step of the shutdown, bounded; the next one runs whatever becomes of it."""
    try:
        async with asyncio.timeout(seconds):
            await work
    except Exception:  # noqa: BLE001 - a step that fails must not keep the others from running
        _log.exception("shutdown: step failed", step=name, bound_seconds=seconds)
