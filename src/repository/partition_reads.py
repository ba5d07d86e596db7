"""What there is of audit_events' partitions, for operators and gauges."""

from __future__ import annotations

from collections.abc import Callable, Iterable
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
_ARCHIVED = load("months_archived")
_MEASURES = load("partition_measures")
#: A month that is locked is not waited for.
_BRIEFLY = "SET LOCAL lock_timeout = '200ms'"


class Partition(msgspec.Struct, frozen=True):
    """One month's table. first is inclusive, last exclusive; both are None where it is not attached.

    rows is the planner's estimate. bytes and last_write, when the newest of its events was stored, are None where they
    were not measured; last_write is None for an empty month too. readable: it could be opened, or was not tried.
    """

    oid: int
    name: str
    attached: bool
    rows: int
    first: date | None
    last: date | None
    bytes: int | None = None
    last_write: datetime | None = None
    readable: bool = True


class PartitionReads:
    """Reads of the catalogue; each raises DatabaseUnavailableError, QueryTimeoutError."""

    def __init__(self, reads: Reads) -> None:
        self._reads = reads

    async def attached(self) -> list[Partition]:
        """Every partition and every table that has a partition's name, unmeasured: none of them is opened."""
        return await self._reads.run(_list, fresh=True)

    async def archived(self) -> list[date]:
        """The months whose events are in an archive and not in an attached table, oldest first."""

        async def work(connection: Connection) -> list[date]:
            return [month for (month,) in await (await connection.execute(_ARCHIVED)).fetchall()]

        return await self._reads.run(work)

    async def all(self, is_broken: Callable[[date], bool]) -> list[Partition]:
        """The same, measured, except for broken months and those that cannot be opened at once."""

        async def work(connection: Connection) -> list[Partition]:
            return [await _measured(connection, one, is_broken) for one in await _list(connection)]

        return await self._reads.run(work, fresh=True)


async def _list(connection: Connection) -> list[Partition]:
    cursor = connection.cursor(row_factory=args_row(_partition))
    return await (await cursor.execute(_LIST)).fetchall()


def _partition(oid: int, name: str, attached: bool, rows: int, first: str, last: str) -> Partition:
    return Partition(oid, name, attached, rows, _day(first), _day(last))


def _day(text: str | None) -> date | None:
    return date.fromisoformat(text) if text else None


async def _measured(connection: Connection, one: Partition, is_broken: Callable[[date], bool]) -> Partition:
    if one.first is not None and is_broken(one.first):
        return one
    values: dict[str, Any] = {"oid": one.oid, "first": one.first, "last": one.last}
    try:
        async with connection.transaction():
            await connection.execute(_BRIEFLY)
            row = await (await connection.execute(_MEASURES, values, prepare=False)).fetchone()
    except psycopg.errors.DatabaseError:
        if connection.closed:
            raise
        return msgspec.structs.replace(one, readable=False)  # it does not hide the others
    size, last_write = row or (None, None)
    return msgspec.structs.replace(one, bytes=size, last_write=last_write.astimezone(UTC) if last_write else None)


def horizon_of(partitions: Iterable[Partition], today: date) -> int:
    """Days from today to the end of the last month that follows today without a gap; 0 if today's is missing."""
    attached = {one.first for one in partitions if one.attached}
    month = month_of(today)
    while month in attached:
        month = next_month(month)
    return max((month - today).days, 0)
