"""What one worker process consists of, put together. Nothing is decided here and nothing connects."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import msgspec
from pydantic import SecretStr
from redis.asyncio import Redis

from audit.archived_months import ArchivedMonths
from audit.cursor_key import CursorKey
from audit.cursors import Cursors
from audit.dead_letters import DeadLetterOffice
from audit.exports import ExportLimits, Exports
from audit.holds import HoldOffice
from audit.notifications import NotificationRecorder
from audit.partition_watch import PartitionWatch
from audit.receipts import Receipts
from audit.recorder import Recorder
from audit.rules import EventRules, RuleLimits
from audit.self_audit_log import SelfAuditLog
from catalog.live import LiveCatalog
from catalog.registry import Registry
from catalog.search import Search
from datastorage.access_control import AccessControl, refusals_into
from datastorage.pooler_watch import PoolerWatch
from datastorage.redis_watch import RedisWatch
from datastorage.retention import retention_of
from datastorage.sealing import log_warnings, signers_of
from datastorage.settings import Settings
from datastorage.store_answers import StoreAnswers
from datastorage.upkeep import PartitionUpkeep
from datastorage.worker_share import worker_share
from dlq import (
    DeadLetters,
    Queue,
    QueueName,
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
from pipeline.v1_entries import V1Reader
from repository.audit_events import AuditEvents
from repository.audit_queries import AuditQueries
from repository.evidence_reads import EvidenceReads
from repository.holds import HoldTable
from repository.hosts import Hosts
from repository.notifications import Notifications
from repository.partition_reads import PartitionReads
from repository.pool import Database, PoolLimits, ReadOnlyError, probe, probe_writable
from repository.reads import Reads
from repository.secrets import Secrets
from repository.workflows import Workflows
from telemetry.clock import new_event_id, utc_now
from telemetry.lifecycle import Lifecycle, Phase

__all__ = ["Services", "Stores", "Targets", "Way", "compose"]

#: Seconds between two trials of a month that does not work.
_MONTH_TRIAL = 1.0
#: Seconds between two probes of a standby and a queue that are down.
_RETRY = 0.5


class Targets(msgspec.Struct, frozen=True, kw_only=True):
    """The health of what this process depends on; the months are in their own PartitionHealth."""

    primary: Health
    standby: Health
    queue: Health


class Way(msgspec.Struct, frozen=True, kw_only=True):
    """The way of one kind of record into the stores, and back from the queue."""

    queue: Queue
    committer: Committer[Any]
    pipeline: Pipeline[Any]
    replay: ReplayWorker


class Stores(msgspec.Struct, frozen=True, kw_only=True):
    """The two stores, what is known of them, and the ways into them."""

    #: PostgreSQL itself, with no pooler in between.
    address: str
    database: Database
    reads: Reads
    notifications: Notifications
    commands: Redis
    reader: Redis
    targets: Targets
    months: PartitionHealth
    event_way: Way
    notification_way: Way

    @property
    def ways(self) -> tuple[Way, ...]:
        """All of them."""
        return self.event_way, self.notification_way

    @property
    def queues(self) -> dict[QueueName, Queue]:
        """Every queue by its short name."""
        return {way.queue.names.name: way.queue for way in self.ways}


class Services(msgspec.Struct, frozen=True, kw_only=True):
    """What runs in one process, for its lifespan and its handlers."""

    dependencies: Dependencies
    stores: Stores
    redis: RedisWatch
    pooler: PoolerWatch
    self_audit: SelfAuditLog
    partitions: PartitionWatch
    upkeep: PartitionUpkeep
    catalog: LiveCatalog
    access: AccessControl
    cursor_key: CursorKey


def compose(settings: Settings, lifecycle: Lifecycle) -> Services:
    """The services of one worker."""
    stores = _stores(settings)
    recorder = Recorder(EventRules(_rule_limits(settings), utc_now, new_event_id), stores.event_way.pipeline)
    self_audit = SelfAuditLog(recorder, clock=utc_now, new_id=new_event_id)
    workflows = Workflows(stores.database, stores.reads, stores.address)
    catalog = LiveCatalog(workflows)
    partitions = PartitionWatch(
        PartitionReads(stores.reads), stores.months, utc_now, ahead=settings.partition_months_ahead
    )
    redis = RedisWatch(stores.commands, stores.queues)
    pooler = PoolerWatch(settings, stores.database.reads)
    access = AccessControl(
        settings, address=stores.address, queue_address=_address(settings.redis_url), refused=refusals_into(self_audit)
    )
    answers = StoreAnswers(stores.database, stores.commands, stores.targets.primary)
    audit_reads = _audit_reads(settings, stores)
    letters = {name: DeadLetters(stores.commands, queue) for name, queue in stores.queues.items()}
    dependencies = Dependencies(
        recorder=recorder,
        problem_base_url=settings.problem_base_url,
        batch_max_events=settings.batch_max_events,
        database_answers=answers.database,
        queue_answers=answers.queue,
        shutting_down=lambda: lifecycle.phase is Phase.SHUTTING_DOWN,
        audit_reads=audit_reads,
        notifications=_notification_audit(settings, stores),
        receipts=Receipts(stores.event_way.queue, audit_reads.queries),
        dead_letters=DeadLetterOffice(stores.queues, letters, recorder, utc_now),
        holds=_holds(settings, stores, recorder, self_audit),
        partitions=partitions,
        warnings=lambda: (*redis.deficits, *pooler.warnings, *access.warnings, *log_warnings(settings)),
        database_is_down=lambda: stores.targets.primary.is_down,
        log=Log(EvidenceReads(stores.reads), signers_of(settings)),
        workflows=WorkflowCatalog(
            registry=Registry(workflows, catalog, self_audit, clock=utc_now, new_id=new_event_id),
            search=Search(catalog, self_audit, profile=settings.search_profile, weights=settings.search_weights),
            table=workflows,
        ),
    )
    upkeep = PartitionUpkeep(
        stores.address,
        utc_now,
        ahead=settings.partition_months_ahead,
        interval=settings.partition_interval,
        retain=retention_of(settings),
    )
    return Services(
        dependencies=dependencies,
        stores=stores,
        redis=redis,
        pooler=pooler,
        self_audit=self_audit,
        partitions=partitions,
        upkeep=upkeep,
        catalog=catalog,
        access=access,
        cursor_key=CursorKey(audit_reads.cursors, Secrets(stores.reads)),
    )


def _holds(settings: Settings, stores: Stores, recorder: Recorder, self_audit: SelfAuditLog) -> HoldOffice:
    table = HoldTable(stores.database, stores.reads)
    second = settings.hold_second_person
    return HoldOffice(table, recorder, self_audit, clock=utc_now, new_id=new_event_id, second_person=second)


def _stores(settings: Settings) -> Stores:
    direct, address = settings.direct_address, _address(settings.database_url)
    read_address = _address(settings.database_read_url)
    commands, reader = (
        make(_address(settings.redis_url), timeout=settings.redis_timeout) for make in (command_client, blocking_client)
    )
    hosts, read_hosts = Hosts(address), Hosts(read_address) if read_address else None
    targets = _targets(settings, hosts, read_hosts, commands)
    database = _database(settings, targets, hosts, read_hosts)
    reads = Reads(database.reads, database.standby, deadline=database.read_deadline)
    events = AuditEvents(database.writes, direct, deadline=settings.write_deadline)
    notifications = Notifications(database, reads, deadline=settings.write_deadline)
    months = PartitionHealth(events.try_month, PartitionBoard(), interval=_MONTH_TRIAL)

    def way(kind: Kind[Any], table: Table[Any], months: PartitionHealth | None) -> Way:
        queue = Queue(
            commands,
            kind.queue,
            capacity=settings.dlq_max_len,
            timeout=settings.redis_timeout,
            clock=utc_now,
            replicas=settings.redis_replicas,
        )
        committer = _committer(settings, kind, table, months, lanes=database.writes.size)
        healths = {"primary": targets.primary, "queue_health": targets.queue}
        sink = ReplaySink(kind, committer, queue, targets.primary)
        return Way(
            queue=queue,
            committer=committer,
            pipeline=Pipeline(kind, committer, queue, **healths, months=months),
            replay=ReplayWorker(
                queue,
                reader,
                sink,
                _worker_settings(settings),
                clock=utc_now,
                consumer=consumer_name(),
                adopt=V1Reader(kind),
            ),
        )

    return Stores(
        address=direct,
        database=database,
        reads=reads,
        notifications=notifications,
        commands=commands,
        reader=reader,
        targets=targets,
        months=months,
        event_way=way(AUDIT_EVENTS, events, months),
        notification_way=way(NOTIFICATION_AUDIT, notifications, None),
    )


def _address(secret: SecretStr | None) -> str:
    return secret.get_secret_value() if secret else ""


def _targets(settings: Settings, hosts: Hosts, read_hosts: Hosts | None, commands: Redis) -> Targets:
    async def primary() -> None:
        try:
            await probe_writable(hosts)
        except ReadOnlyError as error:
            raise StillAnswersError from error

    async def standby() -> None:
        if read_hosts is not None:
            await probe(read_hosts)

    async def queue() -> None:
        await commands.ping()

    return Targets(
        primary=Health("primary", primary, interval=settings.probe_interval),
        standby=Health("standby", standby, interval=_RETRY),
        queue=Health("queue", queue, interval=_RETRY),
    )


def _database(settings: Settings, targets: Targets, hosts: Hosts, read_hosts: Hosts | None) -> Database:
    """The pools; this worker has its share of the instance's connections."""
    limits = PoolLimits(
        total=settings.pool_max_size,
        size=worker_share(settings).pooled,
        minimum=max(1, settings.pool_min_size // settings.workers),
        read_timeout=settings.pool_timeout,
        write_timeout=settings.write_pool_timeout,
        connect_timeout=settings.connect_timeout,
        write_statement_timeout=settings.write_statement_timeout,
        read_statement_timeout=settings.read_statement_timeout,
        lock_timeout=settings.lock_timeout,
        slow_write=settings.slow_write,
        pooled=settings.database_direct_url is not None,
    )
    return Database(
        hosts,
        read_hosts,
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


def _audit_reads(settings: Settings, stores: Stores) -> AuditReads:
    queries = AuditQueries(stores.reads)
    limits = ExportLimits(
        at_once=max(1, stores.database.reads.size // 2),
        wait=settings.pool_timeout,
        seconds=settings.export_timeout,
        least_rate=settings.export_least_rate,
    )
    exports = Exports(queries, limits)
    cursors = Cursors(_address(settings.cursor_secret).encode() or None)
    archived = ArchivedMonths(PartitionReads(stores.reads))
    return AuditReads(queries=queries, exports=exports, cursors=cursors, clock=utc_now, archived=archived)


def _notification_audit(settings: Settings, stores: Stores) -> NotificationAudit:
    max_future = timedelta(seconds=settings.event_max_future)
    recorder = NotificationRecorder(stores.notification_way.pipeline, clock=utc_now, max_future=max_future)
    return NotificationAudit(recorder=recorder, table=stores.notifications)
