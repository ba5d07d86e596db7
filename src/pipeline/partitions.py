"""The months that do not work: one broken month must not cost the others a single event.

They are decided here alone. What one worker of an instance finds, the others show too.
"""

from __future__ import annotations

import asyncio
import mmap
import time
from collections.abc import Awaitable, Callable, Collection, Iterable
from datetime import date
from struct import Struct

from pipeline.health import Health
from repository.errors import PartitionUnavailableError
from repository.partitions import label
from telemetry.metrics import PARTITION_LAST_WRITE, PARTITION_STATUS, PARTITION_WRITE_FAILURES

__all__ = ["STATUSES", "PartitionBoard", "PartitionHealth", "show_status"]

#: The states of a month, as metrics have them.
STATUSES = ("available", "unavailable", "missing")

#: Does to a month what a write does, and undoes it; raises PartitionUnavailableError while it does not work.
Trial = Callable[[date], Awaitable[None]]


def show_status(month: date, status: str) -> None:
    """Set the gauges of one month: 1 for its status, 0 for the others."""
    for one in STATUSES:
        PARTITION_STATUS.labels(label(month), one).set(one == status)


class PartitionBoard:
    """Which months are broken, in memory that the workers of an instance share: make it before they are forked."""

    _FIRST_YEAR, _YEARS = 1970, 300
    _moments = Struct("dd")  # when it last failed, and when it last worked

    def __init__(self) -> None:
        self._memory = mmap.mmap(-1, self._moments.size * 12 * self._YEARS)

    def failed(self, month: date) -> None:
        """Say that a month does not work."""
        if (place := self._place(month)) is not None:
            worked = self._moments.unpack_from(self._memory, place)[1]
            self._moments.pack_into(self._memory, place, time.monotonic(), worked)

    def worked(self, month: date) -> None:
        """Say that it works."""
        if (place := self._place(month)) is not None:
            failed = self._moments.unpack_from(self._memory, place)[0]
            self._moments.pack_into(self._memory, place, failed, time.monotonic())

    def is_broken(self, month: date) -> bool:
        """Whether any worker says that it does not work."""
        place = self._place(month)
        if place is None:
            return False
        failed, worked = self._moments.unpack_from(self._memory, place)
        return bool(failed > worked)

    def _place(self, month: date) -> int | None:
        number = (month.year - self._FIRST_YEAR) * 12 + month.month - 1
        return number * self._moments.size if 0 <= number < 12 * self._YEARS else None


class PartitionHealth:
    """The health of each month that was ever found broken; each is tried in the background until it works again.

    interval: seconds between two trials.
    """

    def __init__(self, trial: Trial, board: PartitionBoard, *, interval: float) -> None:
        self._trial = trial
        self._board = board
        self._interval = interval
        self._months: dict[date, Health] = {}
        self._broken: dict[date, None] = {}

    @property
    def broken(self) -> Collection[date]:
        """The first days of the months that do not work."""
        return self._broken.keys()

    def is_broken(self, month: date) -> bool:
        """Whether any worker of this instance finds that the month does not work; if only another does, try it too."""
        if month in self._broken:
            return True
        broken = self._board.is_broken(month)
        if broken:
            self._went_down(month, "another worker found it broken")
        return broken

    def failed(self, month: date) -> None:
        """A write into this month failed because of the month."""
        PARTITION_WRITE_FAILURES.labels(label(month)).inc()
        self._went_down(month, "a write failed: its events go to the queue")

    def wrote(self, months: Iterable[date]) -> None:
        """Events of these months were committed."""
        now = time.time()
        for month in months:
            PARTITION_LAST_WRITE.labels(label(month)).set(now)

    async def stop(self) -> None:
        """End the background trials."""
        await asyncio.gather(*(health.stop() for health in self._months.values()))

    def _went_down(self, month: date, cause: str) -> None:
        if month not in self._months:
            self._months[month] = Health(
                "month",
                lambda: self._try(month),
                name=label(month),
                interval=self._interval,
                patience=10.0,
                on_up=lambda: self._works(month),
            )
        self._broken[month] = None
        self._board.failed(month)
        show_status(month, "unavailable")
        self._months[month].went_down(cause)

    async def _try(self, month: date) -> None:
        try:
            await self._trial(month)
        except PartitionUnavailableError as error:
            show_status(month, "missing" if error.missing else "unavailable")
            self._board.failed(month)
            raise

    async def _works(self, month: date) -> None:
        show_status(month, "available")
        self._board.worked(month)
        del self._broken[month]
