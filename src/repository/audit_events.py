"""Writing audit events: a group of units in one transaction, each unit all or nothing, no event twice."""

from __future__ import annotations

import asyncio
from collections.abc import Collection, Mapping, Sequence
from datetime import UTC, date, datetime, timedelta
from itertools import groupby
from operator import attrgetter
from typing import NamedTuple
from uuid import UUID

import msgspec
import psycopg

from repository._translate import blamed_on, concerns_partition, row_of, translated
from repository.attempts import until_known
from repository.copy_in import Copy, CopyFailedError, copy_all, encode_row
from repository.deadline import Connection, Server
from repository.errors import PartitionUnavailableError, RepositoryError, TransientError
from repository.own_thread import in_own_thread
from repository.partitions import make_month, next_month
from repository.records import AuditEvent, Row, Unit, Written, month_of
from repository.sql import load
from telemetry.clock import new_event_id
from telemetry.spans import span

__all__ = ["AuditEvents"]

_IDS_COPY, _COPY = load("event_ids_copy"), load("events_copy")
_EXISTING, _CONTENT_EQUAL, _PROBE = load("event_ids_existing"), load("events_content_equal"), load("partition_probe")
_COLUMNS = (
    "event_id", "event_version", "event_timestamp", "event_date", "event_type", "event_category", "event_action",
    "event_outcome", "actor_type", "actor_id", "resource_type", "resource_id", "correlation_id", "event_data",
    "severity", "namespace", "cluster_name", "duration_ms", "error_code", "error_message", "parent_event_id",
    "parent_event_date", "trace_id", "span_id", "recorded_by",
)  # fmt: skip
_values = attrgetter(*_COLUMNS)
_DATA = _COLUMNS.index("event_data")
_encode_json = msgspec.json.Encoder().encode
#: What a write into a month without a partition says: no partition found, no such table.
_MISSING = ("23514", "42P01")
_UNIQUE_VIOLATION = "23505"
#: Seconds that a write waits for its month to be made.
_MAKING = 2.0
#: More rows get more time: this many double the deadline.
_ROWS_OF_A_DEADLINE = 1000

_STORED, _DUPLICATE = Written("stored"), Written("duplicate")
_CONFLICT, _NO_PARENT = Written("conflict"), Written("no_parent")


class AuditEvents:
    """The audit_events table and its ids, as the committer writes them.

    address: of the primary, for months that are made on a connection of their own. deadline: seconds that a small group
    may take; each thousand rows get as many more.
    """

    def __init__(self, server: Server, address: str, *, deadline: float) -> None:
        self._server = server
        self._address = address
        self._deadline = deadline

    async def write(self, units: Sequence[Unit[AuditEvent]], *, avoid: Collection[date] = ()) -> list[list[Written]]:
        """Write the units in one transaction; what became of each row of each unit.

        A unit with a row in conflict or without its parent is not written; the others are. A month that does not
        exist is made. A connection that is lost meanwhile is replaced once, and what it had written is found by its
        ids, never written twice. No id may be in two units.
        avoid: months that are known to be broken; no unit is in one, and none of them is opened.
        Raises PartitionUnavailableError (nothing was written; other months may work), DatabaseUnavailableError,
        CommitUnknownError, InvalidDataError; their `row` counts over all units.
        """
        optimistic = all(row.linked or row.record.parent_event_id is None for unit in units for row in unit)
        made: set[date] = set()

        async def attempt(lost: bool) -> list[list[Written]]:
            nonlocal optimistic
            try:
                written = await self._write(units, avoid, optimistic=optimistic and not lost)
            except PartitionUnavailableError as error:
                if error.sqlstate not in _MISSING or error.month in made or not await self._made(error.month):
                    raise
                made.add(error.month)
                return await attempt(lost)
            except _IdExistsError:
                optimistic = False
                raise
            return _as_stored(written, units) if lost else written

        return await until_known(attempt, alone=len(units) == 1)

    async def try_month(self, month: date) -> None:
        """Do to one month what a write does, and undo it; a month that does not exist is made.

        Raises PartitionUnavailableError if the month does not work, DatabaseUnavailableError.
        """
        try:
            await self._server.run(lambda connection: _try(connection, month), deadline=self._deadline)
        except PartitionUnavailableError as error:
            if error.sqlstate not in _MISSING or not await self._made(month):
                raise
            await self._server.run(lambda connection: _try(connection, month), deadline=self._deadline)

    async def _made(self, month: date) -> bool:
        """Make a month, if that is soon done: who waits for it holds up a group, and a silent server holds up both."""
        try:
            async with asyncio.timeout(_MAKING):
                return await in_own_thread(lambda: make_month(self._address, month))
        except TimeoutError:
            return False

    async def _write(
        self, units: Sequence[Unit[AuditEvent]], avoid: Collection[date], *, optimistic: bool
    ) -> list[list[Written]]:
        """One try. optimistic: no id is there already and no parent is to be looked up."""
        numbered = _numbered(units)
        deadline = self._deadline * (1 + len(numbered) / _ROWS_OF_A_DEADLINE)
        if not optimistic:
            with span("COPY audit_events", "client", rows=len(numbered), ids="looked up"):
                return await self._server.run(
                    lambda connection: _write_known(connection, units, avoid), deadline=deadline
                )
        copies = _copies(numbered)  # before a connection is taken: the next group is encoded while one commits
        with span("COPY audit_events", "client", rows=len(numbered), ids="new"):
            await self._server.run(lambda connection: _copy(connection, copies), deadline=deadline)
        return [[_STORED] * len(unit) for unit in units]


class _IdExistsError(TransientError):
    """An id is stored already; looking for it first finds it."""


class _Numbered(NamedTuple):
    """An event, and its place among all rows of a group."""

    place: int
    event: AuditEvent


class _MonthCopy(NamedTuple):
    """A COPY, the month that it writes to (None: the ids), and the places of its rows."""

    copy: Copy
    month: date | None
    places: Sequence[int]


def _numbered(units: Sequence[Unit[AuditEvent]]) -> list[_Numbered]:
    return [_Numbered(place, row.record) for place, row in enumerate(row for unit in units for row in unit)]


def _copies(rows: Sequence[_Numbered]) -> list[_MonthCopy]:
    """The ids in ascending order, then the events month by month."""
    by_id = sorted(rows, key=lambda row: row.event.event_id.int)
    ids = [encode_row((row.event.event_id, row.event.event_date, row.event.correlation_id)) for row in by_id]
    copies = [_MonthCopy(Copy(_IDS_COPY, ids), None, [row.place for row in by_id])]
    for month, found in groupby(sorted(rows, key=_month), key=_month):
        group = list(found)
        copies.append(
            _MonthCopy(Copy(_COPY, [_encode(one.event) for one in group]), month, [one.place for one in group])
        )
    return copies


def _encode(event: AuditEvent) -> bytes:
    values = list(_values(event))
    values[_DATA] = bytes(event.event_data)
    return encode_row(values)


async def _copy(connection: Connection, copies: Sequence[_MonthCopy]) -> None:
    """Run the COPYs. Raises PartitionUnavailableError if it is the month that fails, _IdExistsError."""
    try:
        await copy_all(connection, [one.copy for one in copies])
    except CopyFailedError as failed:
        error = failed.__cause__
        if not isinstance(error, psycopg.Error):
            raise
        raise _blamed(error, copies[failed.place]) from error


def _blamed(error: psycopg.Error, copy: _MonthCopy) -> RepositoryError:
    line = row_of(error)
    row = copy.places[line] if line is not None and line < len(copy.places) else None
    if error.sqlstate == _UNIQUE_VIOLATION:
        return _IdExistsError(sqlstate=error.sqlstate, row=row)
    if copy.month is not None and concerns_partition(error):
        return PartitionUnavailableError(copy.month, sqlstate=error.sqlstate)
    try:
        with translated():
            raise error
    except RepositoryError as ours:
        ours.row = row
        return ours


async def _write_known(
    connection: Connection, units: Sequence[Unit[AuditEvent]], avoid: Collection[date]
) -> list[list[Written]]:
    """Look for ids and parents first, then write what is new."""
    rows = [row for unit in units for row in unit]
    async with connection.transaction():
        wanted = {row.record.event_id for row in rows}
        wanted |= {parent for row in rows if not row.linked and (parent := row.record.parent_event_id)}
        cursor = await connection.execute(_EXISTING, {"ids": list(wanted)})
        dates: dict[UUID, date] = dict(await cursor.fetchall())
        equal = await _content_equal(connection, rows, dates, avoid)
        written: list[list[Written]] = []
        accepted: list[_Numbered] = []
        place = 0
        for unit in units:
            judged = _judge(unit, dates, equal)
            written.append([one for one, _ in judged])
            if all(one in {_STORED, _DUPLICATE} for one, _ in judged):
                accepted += [
                    _Numbered(place + number, event) for number, (one, event) in enumerate(judged) if one is _STORED
                ]
            place += len(unit)
        if accepted:
            await _copy(connection, _copies(accepted))
    return written


async def _content_equal(
    connection: Connection, rows: Sequence[Row[AuditEvent]], dates: Mapping[UUID, date], avoid: Collection[date]
) -> dict[UUID, bool]:
    """For each event whose id is stored, whether it says the same; one statement for each month concerned."""
    stored = [
        (month_of(dates[row.record.event_id]), place, row.record)
        for place, row in enumerate(rows)
        if row.record.event_id in dates
    ]
    equal: dict[UUID, bool] = {}
    for month, found in groupby(sorted(stored, key=lambda one: one[:2]), key=lambda one: one[0]):
        group = [(place, event) for _, place, event in found]
        if month in avoid:
            raise PartitionUnavailableError(month, row=group[0][0])
        sent = [msgspec.structs.asdict(event) | {"stored_date": dates[event.event_id]} for _, event in group]
        values = {"sent": _encode_json(sent).decode(), "first": month, "last": _last_day(month)}
        with blamed_on(month):
            # Planned for its own dates: only this month is opened.
            cursor = await connection.execute(_CONTENT_EQUAL, values, prepare=False)
            equal.update(await cursor.fetchall())
    return equal


def _judge(
    unit: Unit[AuditEvent], dates: Mapping[UUID, date], equal: Mapping[UUID, bool]
) -> list[tuple[Written, AuditEvent]]:
    """What becomes of each row, and the event with its parent's date; a parent may stand earlier in the unit."""
    known = dict(dates)
    judged: list[tuple[Written, AuditEvent]] = []
    for row in unit:
        event, parent = row.record, row.record.parent_event_id
        if event.event_id in dates:
            judged.append((_DUPLICATE if equal.get(event.event_id) else _CONFLICT, event))
        elif parent is None or row.linked:
            judged.append((_STORED, event))
        elif parent not in known:
            judged.append((_NO_PARENT, event))
        else:
            judged.append((_STORED, msgspec.structs.replace(event, parent_event_date=known[parent])))
        known.setdefault(event.event_id, event.event_date)
    return judged


def _as_stored(written: list[list[Written]], units: Sequence[Unit[AuditEvent]]) -> list[list[Written]]:
    """What a lost connection had written is new all the same: nobody else can have used an id of ours."""
    return [
        [_STORED if row.server_generated_id and one is _DUPLICATE else one for row, one in zip(unit, line, strict=True)]
        for unit, line in zip(units, written, strict=True)
    ]


async def _try(connection: Connection, month: date) -> None:
    event = _trial(month)
    values = {"event_id": event.event_id, "first": month, "last": _last_day(month)}
    async with connection.transaction(force_rollback=True):
        with blamed_on(month):
            await connection.execute(_PROBE, values, prepare=False)
        await _copy(connection, [_MonthCopy(Copy(_COPY, [_encode(event)]), month, [0])])


def _month(row: _Numbered) -> date:
    return month_of(row.event.event_timestamp.date())


def _last_day(month: date) -> date:
    return next_month(month) - timedelta(days=1)


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
