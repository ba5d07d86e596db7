"""Reads of audit events: pages, single events, exports, and what a timeline needs.

Conditions are composed so that the planner sees live predicates only, and none of them is text from a client: values
travel as parameters. A bound on event_timestamp always comes with the same bound on event_date, the partition key, so
that only the months concerned are opened.
"""

from __future__ import annotations

from collections.abc import AsyncGenerator, Awaitable, Callable, Iterable, Mapping, Sequence
from contextlib import aclosing
from datetime import date, datetime
from typing import NamedTuple
from uuid import UUID

import msgspec
from psycopg import AsyncServerCursor, sql
from psycopg.rows import args_row, tuple_row

from repository.conditions import Conditions
from repository.errors import ContentionError, UnreadableRowError
from repository.event_conditions import conditions_of, within_of
from repository.event_filters import EVERYWHERE, EventQuery, Within
from repository.event_pages import (
    PAGE_BYTES,
    SLICE,
    TOTAL_CEILING,
    WITH_BITMAPS,
    EventPage,
    counted_page,
    ordering,
    page_one_by_one,
    row_at,
    size_of,
    uncounted_page,
)
from repository.reads import Connection, Reads
from repository.sql import load
from repository.stored_events import RawJsonLoader, StoredEvent

__all__ = [
    "MAX_DEPTH",
    "MAX_SERVICES",
    "PAGE_BYTES",
    "TOTAL_CEILING",
    "AuditQueries",
    "EventPage",
    "Portions",
    "SummaryRow",
]

#: Depths are counted up to here.
MAX_DEPTH = 1000
#: Actors that a summary names.
MAX_SERVICES = 1000
#: Ancestors outside a page that are looked up for its depths.
_MAX_ANCESTORS = 20_000
#: Events that a server-side cursor hands over at a time: first so few that they fit into memory whatever their size.
_FIRST_EXPORT_ROWS, _EXPORT_ROWS = 16, 500
#: Seconds that an export may stand still because its reader does not read.
_EXPORT_STANDSTILL = 60
#: Seconds in which the server must hand over the next portion of an export.
_EXPORT_DEADLINE = 15.0

#: Bytes that a portion of an export should have.
_PORTION_BYTES = 4 * 1024 * 1024

_EXPORT = load("audit_events_export")
_DATE_OF_ID = load("event_date_of_id")
_ANCESTORS = load("audit_timeline_ancestors")
_SUMMARY = load("audit_timeline_summary")


#: Events as they come from a server-side cursor.
Portions = AsyncGenerator[Sequence[StoredEvent], None]


class SummaryRow(NamedTuple):
    """How many events of a correlation share category and outcome, and when the first and the last happened.

    actors: of the whole correlation or of these events, at most MAX_SERVICES + 1.
    """

    event_category: str
    event_outcome: str
    events: int
    first: datetime
    last: datetime
    actors: Sequence[str]


_ReadPage = Callable[[Connection, EventQuery], Awaitable[EventPage]]


class AuditQueries:
    """All reads of audit_events.

    Each raises DatabaseUnavailableError, QueryTimeoutError, or InvalidDataError where PostgreSQL cannot read `data`.
    """

    def __init__(self, reads: Reads) -> None:
        self._reads = reads

    async def page(self, query: EventQuery) -> EventPage:
        """One page of events, with their total unless the query starts from a position.

        It ends before query.limit where it has PAGE_BYTES. An event that cannot be read hides no other.
        """
        try:
            return await self._reads.run(lambda connection: counted_page(connection, query))
        except ContentionError:
            anew = msgspec.structs.replace(query, plan_anew=True)
            return await self._reads.run(lambda connection: counted_page(connection, anew))
        except UnreadableRowError:
            return await self._reads.run(lambda connection: page_one_by_one(connection, query))

    async def get(self, event_id: UUID, within: Within = EVERYWHERE) -> StoredEvent | None:
        """The event with this id, if it is there. What a standby does not have yet is asked of the primary."""
        event = await self._reads.run(lambda connection: _by_id(connection, event_id, within))
        if event is None and self._reads.standby:
            event = await self._reads.run(lambda connection: _by_id(connection, event_id, within), fresh=True)
        return event

    async def export(
        self, query: EventQuery, *, limit: int | None = None
    ) -> AsyncGenerator[Sequence[StoredEvent], None]:
        """All events behind query.after in query's order, or the first `limit`, in portions, as one snapshot.

        Where an event cannot be read it is left out, and what follows comes from a new snapshot. Holds a connection and
        one portion of some megabytes, whatever the size; closing the iterator cancels the query. A reader that
        stands still for a minute loses it. query.limit and query.low_selectivity do not matter.
        """
        left = limit
        while left is None or left > 0:
            try:
                async with aclosing(self._stream(query, left)) as portions:
                    async for portion in portions:
                        yield portion
                        left = None if left is None else left - len(portion)
                        query = msgspec.structs.replace(query, after=portion[-1].position, offset=0)
            except UnreadableRowError:
                page = await self._one_by_one(query, left)
            else:
                return
            if page.events:
                yield page.events
            if not page.has_more:
                return
            left = None if left is None else left - len(page.events)
            query = msgspec.structs.replace(query, after=page.end, offset=0)

    async def _one_by_one(self, query: EventQuery, most: int | None) -> EventPage:
        careful = msgspec.structs.replace(query, limit=SLICE if most is None else min(most, SLICE))
        return await self._reads.run(lambda connection: page_one_by_one(connection, careful))

    async def _stream(self, query: EventQuery, limit: int | None) -> AsyncGenerator[Sequence[StoredEvent], None]:
        statement, conditions = _export(query, limit)
        async with (
            self._reads.lease(_EXPORT_DEADLINE) as (connection, extend),
            connection.transaction(),
            connection.cursor("export", row_factory=args_row(StoredEvent)) as cursor,
        ):
            await connection.execute(f"SET LOCAL idle_in_transaction_session_timeout = '{_EXPORT_STANDSTILL}s'")
            if query.where.data is not None:
                await connection.execute(WITH_BITMAPS)
            cursor.adapters.register_loader("jsonb", RawJsonLoader)
            await cursor.execute(statement, conditions.values, binary=True)
            rows = _FIRST_EXPORT_ROWS
            while portion := await _next_portion(cursor, extend, rows):
                yield portion
                rows = max(1, min(_EXPORT_ROWS, _PORTION_BYTES * len(portion) // sum(map(size_of, portion))))

    async def timeline(self, query: EventQuery) -> tuple[EventPage, Sequence[SummaryRow]]:
        """One page of a correlation, without a total, and on the first page the counts of the whole correlation.

        Where the page is the whole, the counts are its own, so that they can never contradict each other.
        """

        async def work(connection: Connection, read: _ReadPage) -> tuple[EventPage, Sequence[SummaryRow]]:
            page = await read(connection, query)
            if query.after is not None:
                return page, ()
            if page.has_more or page.left_out:
                return page, await _summary(connection, query)
            return page, [_counted_alone(event) for event in page.events]

        try:
            return await self._reads.run(lambda connection: work(connection, uncounted_page))
        except UnreadableRowError:
            return await self._reads.run(lambda connection: work(connection, page_one_by_one))

    async def parents(
        self, events: Iterable[tuple[UUID, date]], within: Within = EVERYWHERE
    ) -> Mapping[UUID, UUID | None]:
        """Event -> parent for the given (event_id, event_date) and their ancestors that are there, nearest first.

        It ends after 20,000 of them, so that the links of a page cannot keep a connection busy.
        """
        ids, dates = zip(*events, strict=True)
        readable = within_of(within)
        statement = sql.SQL(_ANCESTORS).format(max_ancestors=sql.Literal(_MAX_ANCESTORS), within=readable.sql)
        values = {"ids": list(ids), "dates": list(dates), **readable.values}

        async def work(connection: Connection) -> Mapping[UUID, UUID | None]:
            cursor = connection.cursor(binary=True, row_factory=tuple_row)
            await cursor.execute(statement, values, prepare=True)
            return dict(await cursor.fetchall())

        return await self._reads.run(work)


async def _summary(connection: Connection, query: EventQuery) -> Sequence[SummaryRow]:
    cursor = connection.cursor(binary=True, row_factory=args_row(SummaryRow))
    readable = within_of(query.where.within)
    values = {"correlation_id": query.where.correlation_id, **readable.values}
    statement = sql.SQL(_SUMMARY).format(within=readable.sql, services=sql.Literal(MAX_SERVICES))
    await cursor.execute(statement, values, prepare=True)
    return await cursor.fetchall()


def _counted_alone(event: StoredEvent) -> SummaryRow:
    at = event.event_timestamp
    return SummaryRow(event.event_category, event.event_outcome, 1, at, at, (event.actor_id,))


async def _by_id(connection: Connection, event_id: UUID, within: Within) -> StoredEvent | None:
    found = await (await connection.execute(_DATE_OF_ID, {"event_id": event_id}, prepare=True)).fetchone()
    if found is None:
        return None
    # Planned for its own date: no other month is opened, one of which may be locked.
    row = await row_at(connection, event_id, found[0], within)
    return StoredEvent(*row) if row else None


async def _next_portion(
    cursor: AsyncServerCursor[StoredEvent], extend: Callable[[], None], rows: int
) -> Sequence[StoredEvent]:
    """The time that the reader took for the last portion does not count."""
    extend()
    return await cursor.fetchmany(rows)


def _export(query: EventQuery, limit: int | None) -> tuple[sql.Composed, Conditions]:
    conditions = conditions_of(query)
    bounds = sql.SQL("LIMIT {} OFFSET {}").format(sql.Literal(limit), sql.Literal(query.offset))
    order = {name: part for name, part in ordering(query).items() if name in {"columns", "direction"}}
    return sql.SQL(_EXPORT).format(**order, conditions=conditions.sql, bounds=bounds), conditions
