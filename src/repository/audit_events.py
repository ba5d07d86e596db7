"""Writing audit events: a group of entries in one transaction, each entry all or nothing, no event twice."""

from __future__ import annotations

import zlib
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from datetime import UTC, date, datetime, timedelta
from itertools import groupby
from operator import attrgetter
from typing import Any, Literal
from uuid import UUID

import msgspec

from repository._translate import blamed_on, copied, looked_up, translated, written
from repository.errors import (
    CommitUnknownError,
    DatabaseUnavailableError,
    LookupUnavailableError,
    PartitionUnavailableError,
    TransientError,
)
from repository.event_ids import dates_of_id
from repository.own_thread import in_own_thread
from repository.partitions import make_month, next_month
from repository.pool import Connection, Database
from repository.records import AuditEvent, month_of, months_of
from repository.sql import load
from telemetry.clock import Clock, new_event_id

__all__ = ["AuditEvents", "Entry", "Row", "Verdict"]

#: What became of a row. no_parent: its parent is not stored. Only `created` rows were written.
Verdict = Literal["created", "duplicate", "conflict", "no_parent"]

_LOCK_CLASS = 0x6473  # the ASCII codes of "ds": keeps our two-key advisory locks apart from others'
_BUCKETS = 256
_RECENT = timedelta(days=31)
_EVER = (date(1, 1, 1), date(9999, 12, 31))
_LOCKS, _KNOWN, _SAME, _COPY = load("event_locks"), load("events_known"), load("event_same"), load("events_copy")
_ATTACHED = load("partitions_attached")
_COLUMNS = (
    "event_id", "event_version", "event_timestamp", "event_date", "event_type", "event_category", "event_action",
    "event_outcome", "actor_type", "actor_id", "resource_type", "resource_id", "correlation_id", "event_data",
    "severity", "namespace", "cluster_name", "duration_ms", "error_code", "error_message", "parent_event_id",
    "parent_event_date", "trace_id", "span_id",
)  # fmt: skip
_values = attrgetter(*_COLUMNS)
#: What a write into a month without a partition says: no partition found, no such table.
_MISSING = ("23514", "42P01")
#: Tries at one write; each failure but the last is of a kind that another try normally mends.
_TRIES = 3
_TYPES = [
    {
        "event_id": "uuid", "parent_event_id": "uuid", "event_timestamp": "timestamptz", "event_date": "date",
        "parent_event_date": "date", "event_data": "jsonb", "duration_ms": "int4", "error_message": "text",
    }.get(name, "varchar")
    for name in _COLUMNS
]  # fmt: skip


class Row(msgspec.Struct, frozen=True, kw_only=True):
    """An event to write. server_generated_id: nothing stored can have its id.

    linked: its parent is settled; it is not looked up again, and parent_event_date is stored as it is.
    """

    event: AuditEvent
    server_generated_id: bool
    linked: bool = False


#: Rows that are written together or not at all; no id twice.
Entry = Sequence[Row]


class AuditEvents:
    """The audit_events table, as the committer writes it.

    today: from which instant an id counts as recent.
    """

    def __init__(self, database: Database, address: str, clock: Clock) -> None:
        self._database = database
        self._address = address
        self._clock = clock

    async def write(self, entries: Sequence[Entry], *, avoid: Collection[date] = ()) -> list[list[Verdict]]:
        """Write the entries in one transaction; a verdict for each row of each entry.

        An entry with a row in conflict or without its parent is not written; the others are. A month that does not
        exist is made. A connection that was lost meanwhile is replaced once, and what it had written is found by its
        ids, never written twice. No id may be in two entries.
        avoid: months that are known to be broken; no entry is in one, and ids are not looked for there.
        Raises PartitionUnavailableError (nothing was written; other months may work), DatabaseUnavailableError,
        CommitUnknownError, InvalidDataError.
        """
        lost = False
        for _ in range(_TRIES - 1):
            try:
                verdicts = await self._write(entries, look=lost, avoid=avoid)
                return _as_new(verdicts, entries) if lost else verdicts
            except PartitionUnavailableError as error:
                if error.sqlstate not in _MISSING or not await self._made(error.month):
                    raise
            except LookupUnavailableError as error:
                raise await self._blamed(error, avoid) from error
            except CommitUnknownError:
                if lost:
                    raise
                lost = True
                await self._database.writes.check()
            except TransientError:
                continue
        return _as_new(await self._write(entries, look=lost, avoid=avoid), entries)

    async def _made(self, month: date) -> bool:
        return await in_own_thread(lambda: make_month(self._address, month))

    async def try_month(self, month: date) -> None:
        """Do to one month what a write does, and undo it; a month that does not exist is made.

        Raises PartitionUnavailableError if the month does not work, DatabaseUnavailableError.
        """
        try:
            await self._try(month)
        except PartitionUnavailableError as error:
            if error.sqlstate not in _MISSING or not await self._made(month):
                raise
            await self._try(month)

    async def _try(self, month: date) -> None:
        event = _trial(month)
        with written():
            async with (
                self._database.writes.connection() as connection,
                connection.transaction(force_rollback=True),
            ):
                with blamed_on(month):
                    await connection.execute(_KNOWN, _bounds([event.event_id], month, _last_day(month)))
                await _copy(connection, [event])

    async def _blamed(self, error: DatabaseUnavailableError, avoid: Collection[date]) -> DatabaseUnavailableError:
        """Which month made a look-up over several of them fail; the error itself if each works by itself."""
        with translated():
            async with self._database.writes.connection() as connection:
                rows = await (await connection.execute(_ATTACHED)).fetchall()
        for (month,) in rows:
            try:
                if month not in avoid:
                    await self._try(month)
            except PartitionUnavailableError as found:
                return found
        return error

    async def _write(self, entries: Sequence[Entry], *, look: bool, avoid: Collection[date]) -> list[list[Verdict]]:
        """One try. look: ids that this process generated may be stored too."""
        with written():
            async with self._database.writes.connection() as connection:
                if not look and _simple(entries):
                    await _copy(connection, [row.event for entry in entries for row in entry])
                    return [["created"] * len(entry) for entry in entries]
                async with connection.transaction():
                    return await self._write_known(connection, entries, look=look, avoid=avoid)

    async def _write_known(
        self, connection: Connection, entries: Sequence[Entry], *, look: bool, avoid: Collection[date]
    ) -> list[list[Verdict]]:
        """Write entries that bring ids, name parents or span months: look first, under locks on the ids."""
        rows = [row for entry in entries for row in entry]
        stored = await self._stored(
            connection, [row.event for row in rows if look or not row.server_generated_id], avoid
        )
        named = {p for row in rows if not row.linked and (p := row.event.parent_event_id)}
        parents = await self._dates(connection, named, avoid)
        verdicts: list[list[Verdict]] = []
        accepted: list[AuditEvent] = []
        for entry in entries:
            judged = _judge(entry, stored, parents)
            verdicts.append([verdict for verdict, _ in judged])
            if all(verdict in {"created", "duplicate"} for verdict, _ in judged):
                accepted += [event for verdict, event in judged if verdict == "created"]
        for _, month in groupby(sorted(accepted, key=_month), key=_month):
            await _copy(connection, list(month))
        return verdicts

    async def _stored(
        self, connection: Connection, events: Sequence[AuditEvent], avoid: Collection[date]
    ) -> dict[UUID, bool]:
        """The ids that are stored, and whether with the same content; no other writer can add one of them now."""
        if not events:
            return {}
        buckets = sorted({zlib.crc32(event.event_id.bytes) % _BUCKETS for event in events})
        await connection.execute(_LOCKS, [_LOCK_CLASS, buckets])
        dates = await self._dates(connection, {event.event_id for event in events}, avoid)
        return {
            event.event_id: await _same(connection, event, dates[event.event_id])
            for event in events
            if event.event_id in dates
        }

    async def _dates(self, connection: Connection, ids: Iterable[UUID], avoid: Collection[date]) -> dict[UUID, date]:
        """The dates of the ids that are stored; one statement for all that can be in the same months."""
        dates: dict[tuple[date, date] | None, list[UUID]] = {}
        for event_id in ids:
            dates.setdefault(dates_of_id(event_id), []).append(event_id)
        ranges: dict[tuple[date, date], list[UUID]] = {}
        for days, group in dates.items():
            ranges.setdefault(self._range(days), []).extend(group)
        found: dict[UUID, date] = {}
        for between, group in ranges.items():
            for first, last in _without(avoid, *between):
                with looked_up():
                    cursor = await connection.execute(_KNOWN, _bounds(group, first, last), prepare=False)
                    found.update(await cursor.fetchall())
        return found

    def _range(self, dates: tuple[date, date] | None) -> tuple[date, date]:
        """The dates between which events with ids of these dates can be; see docs/decisions/0031."""
        if dates is None:
            return _EVER
        first, last = month_of(dates[0]), dates[1].replace(day=28) + timedelta(days=3)
        recent = dates[1] >= self._clock().date()
        return (first, last) if recent else _EVER


def _month(event: AuditEvent) -> date:
    return month_of(event.event_date)


def _simple(entries: Sequence[Entry]) -> bool:
    """Nothing to look up, and one month: a single COPY, which is a transaction of its own."""
    rows = [row for entry in entries for row in entry]
    return (
        all(row.server_generated_id and row.event.parent_event_id is None for row in rows)
        and len(months_of([row.event for row in rows])) == 1
    )


def _as_new(verdicts: list[list[Verdict]], entries: Sequence[Entry]) -> list[list[Verdict]]:
    """What a lost connection had written is new all the same: nobody else can have used an id of ours."""
    return [
        [
            "created" if row.server_generated_id and verdict == "duplicate" else verdict
            for row, verdict in zip(entry, line, strict=True)
        ]
        for entry, line in zip(entries, verdicts, strict=True)
    ]


def _bounds(ids: Sequence[UUID], first: date, last: date) -> dict[str, Any]:
    return {"ids": ids, "first": first, "last": last}


def _last_day(month: date) -> date:
    return next_month(month) - timedelta(days=1)


def _without(avoid: Collection[date], first: date, last: date) -> Iterator[tuple[date, date]]:
    """The stretches from `first` to `last` that leave out the months to avoid, so that PostgreSQL never opens them."""
    for month in sorted(avoid):
        if first < month <= last:
            yield first, month - timedelta(days=1)
        if first <= _last_day(month) and month <= last:
            first = next_month(month)
    if first <= last:
        yield first, last


def _trial(month: date) -> AuditEvent:
    """An event in the middle of the month that is never committed."""
    return AuditEvent(
        event_id=new_event_id(),
        event_version="1.0",
        event_timestamp=datetime(month.year, month.month, 15, tzinfo=UTC),
        event_type="datastorage.partition.tried",
        event_category="orchestration",
        event_action="tried",
        event_outcome="pending",
        actor_type="service",
        actor_id="datastorage",
        resource_type="partition",
        resource_id=f"{month:%Y_%m}",
        correlation_id="datastorage",
        event_data=msgspec.Raw(b"{}"),
    )


def _judge(entry: Entry, stored: Mapping[UUID, bool], parents: Mapping[UUID, date]) -> list[tuple[Verdict, AuditEvent]]:
    """A verdict for each row, and the event with its parent's date; a parent may stand earlier in the entry."""
    dates = dict(parents)
    judged: list[tuple[Verdict, AuditEvent]] = []
    for row in entry:
        event = row.event
        judged.append(_verdict(row, stored, dates))
        dates[event.event_id] = event.event_date
    return judged


def _verdict(row: Row, stored: Mapping[UUID, bool], dates: Mapping[UUID, date]) -> tuple[Verdict, AuditEvent]:
    event = row.event
    if event.event_id in stored:
        return ("duplicate" if stored[event.event_id] else "conflict"), event
    parent = event.parent_event_id
    if parent is None or row.linked:
        return "created", event
    if parent not in dates:
        return "no_parent", event
    return "created", msgspec.structs.replace(event, parent_event_date=dates[parent])


async def _same(connection: Connection, event: AuditEvent, stored_date: date) -> bool:
    values = {name: getattr(event, name) for name in AuditEvent.__struct_fields__} | {"stored_date": stored_date}
    cursor = await connection.execute(_SAME, values)
    row = await cursor.fetchone()
    return row is not None and row[0] is True


async def _copy(connection: Connection, events: Sequence[AuditEvent]) -> None:
    """Copy the events of one month. Raises PartitionUnavailableError if it is the month that fails."""
    with blamed_on(_month(events[0])), copied(connection):
        async with connection.cursor() as cursor, cursor.copy(_COPY) as copy:
            copy.set_types(_TYPES)
            for event in events:
                await copy.write_row(_values(event))
