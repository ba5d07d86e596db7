"""The application of one worker: its services, how they start and stop, and the edge around them."""

from __future__ import annotations

import asyncio
import contextlib
import time
from collections.abc import AsyncIterator, Awaitable, Callable, Coroutine, Sequence
from contextlib import AbstractAsyncContextManager, asynccontextmanager
from datetime import timedelta
from typing import Any

from pydantic import SecretStr

from addresses.postgres import database_name
from audit.cursors import Cursors
from audit.dead_letters import DeadLetterOffice
from audit.exports import Exports
from audit.partition_watch import PartitionWatch
from audit.receipts import Receipts
from audit.recorder import Recorder
from audit.rules import EventRules, RuleLimits
from audit.self_audit_log import SelfAuditLog
from catalog.live import LiveCatalog
from catalog.registry import Registry
from catalog.search import Search
from console.metrics_app import metrics_asgi_app
from datastorage.edge import build_asgi_app
from datastorage.operator_console import build_console
from datastorage.resilience import Resilience
from datastorage.sealing import signers_of
from datastorage.settings import Settings
from datastorage.upkeep import PartitionUpkeep
from evidence.log import Log
from handlers.dependencies import AuditReads, Dependencies, NotificationAudit, WorkflowCatalog
from repository.audit_queries import AuditQueries
from repository.evidence_reads import EvidenceReads
from repository.notifications import Notifications
from repository.partition_reads import PartitionReads
from repository.pool import Database, PoolLimits
from repository.reads import Reads, ReadServer
from repository.workflows import Workflows
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
    reads = Reads(*_read_servers(settings, database))
    notifications = Notifications(database, reads)
    resilience = Resilience(settings, database, notifications, address=address, queue_address=queue_address)
    upkeep = PartitionUpkeep(
        address, utc_now, ahead=settings.partition_months_ahead, interval=settings.partition_interval
    )
    recorder = Recorder(EventRules(_rule_limits(settings), utc_now, new_event_id), resilience.delivery)
    audit_reads = _audit_reads(settings, database, reads, address)
    self_audit = SelfAuditLog(recorder, clock=utc_now, new_id=new_event_id)
    workflows = Workflows(database, reads, address)
    catalog = LiveCatalog(workflows)
    partitions = PartitionWatch(
        PartitionReads(reads), resilience.months, utc_now, ahead=settings.partition_months_ahead
    )
    dependencies = Dependencies(
        recorder=recorder,
        problem_base_url=settings.problem_base_url,
        batch_max_events=settings.batch_max_events,
        database_answers=lambda: resilience.database_answers(_HEALTH_TIMEOUT),
        queue_answers=lambda: resilience.queue_answers(_HEALTH_TIMEOUT),
        shutting_down=lambda: lifecycle.phase is Phase.SHUTTING_DOWN,
        audit_reads=audit_reads,
        notifications=NotificationAudit(recorder=resilience.notifications, table=notifications),
        receipts=Receipts(resilience.events, audit_reads.queries),
        dead_letters=DeadLetterOffice(resilience.queues, resilience.dead_letters, recorder, utc_now),
        partitions=partitions,
        queue_deficits=lambda: resilience.deficits,
        breaker_is_open=lambda: resilience.breaker.is_open,
        log=Log(EvidenceReads(reads), signers_of(settings)),
        workflows=WorkflowCatalog(
            registry=Registry(workflows, catalog, self_audit, clock=utc_now, new_id=new_event_id),
            search=Search(catalog, self_audit, profile=settings.search_profile, weights=settings.search_weights),
            table=workflows,
        ),
    )

    running = [upkeep.run, catalog.run]
    mounts = {}
    if settings.console_enabled:
        mounts["/console"], api, history = build_console(settings, dependencies, reads, lambda: upkeep.last)
        running.append(history.run)
    app = build_asgi_app(
        settings,
        dependencies,
        lifespan=_lifespan(database, resilience, self_audit, running, flush=settings.shutdown_flush),
        apps={"get_metrics": _fresh(metrics_asgi_app(), database, resilience, partitions)},
        mounts=mounts,
    )
    if settings.console_enabled:
        api.connect(app)
    return app


def _lifespan(
    database: Database,
    resilience: Resilience,
    self_audit: SelfAuditLog,
    services: Sequence[Callable[[], Coroutine[Any, Any, None]]],
    *,
    flush: float,
) -> Callable[[Any], AbstractAsyncContextManager[None]]:
    """Starts what runs beside the requests, and ends it step by step. flush: seconds for the three steps that store."""

    @asynccontextmanager
    async def lifespan(_app: Any) -> AsyncIterator[None]:
        await database.open()
        await resilience.start()
        running = [asyncio.create_task(run(), name=run.__qualname__) for run in services]
        yield
        for task in running:
            task.cancel()
        share = flush / 3
        await _step("write own events", self_audit.flush(), share)
        await _step("flush writes", resilience.flush(), share)
        await _step("hand over the queue", resilience.stop_replay(), share)
        await _step("end probes", resilience.stop_background(), _HEALTH_TIMEOUT)
        await _step("close the queue", resilience.close(), _HEALTH_TIMEOUT)
        await _step("close the pools", database.close(), 2 * _HEALTH_TIMEOUT + 1)

    return lifespan


def _fresh(scrape: Any, database: Database, resilience: Resilience, partitions: PartitionWatch) -> Any:
    """The exporter, with the gauges of the stores set anew for each scrape; those of a store that is away stay."""

    async def answer(scope: Any, receive: Any, send: Any) -> None:
        database.publish()
        asked = [resilience.refresh_gauges()]
        if not resilience.breaker.is_open:
            asked.append(partitions.refresh_gauges())
        with contextlib.suppress(TimeoutError):
            async with asyncio.timeout(_HEALTH_TIMEOUT):
                await asyncio.gather(*asked, return_exceptions=True)
        await scrape(scope, receive, send)

    return answer


def _address(secret: SecretStr | None) -> str:
    return secret.get_secret_value() if secret else ""


def _limits(settings: Settings) -> PoolLimits:
    """This worker's share of the instance's connections."""
    return PoolLimits(
        total=settings.pool_max_size,
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
        data_max_members=settings.event_data_max_members,
    )


def _read_servers(settings: Settings, database: Database) -> tuple[ReadServer, ReadServer | None]:
    """The primary, and the standby if there is one."""
    primary = ReadServer("primary", database.reads, probe=database.probe, monotonic=time.monotonic)
    standby = None
    if database.standby is not None:
        probe = _probe_of(database, _address(settings.database_read_url))
        standby = ReadServer("standby", database.standby, probe=probe, monotonic=time.monotonic, suspect=True)
    return primary, standby


def _audit_reads(settings: Settings, database: Database, reads: Reads, address: str) -> AuditReads:
    queries = AuditQueries(reads)
    exports = Exports(queries, at_once=max(1, database.read_size // 2), patience=settings.pool_timeout)
    secret = _address(settings.cursor_secret) or f"/{database_name(address)}"
    return AuditReads(queries=queries, exports=exports, cursors=Cursors(secret.encode()), clock=utc_now)


def _probe_of(database: Database, address: str) -> Callable[[], Awaitable[None]]:
    return lambda: database.probe(address)


async def _step(name: str, work: Awaitable[Any], seconds: float) -> None:
    """One step of the shutdown, bounded; the next one runs whatever becomes of it."""
    try:
        async with asyncio.timeout(seconds):
            await work
    except Exception:  # noqa: BLE001 - a step that fails must not keep the others from running
        _log.exception("shutdown: step failed", step=name, bound_seconds=seconds)
