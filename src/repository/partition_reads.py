"""What there is of audit_events' partitions, for operators and gauges."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import UTC, date, datetime
from typing import Any

import msgspec
import psycopg
from psycopg.rows import args_row

from repository.partitions import next_month
from repository.reads import Connection, Reads
from repository.records import month_of
from repository.sql import load

__all__ = ["Partition", "PartitionReads", "horizon_of"]

_LIST = load("partitions_list")
_LAST_WRITE = load("partition_last_write")


class Partition(msgspec.Struct, frozen=True):
    """One month's table. first is inclusive, last exclusive; both are None where it is not attached.

    rows is the planner's estimate. last_write: when the newest of its events was stored; None for an empty month.
    """

    name: str
    attached: bool
    rows: int
    bytes: int
    first: date | None
    last: date | None
    last_write: datetime | None = None


class PartitionReads:
    """Reads of the catalogue; each raises DatabaseUnavailableError, QueryTimeoutError."""

    def __init__(self, reads: Reads) -> None:
        self._reads = reads

    async def attached(self) -> list[Partition]:
        """Every partition and every table that has a partition's name, without their last writes."""
        return await self._reads.run(_list, fresh=True)

    async def all(self, broken: Iterable[date]) -> list[Partition]:
        """The same with last writes, except for the months in `broken`, which are not touched."""
        avoid = set(broken)

        async def work(connection: Connection) -> list[Partition]:
            return [await _with_last_write(connection, one, avoid) for one in await _list(connection)]

        return await self._reads.run(work, fresh=True)


async def _list(connection: Connection) -> list[Partition]:
    cursor = connection.cursor(row_factory=args_row(_partition))
    return await (await cursor.execute(_LIST)).fetchall()


def _partition(name: str, attached: bool, rows: int, size: int, first: str, last: str) -> Partition:
    return Partition(name, attached, rows, size, _day(first), _day(last))


def _day(text: str | None) -> date | None:
    return date.fromisoformat(text) if text else None


async def _with_last_write(connection: Connection, one: Partition, avoid: set[date]) -> Partition:
    if one.first is None or one.last is None or one.first in avoid:
        return one
    bounds: dict[str, Any] = {"first": one.first, "last": one.last}
    try:
        row = await (await connection.execute(_LAST_WRITE, bounds)).fetchone()
    except psycopg.errors.DatabaseError:
        if connection.closed:
            raise
        return one  # a month that cannot be read does not hide the others
    return msgspec.structs.replace(one, last_write=row[0].astimezone(UTC)) if row else one


def horizon_of(partitions: Iterable[Partition], today: date) -> int:
    """Days from today to the end of the last month that follows today without a gap; 0 if today's is missing."""
    attached = {one.first for one in partitions if one.attached}
    month = month_of(today)
    while month in attached:
        month = next_month(month)
    return max((month - today).days, 0)
