"""The state of the months as operators and gauges see it."""

from __future__ import annotations

import re
from collections.abc import Collection, Sequence
from datetime import date, datetime
from typing import Literal

import msgspec

from pipeline.partitions import PartitionHealth, show_status
from repository.partition_reads import Partition, PartitionReads, horizon_of
from repository.partitions import label, window
from repository.records import month_of
from telemetry.clock import Clock
from telemetry.metrics import PARTITION_HORIZON

__all__ = ["MonthState", "PartitionWatch"]

_NAME = re.compile(r"audit_events_(\d{4})_(\d{2})")
Status = Literal["available", "unavailable", "missing"]


class MonthState(msgspec.Struct, frozen=True, kw_only=True):
    """One month. first and last are its bounds, last exclusive.

    missing: not attached, so its events are queued; a table of its name may be under repair. unavailable: attached, and
    writes into it fail. archived: not attached either, and its events are in an archive.
    """

    partition: str
    first: date
    last: date | None
    status: Status
    rows_estimate: int | None = None
    bytes: int | None = None
    last_write: datetime | None = None
    archived: bool = False


class PartitionWatch:
    """Looks at the months. ahead: months that are kept ready after the current one."""

    def __init__(self, reads: PartitionReads, months: PartitionHealth, clock: Clock, *, ahead: int) -> None:
        self._reads = reads
        self._months = months
        self._clock = clock
        self._ahead = ahead
        self._shown: dict[date, Status] = {}

    async def states(self) -> list[MonthState]:
        """Every month that is there or should be, oldest first. Raises DatabaseUnavailableError, QueryTimeoutError."""
        return self._states(await self._reads.all(self._months.is_broken), await self._reads.archived())

    async def refresh_gauges(self) -> None:
        """Set the gauges to what is true now. Raises as `states`.

        A month that this process found broken is shown by the one who heals it. An archived one is not missing.
        """
        found, archived = await self._reads.attached(), await self._reads.archived()
        PARTITION_HORIZON.set(horizon_of(found, self._clock().date()))
        for state in self._states(found, ()):
            if state.first in archived:
                if self._shown.pop(state.first, None):
                    show_status(state.first, "archived")  # none of the gauges' states
            elif state.status != self._shown.get(state.first) and state.first not in self._months.broken:
                self._shown[state.first] = state.status
                show_status(state.first, state.status)

    def _states(self, found: Sequence[Partition], archived: Collection[date]) -> list[MonthState]:
        states = {month: _missing(month) for month in window(self._clock().date(), self._ahead)}
        states |= {month: self._state(month, one) for one in found if (month := _month_of(one))}
        for month in archived:
            states[month] = msgspec.structs.replace(states.get(month) or _missing(month), archived=True)
        return [states[month] for month in sorted(states)]

    def _state(self, month: date, one: Partition) -> MonthState:
        works: Status = "unavailable" if self._months.is_broken(month) or not one.readable else "available"
        return MonthState(
            partition=label(month),
            first=month,
            last=one.last,
            status=works if one.attached else "missing",
            rows_estimate=one.rows,
            bytes=one.bytes,
            last_write=one.last_write,
        )


def _missing(month: date) -> MonthState:
    return MonthState(partition=label(month), first=month, last=None, status="missing")


def _month_of(one: Partition) -> date | None:
    if one.first is not None:
        return month_of(one.first)
    match = _NAME.fullmatch(one.name)
    return date(int(match[1]), int(match[2]), 1) if match else None
