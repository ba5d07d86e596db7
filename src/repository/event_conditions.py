"""From an event query to SQL: one predicate for each condition that is there."""

from __future__ import annotations

from datetime import UTC, date, datetime

from psycopg import sql

from repository.conditions import Conditions
from repository.event_filters import EXACT_FILTERS, EventFilter, EventQuery, Within
from repository.keyset import Position

__all__ = ["conditions_of", "within_of"]

#: As text: putting it together anew for each request costs more than the rest of what is done here.
_EQUALS = {
    name: sql.SQL(sql.SQL("{} = {}").format(sql.Identifier(name), sql.Placeholder(name)).as_string())
    for name in EXACT_FILTERS
}
_BEHIND = sql.SQL("(event_timestamp, event_id) > (%(after_time)s, %(after_id)s) AND event_date >= %(after_date)s")
_BEHIND_DESCENDING = sql.SQL(
    "(event_timestamp, event_id) < (%(after_time)s, %(after_id)s) AND event_date <= %(after_date)s"
)
_LAST_BEFORE_SURROGATES, _FIRST_AFTER_SURROGATES, _LAST = 0xD7FF, 0xE000, 0x10FFFF


def conditions_of(query: EventQuery) -> Conditions:
    """What an event must meet to be in the pages of `query`, its position included."""
    conditions = Conditions()
    _add_exact(conditions, query.where)
    _add_window(conditions, query.where)
    if query.after is not None:
        _add_position(conditions, query.after, descending=query.descending)
    return conditions


def within_of(within: Within) -> Conditions:
    """What an event must meet to be where the reader may read."""
    conditions = Conditions()
    _add_within(conditions, within)
    return conditions


def _add_within(conditions: Conditions, within: Within) -> None:
    if within.is_everywhere:
        return
    places = Conditions()
    for name, allowed in (("namespace", within.namespaces), ("cluster_name", within.clusters)):
        if allowed is not None:
            place = sql.SQL("{} = ANY({})").format(sql.Identifier(name), sql.Placeholder(f"allowed_{name}"))
            places.add(place, **{f"allowed_{name}": sorted(allowed)})
    if within.recorded_by is None:
        conditions.add(places.sql, **places.values)
    else:
        own = sql.SQL("(recorded_by = %(own)s OR ({places}))").format(places=places.sql)
        conditions.add(own, own=within.recorded_by, **places.values)


def _add_exact(conditions: Conditions, where: EventFilter) -> None:
    for name in EXACT_FILTERS:
        if (value := getattr(where, name)) is not None:
            conditions.add(_EQUALS[name], **{name: value})
    _add_within(conditions, where.within)
    if where.event_type_prefix is not None:
        _add_prefix(conditions, where.event_type_prefix)
    if where.data is not None:
        conditions.add(sql.SQL("event_data @> %(data)s::jsonb"), data=where.data)


def _add_prefix(conditions: Conditions, prefix: str) -> None:
    # A range instead of LIKE: a prepared plan can use an index for it, and nothing in the prefix is special.
    conditions.add(sql.SQL("event_type >= %(prefix)s"), prefix=prefix)
    if (end := _after_all_with(prefix)) is not None:
        conditions.add(sql.SQL("event_type < %(prefix_end)s"), prefix_end=end)


def _after_all_with(prefix: str) -> str | None:
    """The first text behind all that start with `prefix`, by code points; None if there is none."""
    stem = prefix.rstrip(chr(_LAST))
    if not stem:
        return None
    last = ord(stem[-1])
    return stem[:-1] + chr(_FIRST_AFTER_SURROGATES if last == _LAST_BEFORE_SURROGATES else last + 1)


def _add_window(conditions: Conditions, where: EventFilter) -> None:
    # event_date is the partition key: the planner does not know that it follows from event_timestamp.
    if where.since is not None:
        bounds = sql.SQL("event_timestamp >= %(since)s AND event_date >= %(since_date)s")
        conditions.add(bounds, since=where.since, since_date=_utc_date(where.since))
    if where.until is not None:
        bounds = sql.SQL("event_timestamp <= %(until)s AND event_date <= %(until_date)s")
        conditions.add(bounds, until=where.until, until_date=_utc_date(where.until))


def _add_position(conditions: Conditions, after: Position, *, descending: bool) -> None:
    conditions.add(
        _BEHIND_DESCENDING if descending else _BEHIND,
        after_time=after.event_timestamp,
        after_id=after.event_id,
        after_date=_utc_date(after.event_timestamp),
    )


def _utc_date(instant: datetime) -> date:
    return instant.astimezone(UTC).date()
