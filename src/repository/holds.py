"""Legal holds: every statement on their two tables."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from datetime import datetime
from typing import Any, LiteralString
from uuid import UUID

import msgspec
import psycopg
from psycopg import sql
from psycopg.rows import args_row

from repository._translate import translated
from repository.conditions import Conditions
from repository.errors import CommitUnknownError, ConnectionLostError
from repository.event_conditions import conditions_of
from repository.event_filters import EventFilter, EventQuery
from repository.pool import Connection, Database
from repository.reads import Reads
from repository.sql import load

__all__ = ["Hold", "HoldTable", "NewHold", "covering"]

_PLACE, _RELEASE = load("hold_place"), load("hold_release")
_PAGE, _HAS_HELD = load("holds_page"), load("month_has_held")
#: Seconds that one write may take.
_WRITING = 5.0
_ALL = 2**31 - 1
_IN_FORCE = sql.SQL("released_at IS NULL")


class NewHold(msgspec.Struct, frozen=True, kw_only=True):
    """A hold to place. None in its scope is no condition; since and until are inclusive and aware.

    second_person: somebody else than placed_by must release it.
    """

    hold_id: UUID
    matter: str
    reason: str
    second_person: bool
    correlation_id: str | None = None
    resource_type: str | None = None
    resource_id: str | None = None
    actor_id: str | None = None
    event_category: str | None = None
    since: datetime | None = None
    until: datetime | None = None
    placed_by: str | None = None


class Hold(msgspec.Struct, frozen=True, kw_only=True):
    """A stored hold, in force as long as released_at is None. Its first members are those of NewHold."""

    hold_id: UUID
    matter: str
    reason: str
    correlation_id: str | None
    resource_type: str | None
    resource_id: str | None
    actor_id: str | None
    event_category: str | None
    since: datetime | None
    until: datetime | None
    second_person: bool
    placed_by: str | None
    placed_at: datetime
    released_by: str | None
    released_at: datetime | None
    release_reason: str | None

    @property
    def where(self) -> EventFilter:
        """The events that it covers."""
        return EventFilter(
            correlation_id=self.correlation_id,
            resource_type=self.resource_type,
            resource_id=self.resource_id,
            actor_id=self.actor_id,
            event_category=self.event_category,
            since=self.since,
            until=self.until,
        )


class HoldTable:
    """The holds as the service places, releases and lists them. Each method raises DatabaseUnavailableError."""

    def __init__(self, database: Database, reads: Reads) -> None:
        self._database = database
        self._reads = reads

    async def place(self, hold: NewHold) -> datetime:
        """Store a hold; when it was placed."""
        placed_at: datetime = await self._written(_PLACE, msgspec.structs.asdict(hold))
        return placed_at

    async def release(self, hold_id: UUID, reason: str, released_by: str | None) -> datetime | None:
        """End a hold; when it was released, None if somebody else was faster."""
        values = {"hold_id": hold_id, "reason": reason, "released_by": released_by}
        released_at: datetime | None = await self._written(_RELEASE, values)
        return released_at

    async def get(self, hold_id: UUID) -> Hold | None:
        """One hold."""
        conditions = Conditions()
        conditions.add(sql.SQL("legal_holds.hold_id = %(hold_id)s"), hold_id=hold_id)
        found = await self._find(conditions, 1)
        return found[0] if found else None

    async def page(self, *, in_force: bool | None, after: UUID | None, limit: int) -> list[Hold]:
        """At most `limit` holds behind the one with the id `after`, the newest first. in_force: None is both kinds."""
        conditions = Conditions()
        if in_force is not None:
            conditions.add(_IN_FORCE if in_force else sql.SQL("released_at IS NOT NULL"))
        if after is not None:
            conditions.add(sql.SQL("legal_holds.hold_id < %(after)s"), after=after)
        return await self._find(conditions, limit)

    async def _find(self, conditions: Conditions, limit: int) -> list[Hold]:
        statement = sql.SQL(_PAGE).format(conditions=conditions.sql)

        async def work(connection: Connection) -> list[Hold]:
            cursor = connection.cursor(row_factory=args_row(_hold))
            await cursor.execute(statement, {**conditions.values, "limit": limit})
            return await cursor.fetchall()

        return await self._reads.run(work, fresh=True)

    async def _written(self, statement: LiteralString, values: Mapping[str, Any]) -> Any:
        """The one value that a statement returns, if any: what is changed is not read again, which could fail."""
        try:
            async with self._database.catalog_writes.lease(_WRITING) as (connection, _):
                with translated():
                    row = await (await connection.execute(statement, values)).fetchone()
            return row[0] if row else None
        except ConnectionLostError as error:
            raise CommitUnknownError(sqlstate=error.sqlstate) from error


def covering(connection: psycopg.Connection[Any], table: str) -> Iterator[Hold]:
    """The holds in force that cover an event of a month's table, attached or not."""
    statement = sql.SQL(_PAGE).format(conditions=_IN_FORCE)
    with connection.cursor(row_factory=args_row(_hold)) as cursor:
        holds = cursor.execute(statement, {"limit": _ALL}).fetchall()
    for hold in holds:
        conditions = conditions_of(EventQuery(where=hold.where))
        has_held = sql.SQL(_HAS_HELD).format(table=sql.Identifier(table), conditions=conditions.sql)
        row = connection.execute(has_held, conditions.values).fetchone()
        if row and row[0]:
            yield hold


def _hold(*values: Any) -> Hold:
    return Hold(**dict(zip(Hold.__struct_fields__, values, strict=True)))
