"""Rows that are stored and cannot be given back: one must not hide the others, nor go unnoticed."""

from __future__ import annotations

from uuid import UUID

from telemetry.logs import get_logger
from telemetry.metrics import UNREADABLE_ROWS

__all__ = ["unreadable_row"]

_log = get_logger(__name__)


def unreadable_row(table: str, row_id: UUID | str, cause: Exception) -> None:
    """Tell operators of a row that an answer leaves out. The cause is named by its class: texts may quote the row."""
    UNREADABLE_ROWS.labels(table).inc()
    _log.error(
        "a stored row cannot be read and is left out", table=table, row_id=str(row_id), cause=type(cause).__name__
    )
