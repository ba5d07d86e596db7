"""Erasing members of an event's payload, as the owner of the tables; migrations/0086 has the one way to do it."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date
from typing import Any, NamedTuple
from uuid import UUID

import psycopg
from psycopg.rows import class_row

from repository._translate import translated
from repository.errors import RepositoryError
from repository.sql import load

__all__ = ["Erasable", "ErasureRefusedError", "erase", "look_at"]

_OWN: Any = {"connect_timeout": 5, "options": "-c timezone=UTC -c lock_timeout=5s"}
_LOOK = load("erasure_look")
_ERASE = "SELECT audit_event_erase(%s, %s, %s::text[], %s, %s)"
_REFUSALS = {
    "DSE01": "there is no such event in an attached month",
    "DSE02": "a path names nothing in the event, or what was erased before",
    "DSE03": "the event is under a legal hold",
    "DSE04": "an event that tells of an erasure is not erased",
}


class ErasureRefusedError(RepositoryError):
    """The database refused the erasure, and nothing was changed."""


class Erasable(NamedTuple):
    """An event and what is to be erased of it.

    kinds: the JSON type of each member, empty where there is none. holds: the legal holds that cover it, for people.
    archive: where its month was archived, if it was.
    """

    event_date: date
    event_type: str
    correlation_id: str
    kinds: Sequence[str]
    holds: Sequence[str]
    archive: str | None


def look_at(address: str, event_id: UUID, pointers: Sequence[str]) -> Erasable | None:
    """What would be erased; None where no attached month has the event. Raises RepositoryError."""
    with translated(), psycopg.connect(address, **_OWN) as connection:
        cursor = connection.cursor(row_factory=class_row(Erasable))
        return cursor.execute(_LOOK, {"event_id": event_id, "pointers": list(pointers)}).fetchone()


def erase(address: str, erasure_id: UUID, event_id: UUID, pointers: Sequence[str], *, order: str, reason: str) -> None:
    """Put a marker in the places of the pointers, and store the event `erasure_id` that tells of it, together.

    Raises ErasureRefusedError, RepositoryError.
    """
    try:
        with translated(), psycopg.connect(address, **_OWN) as connection:
            connection.execute(_ERASE, [erasure_id, event_id, list(pointers), order, reason])
    except RepositoryError as error:
        if (told := _REFUSALS.get(error.sqlstate or "")) is not None:
            raise ErasureRefusedError(told, sqlstate=error.sqlstate) from error
        raise
