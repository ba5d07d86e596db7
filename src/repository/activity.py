"""What happened lately: counts over the newest events, at a bounded cost."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from typing import NamedTuple

from psycopg.rows import args_row

from repository.reads import Connection, Reads
from repository.sql import load

__all__ = ["MOST_EVENTS", "ActivityReads", "ActivityRow"]

#: Events that are looked at, the newest first.
MOST_EVENTS = 50_000
_ACTIVITY = load("audit_activity")


class ActivityRow(NamedTuple):
    """One group. What one, two, three and link hold depends on the part; the statement tells."""

    part: str
    one: str | None
    two: str | None
    three: str | None
    events: int
    latest: datetime | None
    link: str | None


class ActivityReads:
    """Reads the groups. Raises DatabaseUnavailableError, QueryTimeoutError."""

    def __init__(self, reads: Reads) -> None:
        self._reads = reads

    async def since(self, since: datetime, step: timedelta, *, most: int = MOST_EVENTS) -> Sequence[ActivityRow]:
        """The groups of the newest `most` events since a moment; rates in steps."""
        values = {"since": since, "since_date": since.astimezone(UTC).date(), "step": step, "most": most}

        async def work(connection: Connection) -> Sequence[ActivityRow]:
            cursor = connection.cursor(row_factory=args_row(ActivityRow))
            await cursor.execute(_ACTIVITY, values, prepare=False)
            return await cursor.fetchall()

        return await self._reads.run(work)
