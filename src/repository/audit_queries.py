"""Reads of audit events: pages, single events, exports, and what a timeline needs.

Conditions are composed so that the planner sees live predicates only, and none of them is text from a client: values
travel as parameters. A bound on event_timestamp always comes with the same bound on event_date, the partition key, so
that only the months concerned are opened.
"""

from __future__ import annotations

from collections.abc import AsyncGenerator, Callable, Iterable, Mapping, Sequence
from datetime import date, datetime
from typing import Any, NamedTuple
from uuid import UUID

import msgspec
from psycopg import AsyncCursor, AsyncServerCursor, sql
from psycopg.rows import args_row, tuple_row

from repository.conditions import Conditions
from repository.errors import ContentionError
from repository.event_conditions import conditions_of
from repository.event_filters import EXACT_FILTERS, EventQuery, Total
from repository.reads import Connection, Reads
from repository.sql import load
from repository.stored_events import COLUMNS, RawJsonLoader, StoredEvent

__all__ = ["MAX_DEPTH", "TOTAL_CEILING", "AuditQueries", "EventPage", "Portions", "SummaryRow"]

#: Totals are exact up to here.
TOTAL_CEILING = 10_000
#: Depths are counted up to here.
MAX_DEPTH = 1000
#: Ancestors outside a page that are looked up for its depths.
_MAX_ANCESTORS = 20_000
#: Events that a server-side cursor hands over at a time.
_EXPORT_ROWS = 500
#: Seconds that an export may stand still because its reader does not read.
_EXPORT_STANDSTILL = 60
#: Seconds in which the server must hand over the next portion of an export.
_EXPORT_DEADLINE = 15.0

_SNAPSHOT = "SET TRANSACTION ISOLATION LEVEL REPEATABLE READ READ ONLY"
#: jsonb's selectivity is a guess whatever the value: a plan for the value costs planning and is no better.
_SNAPSHOT_ONE_PLAN = f"{_SNAPSHOT}; SET LOCAL plan_cache_mode = force_generic_plan"
_CEILING = sql.Literal(TOTAL_CEILING + 1)
_PAGE = load("audit_events_page")
_WALK = load("audit_events_walk")
_LOW_SELECTIVITY = load("audit_events_low_selectivity")
_COUNT = load("audit_events_count")
_EXPORT = load("audit_events_export")
_BY_ID = sql.SQL(load("audit_event_by_id")).format(columns=COLUMNS)
_DATE_OF_ID = load("event_date_of_id")
_ANCESTORS = load("audit_timeline_ancestors")
_SUMMARY = load("audit_timeline_summary")


#: Events as they come from a server-side cursor.
Portions = AsyncGenerator[Sequence[StoredEvent], None]


class SummaryRow(NamedTuple):
    """How many events of a correlation share category, outcome and actor, and when the first and the last happened."""

    event_category: str
    event_outcome: str
    actor_id: str
    events: int
    first: datetime
    last: datetime


class EventPage(NamedTuple):
    """A page of events. total is None where the query started from a position.

    low_selectivity is for the next page's query.
    """

    events: Sequence[StoredEvent]
    has_more: bool
    total: Total | None = None
    low_selectivity: bool = False


class AuditQueries:
    """All reads of audit_events.

    Each raises DatabaseUnavailableError, QueryTimeoutError, or InvalidDataError where PostgreSQL cannot read `data`.
    """

    def __init__(self, reads: Reads) -> None:
        self._reads = reads

    async def page(self, query: EventQuery) -> EventPage:
        """One page of events, with their total unless the query starts from a position."""
        try:
            return await self._reads.run(lambda connection: _page(connection, query))
        except ContentionError:
            anew = msgspec.structs.replace(query, plan_anew=True)
            return await self._reads.run(lambda connection: _page(connection, anew))

    async def get(self, event_id: UUID) -> StoredEvent | None:
        """The event with this id. What a standby does not have yet is asked of the primary."""
        event = await self._reads.run(lambda connection: _by_id(connection, event_id))
        if event is None and self._reads.standby:
            event = await self._reads.run(lambda connection: _by_id(connection, event_id), fresh=True)
        return event

    async def export(
        self, query: EventQuery, *, limit: int | None = None
    ) -> AsyncGenerator[Sequence[StoredEvent], None]:
        """All events behind query.after in query's order, or the first `limit`, in portions, as one snapshot.

        Holds a connection and one portion, whatever the size; closing the iterator cancels the query. A reader that
        stands still for a minute loses it. query.limit and query.low_selectivity do not matter.
        """
        statement, conditions = _export(query, limit)
        async with (
            self._reads.lease(_EXPORT_DEADLINE) as (connection, extend),
            connection.transaction(),
            connection.cursor("export", row_factory=args_row(StoredEvent)) as cursor,
        ):
            await connection.execute(f"SET LOCAL idle_in_transaction_session_timeout = '{_EXPORT_STANDSTILL}s'")
            cursor.adapters.register_loader("jsonb", RawJsonLoader)
            await cursor.execute(statement, conditions.values, binary=True)
            while portion := await _next_portion(cursor, extend):
                yield portion

    async def timeline(self, query: EventQuery) -> tuple[EventPage, Sequence[SummaryRow]]:
        """One page of a correlation, without a total, and on the first page the counts of the whole correlation.

        Where the page is the whole, the counts are its own, so that they can never contradict each other.
        """

        async def work(connection: Connection) -> tuple[EventPage, Sequence[SummaryRow]]:
            page = await _plain_page(connection, query)
            if query.after is not None:
                return page, ()
            if page.has_more:
                return page, await _summary(connection, query)
            return page, [_counted_alone(event) for event in page.events]

        return await self._reads.run(work)

    async def parents(self, events: Iterable[tuple[UUID, date]]) -> Mapping[UUID, UUID | None]:
        """Event -> parent for the given (event_id, event_date) and their ancestors that are stored, nearest first.

        It ends after 20,000 of them, so that the links of a page cannot keep a connection busy.
        """
        ids, dates = zip(*events, strict=True)
        statement = sql.SQL(_ANCESTORS).format(max_ancestors=sql.Literal(_MAX_ANCESTORS))

        async def work(connection: Connection) -> Mapping[UUID, UUID | None]:
            cursor = connection.cursor(binary=True, row_factory=tuple_row)
            await cursor.execute(statement, {"ids": list(ids), "dates": list(dates)}, prepare=True)
            return dict(await cursor.fetchall())

        return await self._reads.run(work)


async def _page(connection: Connection, query: EventQuery) -> EventPage:
    if query.where.data is None and query.where.event_type_prefix is None:
        return await (_counted_page(connection, query) if query.after is None else _plain_page(connection, query))
    if query.after is not None:
        return await _plain_page(connection, query)
    # Which plan is right depends on how many match, and only counting tells; both in one snapshot.
    async with connection.transaction():
        await connection.execute(_SNAPSHOT_ONE_PLAN if _prepares(query) else _SNAPSHOT)
        total = _total(await _count(connection, query))
        page = await _plain_page(connection, msgspec.structs.replace(query, low_selectivity=total.relation == "eq"))
    return page._replace(total=total)


async def _counted_page(connection: Connection, query: EventQuery) -> EventPage:
    conditions = conditions_of(query)
    statement = sql.SQL(_PAGE).format(
        **_order(query), conditions=conditions.sql, tells_from=sql.Literal(1 if query.offset else 0), ceiling=_CEILING
    )
    cursor = await _cursor(connection).execute(statement, conditions.values, prepare=_prepares(query))
    rows = await cursor.fetchall()
    events = [StoredEvent(*row[1:]) for row in rows if row[1] is not None]
    counted = rows[0][0]
    total = Total(query.offset + len(events)) if counted is None else _total(counted)
    return EventPage(events[: query.limit], has_more=len(events) > query.limit, total=total)


async def _plain_page(connection: Connection, query: EventQuery) -> EventPage:
    conditions = conditions_of(query)
    statement = sql.SQL(_LOW_SELECTIVITY if query.low_selectivity else _WALK).format(
        **_order(query), conditions=conditions.sql
    )
    cursor = await _cursor(connection).execute(statement, conditions.values, prepare=_prepares(query))
    events = [StoredEvent(*row) for row in await cursor.fetchall()]
    return EventPage(
        events[: query.limit], has_more=len(events) > query.limit, low_selectivity=bool(query.low_selectivity)
    )


async def _count(connection: Connection, query: EventQuery) -> int:
    conditions = conditions_of(query)
    statement = sql.SQL(_COUNT).format(conditions=conditions.sql, ceiling=_CEILING)
    cursor = await _cursor(connection).execute(statement, conditions.values, prepare=_prepares(query))
    row = await cursor.fetchone()
    return int(row[0]) if row else 0


async def _summary(connection: Connection, query: EventQuery) -> Sequence[SummaryRow]:
    cursor = connection.cursor(binary=True, row_factory=args_row(SummaryRow))
    await cursor.execute(_SUMMARY, {"correlation_id": query.where.correlation_id}, prepare=True)
    return await cursor.fetchall()


def _counted_alone(event: StoredEvent) -> SummaryRow:
    at = event.event_timestamp
    return SummaryRow(event.event_category, event.event_outcome, event.actor_id, 1, at, at)


async def _by_id(connection: Connection, event_id: UUID) -> StoredEvent | None:
    found = await (await connection.execute(_DATE_OF_ID, {"event_id": event_id}, prepare=True)).fetchone()
    if found is None:
        return None
    # Planned for its own date: no other month is opened, one of which may be locked.
    values = {"event_id": event_id, "event_date": found[0]}
    row = await (await _cursor(connection).execute(_BY_ID, values, prepare=False)).fetchone()
    return StoredEvent(*row) if row else None


async def _next_portion(cursor: AsyncServerCursor[StoredEvent], extend: Callable[[], None]) -> Sequence[StoredEvent]:
    """The time that the reader took for the last portion does not count."""
    extend()
    return await cursor.fetchmany(_EXPORT_ROWS)


def _export(query: EventQuery, limit: int | None) -> tuple[sql.Composed, Conditions]:
    conditions = conditions_of(query)
    bounds = sql.SQL("LIMIT {} OFFSET {}").format(sql.Literal(limit), sql.Literal(query.offset))
    order = {name: part for name, part in _order(query).items() if name in {"columns", "direction"}}
    return sql.SQL(_EXPORT).format(**order, conditions=conditions.sql, bounds=bounds), conditions


def _order(query: EventQuery) -> dict[str, sql.Composable]:
    # Literals: with a parameter for LIMIT the planner expects a tenth of all rows, and sorts them.
    return {
        "columns": COLUMNS,
        "direction": sql.SQL("DESC" if query.descending else "ASC"),
        "fetch": sql.Literal(query.limit + 1),
        "offset": sql.Literal(query.offset),
    }


def _prepares(query: EventQuery) -> bool:
    """Whether one plan is right for all values, so that planning 85 months again for each request can be saved.

    Values of the other filters are skewed: most categories are common and want the index of time, a rare actor wants
    its own, and only a plan made for the value knows.
    """
    skewed = any(getattr(query.where, name) is not None for name in EXACT_FILTERS)
    return not (query.offset or query.plan_anew) and (
        query.where.correlation_id is not None or query.where.resource_id is not None or not skewed
    )


def _total(counted: int) -> Total:
    return Total(counted) if counted <= TOTAL_CEILING else Total(TOTAL_CEILING, "gte")


def _cursor(connection: Connection) -> AsyncCursor[tuple[Any, ...]]:
    cursor = connection.cursor(binary=True, row_factory=tuple_row)
    cursor.adapters.register_loader("jsonb", RawJsonLoader)
    return cursor
