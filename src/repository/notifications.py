"""The notification_audit table: writing groups of notifications, and reading them."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from datetime import date, datetime
from typing import Any, NamedTuple

import msgspec
from psycopg import sql
from psycopg.rows import args_row

from repository.attempts import until_known
from repository.conditions import Conditions
from repository.pool import Connection, Database
from repository.reads import Reads
from repository.records import Notification, Unit, Written
from repository.sql import load
from telemetry.spans import span

__all__ = ["NotificationFilter", "NotificationPage", "Notifications", "StoredNotification"]


_CONTENT = [name for name in Notification.__struct_fields__ if name != "recorded_by"]


class StoredNotification(msgspec.Struct, frozen=True, omit_defaults=True):
    """One stored notification, in the order in which it is shown; what is NULL is left out."""

    id: int
    notification_id: str
    remediation_id: str
    recipient: str
    channel: str
    message_summary: str
    status: str
    sent_at: datetime
    escalation_level: int
    created_at: datetime
    updated_at: datetime
    delivery_status: str | None = None
    error_message: str | None = None
    recorded_by: str | None = None

    def says(self, notification: Notification) -> bool:
        """Whether it has the content of `notification`, whoever recorded it."""
        return all(getattr(self, name) == getattr(notification, name) for name in _CONTENT)


class NotificationFilter(msgspec.Struct, frozen=True, kw_only=True):
    """Conditions, all of which a notification meets; None is no condition. since and until are inclusive and aware."""

    remediation_id: str | None = None
    channel: str | None = None
    status: str | None = None
    recorded_by: str | None = None
    since: datetime | None = None
    until: datetime | None = None


class NotificationPage(NamedTuple):
    """A page, newest first."""

    notifications: Sequence[StoredNotification]
    has_more: bool


_COLUMNS = sql.SQL(", ").join(map(sql.Identifier, StoredNotification.__struct_fields__))
_INSERT = sql.SQL(load("notifications_insert")).format(columns=_COLUMNS)
_BY_ID = sql.SQL(load("notifications_by_id")).format(columns=_COLUMNS)
_PAGE = load("notifications_page")
_Found = dict[str, StoredNotification]


class Notifications:
    """Every statement on notification_audit.

    Each method raises DatabaseUnavailableError, QueryTimeoutError; `write` also CommitUnknownError, InvalidDataError.
    deadline: seconds that a write may take.
    """

    def __init__(self, database: Database, reads: Reads, *, deadline: float) -> None:
        self._database = database
        self._reads = reads
        self._deadline = deadline

    async def write(self, units: Sequence[Unit[Notification]], *, avoid: Collection[date] = ()) -> list[list[Written]]:
        """Store those whose notification_id is new, in one transaction; no id twice in `units`.

        Each record is what is stored under its id now. A connection that was lost meanwhile is replaced once, and what
        it had written counts as written by this call.
        """
        del avoid  # this table has no months
        # In one order of ids, so that writers never deadlock.
        rows = sorted((row.record for unit in units for row in unit), key=lambda one: one.notification_id)
        values = {name: [getattr(one, name) for one in rows] for name in Notification.__struct_fields__}

        async def work(connection: Connection) -> tuple[_Found, _Found]:
            made = await _fetch(connection, _INSERT, values)
            known = [one.notification_id for one in rows if one.notification_id not in made]
            return made, await _fetch(connection, _BY_ID, {"notification_ids": known}) if known else {}

        async def attempt(lost: bool) -> list[list[Written]]:
            with span("INSERT notification_audit", "client", rows=len(rows)):
                made, there = await self._database.writes.run(work, deadline=self._deadline)
            return [[_written(row.record, made, there, lost=lost) for row in unit] for unit in units]

        return await until_known(attempt, alone=len(units) == 1)

    async def get(self, notification_id: str) -> StoredNotification | None:
        """The notification with this id."""

        async def work(connection: Connection) -> StoredNotification | None:
            found = await _fetch(connection, _BY_ID, {"notification_ids": [notification_id]})
            return found.get(notification_id)

        found = await self._reads.run(work)
        return found or (await self._reads.run(work, fresh=True) if self._reads.standby else None)

    async def page(
        self, where: NotificationFilter, *, limit: int, after: tuple[datetime, int] | None = None
    ) -> NotificationPage:
        """At most `limit` notifications, newest first, behind the (sent_at, id) in `after`."""
        conditions = _conditions(where, after)
        statement = sql.SQL(_PAGE).format(columns=_COLUMNS, conditions=conditions.sql)

        async def work(connection: Connection) -> NotificationPage:
            found = list((await _fetch(connection, statement, {**conditions.values, "limit": limit})).values())
            return NotificationPage(found[:limit], has_more=len(found) > limit)

        return await self._reads.run(work)


async def _fetch(
    connection: Connection, statement: sql.Composed, values: dict[str, Any]
) -> dict[str, StoredNotification]:
    cursor = connection.cursor(binary=True, row_factory=args_row(StoredNotification))
    await cursor.execute(statement, values)
    return {row.notification_id: row for row in await cursor.fetchall()}


def _written(one: Notification, made: _Found, there: _Found, *, lost: bool) -> Written:
    if one.notification_id in made:
        return Written("stored", made[one.notification_id])
    record = there[one.notification_id]
    if not record.says(one):
        return Written("conflict", record)
    return Written("stored" if lost else "duplicate", record)


def _conditions(where: NotificationFilter, after: tuple[datetime, int] | None) -> Conditions:
    conditions = Conditions()
    for name in ("remediation_id", "channel", "status", "recorded_by"):
        if (value := getattr(where, name)) is not None:
            equals = sql.SQL("{} = {}").format(sql.Identifier(name), sql.Placeholder(name))
            conditions.add(equals, **{name: value})
    if where.since is not None:
        conditions.add(sql.SQL("sent_at >= %(since)s"), since=where.since)
    if where.until is not None:
        conditions.add(sql.SQL("sent_at <= %(until)s"), until=where.until)
    if after is not None:
        conditions.add(
            sql.SQL("(sent_at, id) < (%(after_time)s, %(after_id)s)"), after_time=after[0], after_id=after[1]
        )
    return conditions
