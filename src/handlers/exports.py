"""Audit events as streams of lines: NDJSON, exact; CSV, for spreadsheets."""

from __future__ import annotations

import csv
import io
from collections.abc import AsyncGenerator, Callable, Sequence
from datetime import datetime
from typing import Any, Self

import msgspec

from repository.stored_events import StoredEvent

__all__ = ["EventLines", "as_csv", "as_ndjson"]

_Portions = AsyncGenerator[Sequence[StoredEvent], None]
_Render = Callable[[Sequence[StoredEvent]], bytes]
_encode_lines = msgspec.json.Encoder().encode_lines
_NAMES = StoredEvent.__struct_fields__
#: What makes a spreadsheet take a cell for a formula (OWASP, CSV Injection).
_FORMULA_STARTS = ("=", "+", "-", "@", "\t", "\r")


class EventLines:
    """Portions of events as chunks of lines. Closing it, started or not, closes the portions."""

    def __init__(self, first: Sequence[StoredEvent], portions: _Portions, render: _Render, head: bytes = b"") -> None:
        self._ready = [head + render(first)] if first or head else []
        self._portions = portions
        self._render = render

    def __aiter__(self) -> Self:
        return self

    async def __anext__(self) -> bytes:
        """The next chunk."""
        return self._ready.pop() if self._ready else self._render(await anext(self._portions))

    async def aclose(self) -> None:
        """Stop the query."""
        await self._portions.aclose()


def as_ndjson(first: Sequence[StoredEvent], portions: _Portions) -> EventLines:
    """One JSON object a line, each value as stored."""
    return EventLines(first, portions, _encode_lines)


def as_csv(first: Sequence[StoredEvent], portions: _Portions) -> EventLines:
    """A header and one record an event (RFC 4180). Text that looks like a formula gets an apostrophe in front."""
    return EventLines(first, portions, _records, head=_csv([_NAMES]))


def _records(portion: Sequence[StoredEvent]) -> bytes:
    return _csv([[_cell(getattr(event, name)) for name in _NAMES] for event in portion])


def _csv(records: Sequence[Sequence[Any]]) -> bytes:
    text = io.StringIO(newline="")
    csv.writer(text).writerows(records)
    return text.getvalue().encode()


def _cell(value: Any) -> Any:
    if isinstance(value, msgspec.Raw):
        return bytes(value).decode()
    if isinstance(value, datetime):
        return value.isoformat().replace("+00:00", "Z")
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, str) and value.startswith(_FORMULA_STARTS):
        return "'" + value
    return value
