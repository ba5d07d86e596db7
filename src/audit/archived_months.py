"""Which months are in archives, so that a read can say what it did not look at."""

from __future__ import annotations

import time
from collections.abc import Callable, Sequence
from contextlib import suppress
from datetime import date, datetime

from repository.errors import RepositoryError
from repository.partition_reads import PartitionReads
from repository.partitions import label, next_month

__all__ = ["ArchivedMonths"]

#: Seconds after which what is known is looked up again.
_FRESH = 5.0


class ArchivedMonths:
    """What is known of archived months. elapsed: seconds of a clock that only goes forward."""

    def __init__(self, reads: PartitionReads, elapsed: Callable[[], float] = time.monotonic) -> None:
        self._reads = reads
        self._elapsed = elapsed
        self._known: Sequence[date] = ()
        self._until = float("-inf")

    async def within(self, since: datetime | None, until: datetime | None) -> list[date]:
        """The archived months that a range of instants touches, oldest first; as they were known while none answers."""
        if self._elapsed() >= self._until:
            self._until = self._elapsed() + _FRESH
            with suppress(RepositoryError):  # the read itself says what is wrong
                self._known = await self._reads.archived()
        return [
            month
            for month in self._known
            if (until is None or month <= until.date()) and (since is None or since.date() < next_month(month))
        ]

    async def warning(self, since: datetime | None, until: datetime | None) -> list[str]:
        """A sentence for people about those months, or none."""
        months = await self.within(since, until)
        return [f"archived months are not looked at: {', '.join(_ranges(months))}"] if months else []


def _ranges(months: Sequence[date]) -> list[str]:
    """Months in a row as `2019_03 to 2019_05`."""
    ranges: list[list[date]] = []
    for month in months:
        if ranges and next_month(ranges[-1][-1]) == month:
            ranges[-1] = [ranges[-1][0], month]
        else:
            ranges.append([month])
    return [" to ".join(map(label, ends)) for ends in ranges]
