"""What an event says, whatever its spelling: equal content has equal digests.

As PostgreSQL compares (repository/sql/events_content_equal.sql): order of keys and spelling of numbers do not count,
nor do traces, which differ from try to try, nor who recorded it.
"""

from __future__ import annotations

import hashlib
import json
from decimal import Decimal
from typing import Any

import msgspec

from repository.records import AuditEvent

__all__ = ["digest_of"]

_BLANK = msgspec.Raw(b"null")


def digest_of(event: AuditEvent) -> str:
    """A digest of the event's content."""
    plain = msgspec.structs.replace(
        event, event_data=_BLANK, trace_id=None, span_id=None, parent_event_date=None, recorded_by=None
    )
    # An int of Python has at most 4,300 digits when it is read, a number of PostgreSQL 131,072.
    data = json.loads(bytes(event.event_data), parse_int=Decimal, parse_float=Decimal)
    text = msgspec.json.encode(plain) + _canonical(data).encode()
    return hashlib.sha256(text, usedforsecurity=False).hexdigest()[:32]


def _canonical(value: Any) -> str:
    """One spelling for each JSON value. A lone surrogate cannot be here: JSON text was UTF-8."""
    if isinstance(value, dict):
        members = sorted(f"{_canonical(key)}:{_canonical(member)}" for key, member in value.items())
        return f"{{{','.join(members)}}}"
    if isinstance(value, list):
        return f"[{','.join(map(_canonical, value))}]"
    if isinstance(value, Decimal):
        return _number(value)
    return msgspec.json.encode(value).decode()


def _number(value: Decimal) -> str:
    """Sign, significant digits and exponent, no digit lost to a context's precision."""
    sign, digits, exponent = value.as_tuple()
    text = "".join(map(str, digits)).lstrip("0")
    if not text:
        return "0"
    significant = text.rstrip("0")
    return f"{'-' if sign else ''}{significant}e{int(exponent) + len(text) - len(significant)}"
