"""What a signed export reads: sealed events as lines of JSON, and where the events about their erasures are."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date
from typing import NamedTuple
from uuid import UUID

from psycopg import sql

from repository._translate import translated
from repository.event_conditions import conditions_of
from repository.event_filters import EventFilter, EventQuery
from repository.partitions import next_month
from repository.sealing import SealingStore
from repository.sql import load

__all__ = ["ExportStore", "SealedErasure"]

_LINES, _INDEX = load("export_lines"), load("evidence_index")
_ERASURES = (
    "SELECT a.erasure_id, i.event_date FROM audit_erasures a JOIN audit_event_ids i ON i.event_id = a.erasure_id"
    " WHERE a.event_id = ANY(%s) ORDER BY a.erased_at"
)
_VERSION = b"\x01"


class SealedErasure(NamedTuple):
    """An event that tells of an erasure: its line, and its leaf."""

    leaf: int
    line: bytes


class ExportStore(SealingStore):
    """One connection of an export; see SealingStore."""

    def origin(self) -> str:
        """The log's name; empty before its first entry."""
        row = self._fetch("SELECT origin FROM evidence_log", [])
        return row[0] if row else ""

    def lines(self, month: date, ids: Sequence[UUID], where: EventFilter) -> Mapping[UUID, bytes]:
        """The events of a month with one of these ids that pass the filters, as lines of JSON without their ends.

        A month that cannot be read raises, and the transaction goes on.
        """
        conditions = conditions_of(EventQuery(where=where))
        statement = sql.SQL(_LINES).format(conditions=conditions.sql)
        bounds = {"first_day": month, "end_day": next_month(month), "ids": list(ids)}
        with self._of_month():
            found = self._connection.execute(statement, {**conditions.values, **bounds}).fetchall()
        return {event_id: line.encode() for event_id, line in found}

    def erasures_of(self, ids: Sequence[UUID]) -> list[SealedErasure]:
        """The sealed events that tell of erasures of these events, oldest first; those of attached months."""
        with translated():
            found = self._connection.execute(_ERASURES, [list(ids)]).fetchall()
        sealed = []
        for erasure_id, day in found:
            lines = self.lines(day.replace(day=1), [erasure_id], EventFilter())
            values = {"head": _VERSION + erasure_id.bytes, "event_id": erasure_id, "event_date": day}
            with translated():
                row = self._connection.execute(_INDEX, values).fetchone()
            if row and erasure_id in lines:
                sealed.append(SealedErasure(row[0], lines[erasure_id]))
        return sealed
