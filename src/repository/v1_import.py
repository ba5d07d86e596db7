"""Reading a database of Data Storage V1.0, and writing what it holds into ours. Blocking; on two connections.

Everything can be repeated: what is stored already is left as it is. V1.0's tables have our names and other columns.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from datetime import date
from typing import Any, NamedTuple

import msgspec
import psycopg
from psycopg import sql
from psycopg.types.json import Jsonb

from repository._translate import translated
from repository.errors import InvalidDataError, RepositoryError
from repository.partitions import create_month, next_month
from repository.sql import load

__all__ = ["Refused", "V1Source", "V1Target", "is_of_v1", "tables_of_v1"]

_OPTIONS = "-c timezone=UTC"
_INSERT_EVENTS = load("v1_events_insert")
#: What each of our tables has and V1.0's had not.
_OURS = {
    "audit_events": "recorded_at",
    "notification_audit": "recorded_by",
    "remediation_workflow_catalog": "version_key",
}
_NOTIFICATION_KEY, _WORKFLOW_KEY = "notification_id", "workflow_id"
_JSON = frozenset({"labels", "custom_labels", "detected_labels", "parameters"})


class Refused(NamedTuple):
    """A row that the tables do not take. key: its id there. why: which of our rules it breaks."""

    table: str
    key: str
    why: str
    row: str


def tables_of_v1(connection: psycopg.Connection[Any]) -> list[str]:
    """Which of V1.0's tables a database has; an earlier migration of ours may lack a column, but not all."""
    found = []
    for table, column in _OURS.items():
        row = connection.execute(
            "SELECT to_regclass(%s) IS NOT NULL AND NOT EXISTS (SELECT FROM pg_attribute WHERE attrelid ="
            " to_regclass(%s) AND attname = %s)",
            [table, table, column],
        ).fetchone()
        if row and row[0]:
            found.append(table)
    return found


def is_of_v1(connection: psycopg.Connection[Any]) -> bool:
    """Whether a database was made by V1.0's migrations."""
    row = connection.execute(
        "SELECT to_regclass('_yoyo_migration') IS NULL AND (to_regclass('audit_events') IS NOT NULL"
        " OR to_regclass('notification_audit') IS NOT NULL OR to_regclass('remediation_workflow_catalog') IS NOT NULL)"
    ).fetchone()
    return bool(row and row[0]) and bool(tables_of_v1(connection))


class V1Source:
    """The V1.0 database; nothing is written to it. Each method raises RepositoryError."""

    def __init__(self, address: str) -> None:
        with translated():
            self._connection: psycopg.Connection[Any] = psycopg.connect(
                address,
                autocommit=True,
                options=f"{_OPTIONS} -c default_transaction_read_only=on",
                connect_timeout=5,
                application_name="datastorage import-v1",
            )
        with translated():
            self.tables = tables_of_v1(self._connection)

    def close(self) -> None:
        """Close the connection."""
        self._connection.close()

    def months(self) -> list[tuple[date, int]]:
        """The UTC months that have events, and how many, oldest first."""
        with translated():
            return self._connection.execute(
                "SELECT date_trunc('month', event_timestamp AT TIME ZONE 'UTC')::date, count(*)"
                " FROM audit_events GROUP BY 1 ORDER BY 1"
            ).fetchall()

    def count(self, table: str) -> int:
        """Rows of one table."""
        with translated():
            row = self._connection.execute(sql.SQL("SELECT count(*) FROM {}").format(sql.Identifier(table))).fetchone()
        return int(row[0]) if row else 0

    def events(self, month: date, portion: int) -> Iterator[list[str]]:
        """The events of a month as lines of JSON, their numbers to the last digit."""
        first, end = f"{month}T00:00:00Z", f"{next_month(month)}T00:00:00Z"
        statement = (
            "SELECT row_to_json(e)::text FROM audit_events e WHERE event_timestamp >= %s AND event_timestamp < %s"
            " ORDER BY event_timestamp, event_id"
        )
        yield from self._portions(statement, [first, end], portion)

    def rows(self, table: str, portion: int) -> Iterator[list[str]]:
        """The rows of one of the other tables as lines of JSON, in the order in which they were made."""
        statement = sql.SQL("SELECT row_to_json(t)::text FROM {} t ORDER BY created_at").format(sql.Identifier(table))
        yield from self._portions(statement, [], portion)

    def _portions(self, statement: Any, values: Sequence[Any], portion: int) -> Iterator[list[str]]:
        with translated(), self._connection.transaction(), self._connection.cursor("v1") as cursor:
            cursor.execute(statement, values)
            while found := cursor.fetchmany(portion):
                yield [line for (line,) in found]


class V1Target:
    """Our database, as the owner of the tables. refused: told of each row that is not taken.

    Each method returns how many rows were new, and raises RepositoryError.
    """

    def __init__(self, address: str, refused: Callable[[Refused], None]) -> None:
        with translated():
            self._connection: psycopg.Connection[Any] = psycopg.connect(
                address,
                autocommit=True,
                options=f"{_OPTIONS} -c datastorage.writes_ids=on",
                connect_timeout=5,
                application_name="datastorage import-v1",
            )
        self._refused = refused

    def close(self) -> None:
        """Close the connection."""
        self._connection.close()

    def known(self, month: date) -> int:
        """How many events of a month are stored."""
        with translated():
            row = self._connection.execute(
                "SELECT count(*) FROM audit_events WHERE event_date >= %s AND event_date < %s",
                [month, next_month(month)],
            ).fetchone()
        return int(row[0]) if row else 0

    def make_month(self, month: date) -> None:
        """Make a month that is not there."""
        with translated():
            create_month(self._connection, month)

    def add_events(self, lines: Sequence[str]) -> int:
        """Store events that are not stored yet."""
        return self._halving("audit_events", "event_id", lines, self._insert_events)

    def add_notifications(self, lines: Sequence[str]) -> int:
        """Store notifications that are not stored yet."""
        return self._halving("notification_audit", _NOTIFICATION_KEY, lines, self._insert_notifications)

    def add_workflows(self, lines: Sequence[str], prepare: Callable[[dict[str, Any]], None]) -> int:
        """Store versions that are not stored yet. prepare: gives a row the columns that V1.0 had not."""

        def insert(some: Sequence[str]) -> int:
            return sum(self._insert_workflow(line, prepare) for line in some)

        return self._halving("remediation_workflow_catalog", _WORKFLOW_KEY, lines, insert)

    def _halving(self, table: str, key: str, lines: Sequence[str], insert: Callable[[Sequence[str]], int]) -> int:
        """Insert lines together; where one is refused, find it by halving and go on with the others."""
        try:
            with translated(), self._connection.transaction():
                return insert(lines)
        except InvalidDataError as error:
            if len(lines) == 1:
                self._refused(Refused(table, _key_of(lines[0], key), _why(error), lines[0]))
                return 0
        middle = len(lines) // 2
        return sum(self._halving(table, key, half, insert) for half in (lines[:middle], lines[middle:]))

    def _insert_events(self, lines: Sequence[str]) -> int:
        return self._connection.execute(_INSERT_EVENTS, {"lines": list(lines)}).rowcount

    def _insert_notifications(self, lines: Sequence[str]) -> int:
        columns = (
            "notification_id, remediation_id, recipient, channel, message_summary, status, sent_at, delivery_status,"
            " error_message, escalation_level, created_at, updated_at"
        )
        statement = (
            f"INSERT INTO notification_audit ({columns}) SELECT {columns} FROM unnest(%s::text[]) AS line,"  # noqa: S608
            " LATERAL json_populate_record(NULL::notification_audit, line::json) ON CONFLICT DO NOTHING"
        )
        return self._connection.execute(statement, [list(lines)]).rowcount

    def _insert_workflow(self, line: str, prepare: Callable[[dict[str, Any]], None]) -> int:
        row = msgspec.json.decode(line, type=dict[str, Any])
        prepare(row)
        values = {name: Jsonb(value) if name in _JSON and value is not None else value for name, value in row.items()}
        known = [name for name in self._columns() if name in values]
        statement = sql.SQL("INSERT INTO remediation_workflow_catalog ({}) VALUES ({}) ON CONFLICT DO NOTHING").format(
            sql.SQL(", ").join(map(sql.Identifier, known)), sql.SQL(", ").join(map(sql.Placeholder, known))
        )
        return self._connection.execute(statement, values).rowcount

    def _columns(self) -> list[str]:
        found = self._connection.execute(
            "SELECT attname FROM pg_attribute WHERE attrelid = 'remediation_workflow_catalog'::regclass"
            " AND attnum > 0 AND NOT attisdropped"
        )
        return [name for (name,) in found]


def _key_of(line: str, key: str) -> str:
    row: Mapping[str, Any] = msgspec.json.decode(line)
    return str(row.get(key) or row.get("workflow_name") or "")


def _why(error: RepositoryError) -> str:
    named = getattr(error, "constraint", None) or getattr(error, "column", None)
    return f"{named or 'a value'} (SQLSTATE {error.sqlstate})"
