"""Erasures under an order: a changed event is `redacted` only where a sealed event tells of exactly that change."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any, NamedTuple
from uuid import UUID

import msgspec

from evidence.report import Kind, Report

__all__ = ["ERASED", "Erasure", "Redactions", "erasure_in", "has_marker"]

#: The type of the events that tell of an erasure, and who recorded them: no client can send either.
ERASED, _RECORDED_BY = "datastorage.event.erased", "datastorage"
_MARKER = b'"$erased"'


class Erasure(NamedTuple):
    """What an event tells of an erasure: its own id, that of the erased event, and its digest since."""

    erasure_id: UUID
    event_id: UUID
    digest: bytes


class _Told(msgspec.Struct):
    event_id: UUID
    digest: str


class _Event(msgspec.Struct):
    event_id: UUID
    event_type: str
    event_data: msgspec.Raw
    recorded_by: str | None = None


_event, _told = msgspec.json.Decoder(_Event).decode, msgspec.json.Decoder(_Told).decode


def erasure_in(line: bytes) -> Erasure | None:
    """The erasure that an exported event tells of, if it is such an event."""
    if ERASED.encode() not in line:
        return None
    try:
        event = _event(line)
        if (event.event_type, event.recorded_by) != (ERASED, _RECORDED_BY):
            return None
        told = _told(event.event_data)
        return Erasure(event.event_id, told.event_id, bytes.fromhex(told.digest))
    except (msgspec.MsgspecError, ValueError):
        return None


def has_marker(line: Any) -> bool:
    """Whether an exported event says of itself that something was erased of it."""
    return _MARKER in bytes(line)


class Redactions:
    """Events that are not what was sealed, until it is known which of them were erased under an order."""

    def __init__(self, report: Report) -> None:
        self._report = report
        self._told: dict[UUID, list[Erasure]] = {}
        self._ids: set[UUID] = set()
        self._sealed: set[UUID] = set()
        self._waiting: list[tuple[UUID, bytes, str]] = []

    def tell(self, erasures: Iterable[Erasure]) -> None:
        """Take what events tell of erasures."""
        for erasure in erasures:
            self._told.setdefault(erasure.event_id, []).append(erasure)
            self._ids.add(erasure.erasure_id)

    def intact(self, event_id: UUID) -> None:
        """An event is what was sealed: if it tells of an erasure, that counts."""
        if event_id in self._ids:
            self._sealed.add(event_id)

    def changed(self, event_id: UUID, digest: bytes, where: str, *, claimed: bool) -> None:
        """An event is not what was sealed. claimed: something that is not sealed says that it was erased."""
        if claimed or event_id in self._told:
            self._waiting.append((event_id, digest, where))
        else:
            self._report.add(Kind.ALTERED, where, event_id)

    def end(self) -> None:
        """Judge those that wait."""
        for event_id, digest, where in self._waiting:
            told = self._told.get(event_id, [])
            fitting = [one.erasure_id for one in told if one.digest == digest]
            if proven := self._sealed.intersection(fitting):
                detail = f"erased under an order; the sealed event {min(proven)} tells of it"
                self._report.add(Kind.REDACTED, detail, event_id)
            elif fitting or not told:
                detail = "said to be erased under an order; the event about it is not sealed yet or not at hand"
                self._report.add(Kind.ERASURE_UNPROVEN, detail, event_id)
            else:
                self._report.add(Kind.ALTERED, where, event_id)
        self._waiting.clear()
