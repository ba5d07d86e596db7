"""What one worker process consists of, put together. Nothing is decided here and nothing connects."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import msgspec
from pydantic import SecretStr
from redis.asyncio import Redis

from audit.cursor_key import CursorKey
from audit.cursors import Cursors
from audit.dead_letters import DeadLetterOffice
from audit.exports import Exports
from audit.notifications import NotificationRecorder
from audit.partition_watch import PartitionWatch
from audit.receipts import Receipts
from audit.recorder import Recorder
from audit.rules import EventRules, RuleLimits
from audit.self_audit_log import SelfAuditLog
from catalog.live import LiveCatalog
from catalog.registry import Registry
from catalog.search import Search
from datastorage.access_control import AccessControl
from datastorage.redis_watch import RedisWatch
from datastorage.sealing import signers_of
from datastorage.settings import Settings
from datastorage.store_answers import StoreAnswers
from datastorage.upkeep import PartitionUpkeep
from dlq import (
    DeadLetters,
    Queue,
    ReplayWorker,
    WorkerSettings,
    blocking_client,
    command_client,
    consumer_name,
)
from evidence.log import Log
from handlers.dependencies import AuditReads, Dependencies, NotificationAudit, WorkflowCatalog
from pipeline.admission import Admission
from pipeline.committer import Committer, Table
from pipeline.fallback import Pipeline
from pipeline.health import Health, ReadHealth, StillAnswersError
from pipeline.kinds import AUDIT_EVENTS, NOTIFICATION_AUDIT, Kind
from pipeline.partitions import PartitionBoard, PartitionHealth
from pipeline.replay import ReplaySink
from repository.audit_events import AuditEvents
from repository.audit_queries import AuditQueries
from repository.evidence_reads import EvidenceReads
from repository.notifications import Notifications
from repository.partition_reads import PartitionReads
from repository.pool import Database, PoolLimits, ReadOnlyError, probe, probe_writable
from repository.reads import Reads
from repository.secrets import Secrets
from repository.workflows import Workflows
from telemetry.clock import new_event_id, utc_now
from telemetry.lifecycle import Lifecycle, Phase

__all__ = ["Services", "Targets", "compose"]

#: Seconds between two trials of a month that does not work.
_MONTH_TRIAL = 1.0
#: Seconds between two probes of a standby and a queue that are down.
_RETRY = 0.5


class Targets(msgspec.Struct, frozen=True, kw_only=True):
    """The health of what this process depends on; the months are in their own PartitionHealth."""

    primary: Health
    standby: Health
    queue: Health


class Services(msgspec.Struct, frozen=True, kw_only=True):
    """What runs in one process, for its lifespan and its handlers."""

    dependencies: Dependencies
    database: Database
    reads: Reads
    clients: tuple[Redis, ...]
    targets: Targets
    months: PartitionHealth
    committers: tuple[Committer[Any], ...]
    replay: tuple[ReplayWorker, ...]
    redis: RedisWatch
    self_audit: SelfAuditLog
    partitions: PartitionWatch
    upkeep: PartitionUpkeep
    catalog: LiveCatalog
    access: AccessControl
    cursor_key: CursorKey


def compose(settings: Settings, lifecycle: Lifecycle) -> Services:
    """The services of one worker."""
    address, read_address = _address(settings.database_url), _address(settings.database_read_url)
    commands, reader = (
        make(_address(settings.redis_url), timeout=settings.redis_timeout) for make in (command_client, blocking_client)
    )
    targets = _targets(settings, address, read_address, commands)
    database = _database(settings, targets, address, read_address)
    reads = Reads(database.reads, database.standby, deadline=database.read_deadline)
    events = AuditEvents(database.writes, address, deadline=settings.write_deadline)
    notifications = Notifications(database, reads, deadline=settings.write_deadline)
    months = PartitionHealth(events.try_month, PartitionBoard(), interval=_MONTH_TRIAL)
    queues = {
        kind.queue.name: Queue(
            commands, kind.queue, capacity=settings.dlq_max_len, timeout=settings.redis_timeout, clock=utc_now
        )
        for kind in (AUDIT_EVENTS, NOTIFICATION_AUDIT)
    }
    event_queue, notification_queue = queues.values()
    event_committer = _committer(settings, AUDIT_EVENTS, events, months, lanes=database.writes.size)
    notification_committer = _committer(settings, NOTIFICATION_AUDIT, notifications, None, lanes=database.writes.size)
    event_pipeline = Pipeline(
        AUDIT_EVENTS,
        event_committer,
        event_queue,
        primary=targets.primary,
        queue_health=targets.queue,
        months=months,
    )
    notification_pipeline = Pipeline(
        NOTIFICATION_AUDIT,
        notification_committer,
        notification_queue,
        primary=targets.primary,
        queue_health=targets.queue,
    )
    recorder = Recorder(EventRules(_rule_limits(settings), utc_now, new_event_id), event_pipeline)
    self_audit = SelfAuditLog(recorder, clock=utc_now, new_id=new_event_id)
    workflows = Workflows(database, reads, address)
    catalog = LiveCatalog(workflows)
    partitions = PartitionWatch(PartitionReads(reads), months, utc_now, ahead=settings.partition_months_ahead)
    redis = RedisWatch(commands, queues)
    answers = StoreAnswers(database, commands, targets.primary)
    audit_reads = _audit_reads(settings, database, reads)
    letters = {name: DeadLetters(commands, queue) for name, queue in queues.items()}
    access = AccessControl(
        settings, address=address, queue_address=_address(settings.redis_url), refused=lambda _refusal: None
    )
    dependencies = Dependencies(
        recorder=recorder,
        problem_base_url=settings.problem_base_url,
        batch_max_events=settings.batch_max_events,
        database_answers=answers.database,
        queue_answers=answers.queue,
        shutting_down=lambda: lifecycle.phase is Phase.SHUTTING_DOWN,
        audit_reads=audit_reads,
        notifications=NotificationAudit(
            recorder=NotificationRecorder(
                notification_pipeline, clock=utc_now, max_future=timedelta(seconds=settings.event_max_future)
            ),
            table=notifications,
        ),
        receipts=Receipts(event_queue, audit_reads.queries),
        dead_letters=DeadLetterOffice(queues, letters, recorder, utc_now),
        partitions=partitions,
        queue_deficits=lambda: (*redis.deficits, *access.warnings),
        database_is_down=lambda: targets.primary.is_down,
        log=Log(EvidenceReads(reads), signers_of(settings)),
        workflows=WorkflowCatalog(
            registry=Registry(workflows, catalog, self_audit, clock=utc_now, new_id=new_event_id),
            search=Search(catalog, self_audit, profile=settings.search_profile, weights=settings.search_weights),
            table=workflows,
        ),
    )
    sinks = (
        ReplaySink(AUDIT_EVENTS, event_committer, event_queue, targets.primary),
        ReplaySink(NOTIFICATION_AUDIT, notification_committer, notification_queue, targets.primary),
    )
    return Services(
        dependencies=dependencies,
        database=database,
        reads=reads,
        clients=(commands, reader),
        targets=targets,
        months=months,
        committers=(event_committer, notification_committer),
        replay=tuple(
            ReplayWorker(queue, reader, sink, _worker_settings(settings), clock=utc_now, consumer=consumer_name())
            for queue, sink in zip(queues.values(), sinks, strict=True)
        ),
        redis=redis,
        self_audit=self_audit,
        partitions=partitions,
        upkeep=PartitionUpkeep(
            address, utc_now, ahead=settings.partition_months_ahead, interval=settings.partition_interval
        ),
        catalog=catalog,
        access=access,
        cursor_key=CursorKey(audit_reads.cursors, Secrets(reads)),
    )


def _address(secret: SecretStr | None) -> str:
    return secret.get_secret_value() if secret else ""


def _targets(settings: Settings, address: str, read_address: str, commands: Redis) -> Targets:
    async def primary() -> None:
        try:
            await probe_writable(address)
        except ReadOnlyError as error:
            raise StillAnswersError from error

    async def queue() -> None:
        await commands.ping()

    return Targets(
        primary=Health("primary", primary, interval=settings.probe_interval),
        standby=Health("standby", lambda: probe(read_address), interval=_RETRY),
        queue=Health("queue", queue, interval=_RETRY),
    )


def _database(settings: Settings, targets: Targets, address: str, read_address: str) -> Database:
    """The pools; this worker has its share of the instance's connections."""
    limits = PoolLimits(
        total=settings.pool_max_size,
        size=max(2, settings.pool_max_size // settings.workers),
        minimum=max(1, settings.pool_min_size // settings.workers),
        read_timeout=settings.pool_timeout,
        write_timeout=settings.write_pool_timeout,
        connect_timeout=settings.connect_timeout,
        write_statement_timeout=settings.write_statement_timeout,
        read_statement_timeout=settings.read_statement_timeout,
        lock_timeout=settings.lock_timeout,
        slow_write=settings.slow_write,
    )
    return Database(
        address,
        read_address or None,
        limits,
        primary=targets.primary,
        reading=ReadHealth(targets.primary),
        standby=targets.standby,
    )


def _committer(
    settings: Settings, kind: Kind[Any], table: Table[Any], months: PartitionHealth | None, *, lanes: int
) -> Committer[Any]:
    admission = Admission(rows=settings.commit_queue_max_rows, bytes_=settings.commit_queue_max_bytes)
    return Committer(kind, table, admission, months=months, lanes=lanes, group_rows=settings.commit_group_max_rows)


def _worker_settings(settings: Settings) -> WorkerSettings:
    return WorkerSettings(
        batch=settings.dlq_replay_batch, backoff=settings.dlq_backoff, claim_idle=settings.dlq_claim_idle
    )


def _rule_limits(settings: Settings) -> RuleLimits:
    return RuleLimits(
        max_age=timedelta(seconds=settings.event_max_age),
        max_future=timedelta(seconds=settings.event_max_future),
        data_max_bytes=settings.event_data_max_bytes,
        data_max_depth=settings.event_data_max_depth,
        data_max_members=settings.event_data_max_members,
    )


def _audit_reads(settings: Settings, database: Database, reads: Reads) -> AuditReads:
    queries = AuditQueries(reads)
    exports = Exports(queries, at_once=max(1, database.reads.size // 2), wait=settings.pool_timeout)
    cursors = Cursors(_address(settings.cursor_secret).encode() or None)
    return AuditReads(queries=queries, exports=exports, cursors=cursors, clock=utc_now)
