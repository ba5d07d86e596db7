"""Monthly partitions of audit_events: which there should be, and making them without stopping a single write."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date
from typing import Any, NamedTuple

import psycopg
from psycopg.rows import class_row

from repository._translate import blamed_on, translated
from repository.deadline import TCP_SETTINGS
from repository.records import month_of
from repository.sql import load

__all__ = [
    "create_month",
    "ensure_months",
    "keep_months",
    "label",
    "make_month",
    "next_month",
    "previous_month",
    "window",
]

_ONE_MONTH = 32  # days: enough to get from any first of a month into the next month
_OWN: Any = {
    "autocommit": True,
    "connect_timeout": 2,
    "options": "-c timezone=UTC -c lock_timeout=2s -c statement_timeout=10s",
    **TCP_SETTINGS,
}
_STATE = load("partition_state")
_MAKE = load("partition_make")


def next_month(month: date) -> date:
    """The first of the month after the one that `month` is in."""
    return month_of(date.fromordinal(month_of(month).toordinal() + _ONE_MONTH))


def previous_month(month: date) -> date:
    """The first of the month before the one that `month` is in."""
    return month_of(date.fromordinal(month_of(month).toordinal() - 1))


def window(today: date, ahead: int = 3) -> list[date]:
    """The months that are kept ready: last month to `ahead` months after this one."""
    months = [previous_month(today), month_of(today)]
    for _ in range(ahead):
        months.append(next_month(months[-1]))
    return months


def label(month: date) -> str:
    """The month as metrics and table names have it: `2025_12`."""
    return f"{month:%Y_%m}"


def ensure_months(connection: psycopg.Connection[Any], months: Iterable[date]) -> list[date]:
    """Make the missing ones of `months`; returns those that were made. The connection must be in autocommit mode.

    A table of a month's name that is not attached is left alone: somebody is repairing it. So is a month whose
    partition was given another name.
    A month that exists costs one catalogue query and no lock.
    """
    return [month for month in months if create_month(connection, month)]


def create_month(connection: psycopg.Connection[Any], month: date) -> bool:
    """Make one month unless its table exists; returns whether it was made.

    A function of the tables' owner makes it, so that the role of the service needs no right to make tables.
    """
    if _state(connection, month).taken:
        return False
    made = connection.execute(_MAKE, {"month": month_of(month)}).fetchone()
    return bool(made and made[0])


def make_month(address: str, month: date) -> bool:
    """Make one month on a connection of its own, so that no write's transaction is part of it; see create_month.

    Returns whether the month is there now, whoever made it. Raises PartitionUnavailableError if it cannot be made,
    DatabaseUnavailableError.
    """
    with translated(), psycopg.connect(address, **_OWN) as connection, blamed_on(month):
        return create_month(connection, month) or _state(connection, month).attached


def keep_months(address: str, today: date, ahead: int) -> list[date]:
    """Make what `window` misses, on a connection of its own. Raises DatabaseUnavailableError."""
    with translated(), psycopg.connect(address, **_OWN) as connection:
        return ensure_months(connection, window(today, ahead))


class _State(NamedTuple):
    """What there is of a month: its name or its place is taken, its partition is attached."""

    taken: bool
    attached: bool


def _state(connection: psycopg.Connection[Any], month: date) -> _State:
    values = {"table": _table(month), "bounds": f"FOR VALUES FROM ('{month_of(month)}')"}
    with connection.cursor(row_factory=class_row(_State)) as cursor:
        return cursor.execute(_STATE, values).fetchone() or _State(taken=False, attached=False)


def _table(month: date) -> str:
    return f"audit_events_{label(month)}"
