"""What an operator does to single months: detach, attach, read, restore, drop; as the owner of the tables.

Blocking, on one connection. A month's table is only ever the one that PostgreSQL's catalogue or a month's name gives.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from datetime import date, datetime
from typing import Any, LiteralString, NamedTuple
from uuid import UUID

import msgspec
import psycopg
from psycopg import sql
from psycopg.rows import class_row
from psycopg.types.json import Jsonb

from repository._translate import translated
from repository.errors import RepositoryError
from repository.holds import Hold, covering
from repository.partitions import create_month, label, next_month
from repository.records import AuditEvent
from repository.sql import load

__all__ = ["BusyError", "Facts", "Month", "MonthStore", "table_of"]

#: Key of the session advisory lock that lets one operator through at a time: the ASCII codes of "dsparts".
_LOCK = 0x64737061727473
_OPTIONS = "-c timezone=UTC -c lock_timeout=2s"
_ALL, _LINES, _FACTS = load("months_all"), load("month_lines"), load("month_facts")
_RESTORE, _ATTACH, _FORGET = load("month_restore"), load("month_attach"), load("month_forget_ids")
_UNSEALED, _RECORD, _INSERT = load("month_unsealed"), load("archive_record"), load("audit_event_insert")
_ERASED, _ERASE = load("month_erased"), load("month_erase_again")
_LOCK_HOLDS = load("month_holds_lock")
_EMPTY_COPY = (
    "CREATE TABLE public.{table} (LIKE public.audit_events INCLUDING DEFAULTS INCLUDING CONSTRAINTS INCLUDING STORAGE)"
)
#: Ids that one transaction of a drop gives up.
_PORTION = 50_000
#: Batches of the log that are fetched at once: each has up to 2.6 MB.
_PIECES = 20
_LOWEST = UUID(int=0)


class BusyError(RepositoryError):
    """Somebody else is at work on the months."""


class Month(NamedTuple):
    """What there is of a month. state: attached, detaching, detached, or archived where it has no table.

    events: the planner's estimate for its table. event_count and what follows: of its archive, None without one.
    """

    month: date
    state: str
    name: str | None
    events: int | None
    event_count: int | None
    sha256: bytes | None
    location: str | None
    retention_days: int | None
    archived_at: datetime | None
    dropped_at: datetime | None
    by_category: Mapping[str, int] | None = None


class Facts(NamedTuple):
    """What a month holds. cluster: the identifier of the PostgreSQL cluster that it is in."""

    events: int
    first: datetime | None
    last: datetime | None
    retention_days: int
    by_category: Mapping[str, int]
    cluster: int


def table_of(month: date) -> str:
    """The name that a month's table has by itself."""
    return f"audit_events_{label(month)}"


class MonthStore:
    """One connection that holds the operators' lock until `close`. Each method raises RepositoryError.

    Raises BusyError if somebody else holds it.
    """

    def __init__(self, address: str) -> None:
        with translated():
            self._connection: psycopg.Connection[Any] = psycopg.connect(
                address, autocommit=True, options=_OPTIONS, connect_timeout=5, application_name="datastorage partitions"
            )
        with translated():
            row = self._connection.execute("SELECT pg_try_advisory_lock(%s)", [_LOCK]).fetchone()
        if not (row and row[0]):
            self.close()
            raise BusyError("another `datastorage partitions`, or a service's retention, is at work on the months")

    def close(self) -> None:
        """Close the connection, and so give the lock back."""
        self._connection.close()

    @property
    def login(self) -> str:
        """Who is logged in."""
        return self._connection.info.user

    def cluster(self) -> int:
        """The identifier of the PostgreSQL cluster."""
        with translated():
            row = self._connection.execute("SELECT system_identifier FROM pg_control_system()").fetchone()
        return int(row[0]) if row else 0

    @contextmanager
    def transaction(self) -> Iterator[None]:
        """All or nothing."""
        with translated(), self._connection.transaction():
            yield

    def months(self) -> list[Month]:
        """Every month that has a table or an archive, oldest first."""
        with translated(), self._connection.cursor(row_factory=class_row(Month)) as cursor:
            return cursor.execute(_ALL).fetchall()

    def unsealed(self, one: Month) -> bool:
        """Whether there is a log that lacks events of the month."""
        with translated():
            row = self._execute(_UNSEALED, _name(one), month=sql.Literal(one.month)).fetchone()
        return bool(row and row[0])

    def detach(self, one: Month) -> None:
        """Detach without blocking writers; waits for transactions that still use the month. Not in a transaction."""
        how = "FINALIZE" if one.state == "detaching" else "CONCURRENTLY"
        with translated():
            self._connection.execute("SET lock_timeout = 0")
            try:
                self._execute(f"ALTER TABLE public.audit_events DETACH PARTITION public.{{table}} {how}", _name(one))
            finally:
                if not self._connection.closed:
                    self._connection.execute("SET lock_timeout = '2s'")

    def attach(self, month: date, name: str) -> None:
        """Attach a table as a month, its ids first. Writers wait for nothing; one that is locked fails within 2 s."""
        with translated(), self._connection.transaction():
            self._connection.execute("SELECT audit_event_ids_fill(%s::regclass)", [f"public.{name}"])
            self._execute(_ATTACH, name, first=sql.Literal(month), end=sql.Literal(next_month(month)))

    def facts(self, one: Month) -> Facts:
        """What the month holds."""
        with translated():
            row = self._execute(_FACTS, _name(one)).fetchone()
        if row is None:
            raise RepositoryError("an aggregate without a row")
        return Facts(*row)

    def lines(self, name: str) -> Iterator[bytes]:
        """A table's events as lines of JSON, in the order of their times."""
        statement = sql.SQL(_LINES).format(table=sql.Identifier(name))
        with translated(), self._connection.cursor() as cursor, cursor.copy(statement) as copy:
            copy.set_types(["text"])
            for (line,) in copy.rows():
                yield line.encode() + b"\n"

    def make_table(self, name: str) -> None:
        """An empty table like a month's; one of that name that is left over goes first."""
        with translated(), self._connection.transaction():
            self._execute("DROP TABLE IF EXISTS public.{table}", name)
            self._execute(_EMPTY_COPY, name)

    def restore(self, name: str, lines: Sequence[str], *, same_cluster: bool) -> None:
        """Put lines of an archive into a table of `make_table`."""
        with translated():
            statement = sql.SQL(_RESTORE).format(table=sql.Identifier(name))
            self._connection.execute(statement, {"lines": list(lines), "same_cluster": same_cluster})

    def erase_again(self, name: str, month: date) -> None:
        """Erase in a table of `make_table` what was erased of the month's events since."""
        with translated():
            bounds = {"month": sql.Literal(month), "end": sql.Literal(next_month(month))}
            for erasure_id, event_id, pointers in self._connection.execute(
                sql.SQL(_ERASED).format(**bounds)
            ).fetchall():
                self._execute(_ERASE, name, {"erasure": erasure_id, "event_id": event_id, "pointers": pointers})

    def rename(self, name: str, to: str) -> None:
        """Give a table another name."""
        with translated():
            self._connection.execute(
                sql.SQL("ALTER TABLE public.{} RENAME TO {}").format(sql.Identifier(name), sql.Identifier(to))
            )

    def seal_again(self, month: date) -> None:
        """Have the log take the events of a month for older than itself."""
        with translated():
            self._connection.execute(
                "INSERT INTO evidence_months (month, after) VALUES (%s, %s)"
                " ON CONFLICT (month) DO UPDATE SET seen = NULL, after = excluded.after",
                [month, _LOWEST],
            )

    def lock_holds(self) -> None:
        """Let nobody place a hold until this transaction ends; wait for who is placing one."""
        with translated():
            self._connection.execute(_LOCK_HOLDS)

    def holds_on(self, one: Month) -> list[Hold]:
        """The legal holds in force that cover an event of the month's table."""
        with translated():
            return list(covering(self._connection, _name(one)))

    def remember_ids(self, one: Month) -> None:
        """Take back the ids of a month that is not dropped after all."""
        with translated():
            self._connection.execute("SELECT audit_event_ids_fill(%s::regclass)", [f"public.{_name(one)}"])

    def forget_ids(self, one: Month) -> None:
        """Give up the ids of a month that is to be dropped, portion by portion."""
        after: UUID | None = _LOWEST
        with translated():
            while after is not None:
                row = self._execute(_FORGET, _name(one), {"after": after, "limit": _PORTION}).fetchone()
                after = row[0] if row else None

    def leave_log(self, month: date) -> None:
        """Have the log not wait for a month that it has whole."""
        with translated():
            self._connection.execute("DELETE FROM evidence_months WHERE month = %s", [month])

    def log_origin(self) -> str:
        """The log's name; "datastorage" where there is no log yet."""
        with translated():
            row = self._connection.execute("SELECT origin FROM evidence_log").fetchone()
        return str(row[0]) if row else "datastorage"

    def log_pieces(self) -> Iterator[tuple[int, bytes]]:
        """The log's entries in the pieces in which they were sealed, each with its first leaf, oldest first."""
        with (
            translated(),
            self._connection.transaction(),
            self._connection.cursor("log", binary=True) as cursor,
        ):
            cursor.itersize = _PIECES
            yield from cursor.execute("SELECT first, entries FROM evidence_batches ORDER BY first")

    def drop(self, one: Month, tombstone: str) -> None:
        """Drop a detached table, and what the log notes about when to look at it; the tombstone stays."""
        self._execute("DROP TABLE public.{table}", _name(one))
        self.leave_log(one.month)
        self._connection.execute(
            "INSERT INTO evidence_tombstones (month, note) VALUES (%s, %s)", [one.month, tombstone]
        )
        self._connection.execute("UPDATE audit_archives SET dropped_at = now() WHERE month = %s", [one.month])

    def record_archive(self, values: Mapping[str, Any]) -> None:
        """Remember an archive: month, event_count, sha256, location, retention_days, by_category."""
        with translated():
            self._connection.execute(_RECORD, {**values, "by_category": Jsonb(values["by_category"])})

    def add_event(self, event: AuditEvent) -> None:
        """Store an event about what is done here, in the same transaction if there is one."""
        values = {**msgspec.structs.asdict(event), "event_date": event.event_date}
        values["event_data"] = bytes(event.event_data).decode()
        with translated():
            create_month(self._connection, event.event_date)
            self._connection.execute(_INSERT, values)

    def _execute(
        self, statement: LiteralString, name: str, values: Mapping[str, Any] | None = None, **more: sql.Composable
    ) -> psycopg.Cursor[Any]:
        return self._connection.execute(sql.SQL(statement).format(table=sql.Identifier(name), **more), values)


def _name(one: Month) -> str:
    if one.name is None:
        raise RepositoryError(f"{label(one.month)} has no table")
    return one.name
