"""Looking after Redis: its consumer groups, its durability, the queues' gauges."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping

from redis.asyncio import Redis

from dlq import Queue, QueueError, QueueName, durability_deficits
from telemetry.logs import get_logger
from telemetry.metrics import QUEUE_DURABLE

__all__ = ["RedisWatch"]

_log = get_logger(__name__)
#: Seconds between two looks at Redis while it is down, and at its configuration while it is up.
_RETRY, _LOOK = 1.0, 60.0


class RedisWatch:
    """Makes the groups and judges the configuration, again whenever Redis may have been replaced.

    deficits: what Redis' configuration lacks for acknowledged entries to survive its crash.
    """

    def __init__(self, client: Redis, queues: Mapping[QueueName, Queue]) -> None:
        self._client = client
        self._queues = queues
        self.deficits: tuple[str, ...] = ()

    async def run(self) -> None:
        """Watch until cancelled."""
        while True:
            try:
                for queue in self._queues.values():
                    await queue.ensure_group()
                    await queue.state()
                self._judge(await durability_deficits(self._client))
                await asyncio.sleep(_LOOK)
            except QueueError:
                await asyncio.sleep(_RETRY)

    async def refresh_gauges(self) -> None:
        """Set every queue's gauges to what is true now; a Redis that is down leaves them as they are."""
        await asyncio.gather(*(queue.state() for queue in self._queues.values()), return_exceptions=True)

    def _judge(self, deficits: tuple[str, ...]) -> None:
        if deficits and deficits != self.deficits:
            _log.warning("Redis may lose acknowledged entries in a crash", deficits=list(deficits))
        self.deficits = deficits
        QUEUE_DURABLE.set(not deficits)
