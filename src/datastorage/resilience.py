"""What keeps events safe when a store is away: breaker, months, queues and their replay workers, built and run."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from datetime import timedelta
from typing import Any

from redis.asyncio import Redis

from audit.breaker import Breaker
from audit.committer import Committer
from audit.delivery import Delivery
from audit.notifications import NotificationCommitter, NotificationRecorder, NotificationSink
from audit.partition_health import PartitionHealth
from audit.replay import EventSink
from datastorage.settings import Settings
from dlq import (
    EVENTS,
    NOTIFICATIONS,
    DeadLetters,
    Queue,
    QueueError,
    QueueNames,
    ReplayWorker,
    Sink,
    WorkerSettings,
    blocking_client,
    command_client,
    durability_deficits,
)
from dlq.worker import consumer_name
from repository.audit_events import AuditEvents
from repository.notifications import Notifications
from repository.pool import Database
from telemetry.clock import utc_now
from telemetry.logs import get_logger
from telemetry.metrics import QUEUE_DURABLE

__all__ = ["Resilience"]

_log = get_logger(__name__)

#: Seconds between two trials of a month that does not work.
_MONTH_TRIAL = 1.0
#: Seconds between two looks at Redis while it is away, and at its configuration while it is there.
_REDIS_RETRY, _REDIS_LOOK = 1.0, 60.0
#: Seconds in which a recovered pool gets rid of its dead connections.
_POOL_CHECK = 1.0


class Resilience:
    """Everything of one process that concerns the queue. Built before the event loop, run within it."""

    def __init__(
        self,
        settings: Settings,
        database: Database,
        notifications: Notifications,
        *,
        address: str,
        queue_address: str,
    ) -> None:
        self._settings = settings
        self._database = database
        self._commands = command_client(queue_address, timeout=settings.redis_timeout)
        self._reader = blocking_client(queue_address, timeout=settings.redis_timeout)
        self._workers: list[ReplayWorker] = []
        self._watch: asyncio.Task[None] | None = None
        self.deficits: tuple[str, ...] = ()
        self.breaker = Breaker(
            self._probe, threshold=settings.breaker_failure_threshold, interval=settings.breaker_probe_interval
        )
        events = AuditEvents(database, address, utc_now)
        self.months = PartitionHealth(events.try_month, interval=_MONTH_TRIAL)
        self.committer = Committer(
            events,
            breaker=self.breaker,
            months=self.months,
            patience=settings.write_patience,
            group_rows=settings.commit_group_max_rows,
            queue_rows=settings.commit_queue_max_rows,
        )
        self.events, self._notices = self._queue(EVENTS), self._queue(NOTIFICATIONS)
        self.queues = {queue.names.name: queue for queue in (self.events, self._notices)}
        self.dead_letters = {name: DeadLetters(self._commands, queue) for name, queue in self.queues.items()}
        self.delivery = Delivery(self.committer, self.events, self.breaker, self.months)
        self.notification_committer = NotificationCommitter(
            notifications, breaker=self.breaker, patience=settings.write_patience
        )
        self.notifications = NotificationRecorder(
            self.notification_committer,
            self._notices,
            self.breaker,
            clock=utc_now,
            max_future=timedelta(seconds=settings.event_max_future),
        )

    def _queue(self, names: QueueNames) -> Queue:
        settings = self._settings
        return Queue(
            self._commands, names, capacity=settings.dlq_max_len, timeout=settings.redis_timeout, clock=utc_now
        )

    async def start(self) -> None:
        """Begin to replay, and to watch Redis; neither store has to be there."""
        self._work(self.events, EventSink(self.committer, self.events, self.breaker))
        self._work(self._notices, NotificationSink(self.notification_committer, self.breaker))
        self._watch = asyncio.create_task(self._watch_redis(), name="watch redis")

    def _work(self, queue: Queue, sink: Sink) -> None:
        settings = WorkerSettings(
            batch=self._settings.dlq_replay_batch,
            backoff=self._settings.dlq_backoff,
            claim_idle=self._settings.dlq_claim_idle,
        )
        worker = ReplayWorker(queue, self._reader, sink, settings, clock=utc_now, consumer=consumer_name())
        worker.start()
        self._workers.append(worker)

    async def flush(self) -> None:
        """Wait until every write that was handed over is settled."""
        await asyncio.gather(self.committer.flush(), self.notification_committer.flush())

    async def stop_replay(self) -> None:
        """Finish the batch at hand and hand over the rest."""
        await asyncio.gather(*(worker.stop() for worker in self._workers))

    async def stop_background(self) -> None:
        """End probes, trials and the watch."""
        if self._watch is not None:
            self._watch.cancel()
        await self.breaker.stop()
        await self.months.stop()

    async def close(self) -> None:
        """Close the connections to Redis."""
        await asyncio.gather(*(_close(client) for client in (self._commands, self._reader)))

    async def database_answers(self, seconds: float) -> bool:
        """Whether PostgreSQL answers now; what the breaker knows is not asked again."""
        return not self.breaker.is_open and await _within(seconds, self._ask_database)

    async def queue_answers(self, seconds: float) -> bool:
        """Whether Redis answers now."""
        return await _within(seconds, self._commands.ping)

    async def refresh_gauges(self) -> None:
        """Set every queue's gauges to what is true now; a Redis that is away leaves them as they are."""
        await asyncio.gather(*(queue.state() for queue in self.queues.values()), return_exceptions=True)

    async def _ask_database(self) -> None:
        async with self._database.writes.connection() as connection:
            await connection.execute("SELECT 1")

    async def _probe(self) -> None:
        """Make sure that PostgreSQL takes writes, then rid the pool of connections that died meanwhile."""
        await self._database.probe_writable()
        if self.breaker.is_open:
            async with asyncio.timeout(_POOL_CHECK):
                await self._database.writes.check()

    async def _watch_redis(self) -> None:
        """Make the groups, look at Redis' durability; again whenever it may have been replaced."""
        while True:
            try:
                for queue in self.queues.values():
                    await queue.ensure_group()
                    await queue.state()
                self._judge(await durability_deficits(self._commands))
                await asyncio.sleep(_REDIS_LOOK)
            except QueueError:
                await asyncio.sleep(_REDIS_RETRY)

    def _judge(self, deficits: tuple[str, ...]) -> None:
        if deficits and deficits != self.deficits:
            _log.warning("Redis may lose acknowledged entries in a crash", deficits=list(deficits))
        self.deficits = deficits
        QUEUE_DURABLE.set(not deficits)


async def _within(seconds: float, ask: Callable[[], Awaitable[Any]]) -> bool:
    try:
        async with asyncio.timeout(seconds):
            await ask()
    except Exception:  # noqa: BLE001 - whatever keeps a store from answering, it did not answer
        return False
    return True


async def _close(client: Redis) -> None:
    await client.aclose()
