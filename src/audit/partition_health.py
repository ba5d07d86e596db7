"""Which months' partitions work: one broken month must not cost the others a single event."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Awaitable, Callable, Collection, Iterable
from contextvars import Context
from datetime import date

from repository.errors import DatabaseUnavailableError, PartitionUnavailableError
from repository.partitions import label
from telemetry.logs import get_logger
from telemetry.metrics import PARTITION_LAST_WRITE, PARTITION_STATUS, PARTITION_WRITE_FAILURES

__all__ = ["STATUSES", "PartitionHealth", "show_status"]

_log = get_logger(__name__)

#: The states of a month, as metrics have them.
STATUSES = ("available", "unavailable", "missing")

#: Does to a month what a write does, and undoes it; raises PartitionUnavailableError while it does not work.
Trial = Callable[[date], Awaitable[None]]


def show_status(month: date, status: str) -> None:
    """Set the gauges of one month: 1 for its status, 0 for the others."""
    for one in STATUSES:
        PARTITION_STATUS.labels(label(month), one).set(one == status)


class PartitionHealth:
    """The broken months, as this process knows them. Each is tried in the background until it works again.

    interval: seconds between two trials.
    """

    def __init__(self, trial: Trial, *, interval: float) -> None:
        self._trial = trial
        self._interval = interval
        self._healing: dict[date, asyncio.Task[None]] = {}

    @property
    def broken(self) -> Collection[date]:
        """The first days of the months that do not work."""
        return self._healing.keys()

    def failed(self, month: date) -> None:
        """A write into this month failed because of the month."""
        PARTITION_WRITE_FAILURES.labels(label(month)).inc()
        if month not in self._healing:
            _log.warning("a month's partition does not work: its events go to the queue", partition=label(month))
            show_status(month, "unavailable")
            self._healing[month] = asyncio.create_task(self._heal(month), context=Context())

    def wrote(self, months: Iterable[date]) -> None:
        """Events of these months were committed."""
        now = time.time()
        for month in months:
            PARTITION_LAST_WRITE.labels(label(month)).set(now)

    async def stop(self) -> None:
        """End the background trials."""
        tasks = list(self._healing.values())
        for task in tasks:
            task.cancel()
        if tasks:
            await asyncio.wait(tasks)

    async def _heal(self, month: date) -> None:
        while not await self._works(month):  # noqa: ASYNC110 - nobody tells us that a month works again
            await asyncio.sleep(self._interval)
        _log.info("a month's partition works again", partition=label(month))
        show_status(month, "available")
        del self._healing[month]

    async def _works(self, month: date) -> bool:
        try:
            await self._trial(month)
        except PartitionUnavailableError as error:
            show_status(month, "missing" if error.missing else "unavailable")  # another worker may not know of it
            return False
        except DatabaseUnavailableError:  # tells nothing about the month
            return False
        except Exception:  # noqa: BLE001 - a trial that ends would leave the month to the queue for ever
            _log.exception("trial of a partition failed", partition=label(month))
            return False
        return True
