"""One page of events: how many of them are read at once, and what becomes of one that cannot be read."""

from __future__ import annotations

from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from datetime import date
from functools import lru_cache
from typing import Any, LiteralString, NamedTuple
from uuid import UUID

import msgspec
from psycopg import AsyncCursor, sql
from psycopg.rows import tuple_row

from repository._translate import translated
from repository.errors import UnreadableRowError
from repository.event_conditions import conditions_of, within_of
from repository.event_filters import EVERYWHERE, EXACT_FILTERS, EventFilter, EventQuery, Total, Within
from repository.keyset import Position
from repository.reads import Connection
from repository.sql import load
from repository.stored_events import COLUMNS, RawJsonLoader, StoredEvent
from telemetry.unreadable import unreadable_row

__all__ = [
    "PAGE_BYTES",
    "SLICE",
    "TOTAL_CEILING",
    "WITH_BITMAPS",
    "EventPage",
    "counted_page",
    "cursor_of",
    "ordering",
    "page_one_by_one",
    "row_at",
    "size_of",
    "uncounted_page",
]

#: Totals are exact up to here.
TOTAL_CEILING = 10_000
#: Bytes of events in one page, as JSON; what follows is on the next one.
PAGE_BYTES = 4 * 1024 * 1024
#: Events that are read at once into memory, whatever their size.
SLICE = 200
#: Bytes of an event beside event_data.
_OTHER_BYTES = 1000

_SNAPSHOT = "SET TRANSACTION ISOLATION LEVEL REPEATABLE READ READ ONLY"
#: jsonb's selectivity is a guess whatever the value: a plan for the value costs planning and is no better.
_ONE_PLAN = "SET LOCAL plan_cache_mode = force_generic_plan"
#: The index of payloads delivers bitmaps and nothing else; connections for reads have them off (decision 0163).
WITH_BITMAPS = "SET LOCAL enable_bitmapscan = on"
_CEILING = sql.Literal(TOTAL_CEILING + 1)
_KEYS = sql.SQL("event_id, event_timestamp, event_date")
_PAGE = load("audit_events_page")
_WALK = load("audit_events_walk")
_COUNT = load("audit_events_count")
_BY_ID = load("audit_event_by_id")
_LOW_SELECTIVITY = load("audit_events_low_selectivity")


class EventPage(NamedTuple):
    """A page of events. total is None where the query started from a position.

    low_selectivity is for the next page's query. left_out: ids of events that belong here and cannot be read. last:
    where the page ends, if not with the last of its events.
    """

    events: Sequence[StoredEvent]
    has_more: bool
    total: Total | None = None
    low_selectivity: bool = False
    left_out: Sequence[UUID] = ()
    last: Position | None = None

    @property
    def end(self) -> Position:
        """Behind which the next page starts."""
        return self.last or self.events[-1].position


async def counted_page(connection: Connection, query: EventQuery) -> EventPage:
    """A page of events with its total, unless the query starts from a position. Raises UnreadableRowError."""
    async with _planned(connection, query):
        return await _filled(connection, query, await _first_slice(connection, _sliced(query)))


async def uncounted_page(connection: Connection, query: EventQuery) -> EventPage:
    """A page without a total."""
    async with _planned(connection, query):
        return await _filled(connection, query, await _plain_page(connection, _sliced(query)))


@asynccontextmanager
async def _planned(connection: Connection, query: EventQuery) -> AsyncIterator[None]:
    """A transaction with the settings that a query by payload or prefix needs; nothing for any other."""
    settings = []
    if _counts_first(query):
        settings += [_SNAPSHOT, _ONE_PLAN] if _prepares(query) else [_SNAPSHOT]
    if query.where.data is not None:
        settings.append(WITH_BITMAPS)
    if not settings:
        yield
        return
    async with connection.transaction():
        await connection.execute("; ".join(settings))
        yield


def _counts_first(query: EventQuery) -> bool:
    """Whether the plan depends on how many match, which only counting tells."""
    return query.after is None and (query.where.data is not None or query.where.event_type_prefix is not None)


def _sliced(query: EventQuery, taken: int = 0) -> EventQuery:
    return msgspec.structs.replace(query, limit=min(query.limit - taken, SLICE))


async def _filled(connection: Connection, query: EventQuery, page: EventPage) -> EventPage:
    """`page`, the first slice, with those that follow, up to the limit or PAGE_BYTES.

    Slices, because what PostgreSQL sends is in memory before anybody can count it.
    """
    events: list[StoredEvent] = []
    size, fits = 0, True
    while True:
        for event in page.events:
            size += size_of(event)
            if fits := size <= PAGE_BYTES or not events:
                events.append(event)
            else:
                break
        if not (fits and page.has_more and len(events) < query.limit):
            return page._replace(events=events, has_more=page.has_more or not fits)
        behind = msgspec.structs.replace(
            query, after=events[-1].position, offset=0, low_selectivity=page.low_selectivity or query.low_selectivity
        )
        following = await _plain_page(connection, _sliced(behind, len(events)))
        page = page._replace(events=following.events, has_more=following.has_more)


def size_of(event: StoredEvent) -> int:
    """About how many bytes the event has as JSON."""
    return len(bytes(event.event_data)) + _OTHER_BYTES


async def page_one_by_one(connection: Connection, query: EventQuery) -> EventPage:
    """The page where reading it at once failed: its keys, then each event by itself, without those that fail."""
    conditions = conditions_of(query)
    statement = sql.SQL(_WALK).format(**(ordering(query) | {"columns": _KEYS}), conditions=conditions.sql)
    async with _planned(connection, query):
        keys = await (await connection.execute(statement, conditions.values)).fetchall()
        total = None if query.after is not None else _total(await _count(connection, query))
    events: list[StoredEvent] = []
    left_out: list[UUID] = []
    size, seen = 0, 0
    for seen, (event_id, _at, event_date) in enumerate(keys[: query.limit], start=1):  # noqa: B007 - used behind it
        try:
            with translated():
                row = await row_at(connection, event_id, event_date)
        except UnreadableRowError as error:
            left_out.append(event_id)
            unreadable_row("audit_events", event_id, error)
            continue
        events.append(StoredEvent(*row))
        size += size_of(events[-1])
        if size > PAGE_BYTES:
            break
    last = Position(keys[seen - 1][1], keys[seen - 1][0]) if keys else None
    return EventPage(events, has_more=len(keys) > seen, total=total, left_out=left_out, last=last)


async def row_at(connection: Connection, event_id: UUID, event_date: date, within: Within = EVERYWHERE) -> Any:
    """The columns of one event, None if there is none there. Planned for its date: no other month is opened."""
    statement, more = _by_id(within)
    values = {"event_id": event_id, "event_date": event_date, **more}
    return await (await cursor_of(connection).execute(statement, values, prepare=False)).fetchone()


@lru_cache(maxsize=64)
def _by_id(within: Within) -> tuple[bytes, dict[str, Any]]:
    readable = within_of(within)
    return sql.SQL(_BY_ID).format(columns=COLUMNS, within=readable.sql).as_bytes(), readable.values


async def _first_slice(connection: Connection, query: EventQuery) -> EventPage:
    if query.after is not None:
        return await _plain_page(connection, query)
    if not _counts_first(query):
        return await _first_with_total(connection, query)
    total = _total(await _count(connection, query))
    page = await _plain_page(connection, msgspec.structs.replace(query, low_selectivity=total.relation == "eq"))
    return page._replace(total=total)


async def _first_with_total(connection: Connection, query: EventQuery) -> EventPage:
    if _is_small(query):
        page = await _plain_page(connection, query)
        if not page.has_more and (page.events or not query.offset):
            return page._replace(total=Total(query.offset + len(page.events)))
    rows = await _fetch(connection, _PAGE, query)
    events = [StoredEvent(*row[1:]) for row in rows if row[1] is not None]
    counted = rows[0][0]
    total = Total(query.offset + len(events)) if counted is None else _total(counted)
    return EventPage(events[: query.limit], has_more=len(events) > query.limit, total=total)


async def _plain_page(connection: Connection, query: EventQuery) -> EventPage:
    rows = await _fetch(connection, _LOW_SELECTIVITY if query.low_selectivity else _WALK, query)
    events = [StoredEvent(*row) for row in rows]
    return EventPage(
        events[: query.limit], has_more=len(events) > query.limit, low_selectivity=bool(query.low_selectivity)
    )


async def _count(connection: Connection, query: EventQuery) -> int:
    rows = await _fetch(connection, _COUNT, query)
    return int(rows[0][0])


async def _fetch(connection: Connection, template: LiteralString, query: EventQuery) -> list[Any]:
    conditions = conditions_of(query)
    statement = _put_together(
        template, conditions.sql.as_string(), query.limit, query.offset, descending=query.descending
    )
    cursor = await cursor_of(connection).execute(statement, conditions.values, prepare=_prepares(query))
    return await cursor.fetchall()


@lru_cache(maxsize=256)
def _put_together(
    template: LiteralString, condition: LiteralString, limit: int, offset: int, *, descending: bool
) -> bytes:
    """A statement as text, once for each shape of query: psycopg would join its forty parts for each request."""
    bounds = ordering(EventQuery(where=EventFilter(), limit=limit, offset=offset, descending=descending))
    return (
        sql.SQL(template)
        .format(**bounds, conditions=sql.SQL(condition), tells_from=sql.Literal(1 if offset else 0), ceiling=_CEILING)
        .as_bytes()
    )


def ordering(query: EventQuery) -> dict[str, sql.Composable]:
    """The columns, the order and the bounds of a statement."""
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
    return not (query.offset or query.plan_anew) and (_is_small(query) or not skewed)


def _is_small(query: EventQuery) -> bool:
    """Whether hardly more than a page can pass: the events of one correlation or resource."""
    return query.where.correlation_id is not None or query.where.resource_id is not None


def _total(counted: int) -> Total:
    return Total(counted) if counted <= TOTAL_CEILING else Total(TOTAL_CEILING, "gte")


def cursor_of(connection: Connection) -> AsyncCursor[tuple[Any, ...]]:
    """A cursor that hands over jsonb as text."""
    cursor = connection.cursor(binary=True, row_factory=tuple_row)
    cursor.adapters.register_loader("jsonb", RawJsonLoader)
    return cursor
