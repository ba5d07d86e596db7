"""What of an event is sealed: its canonical bytes, the log's entry, and the leaf.

Canonical bytes are those of one row of `COPY (SELECT ..::text) TO STDOUT BINARY`, so that PostgreSQL makes them and a
sealer only hashes them: a count of fields, then each field's length and UTF-8 text, or -1 for NULL. The first field is
the version. A list of fields is never changed: another list is another version, and another first byte of the entry.
"""

from __future__ import annotations

import struct
from collections.abc import Mapping, Sequence
from datetime import UTC, date, datetime, timedelta
from functools import lru_cache
from typing import Any, NamedTuple
from uuid import UUID

import msgspec

__all__ = [
    "ENTRY_SIZE",
    "FIELDS",
    "VERSION",
    "Entry",
    "canonical_bytes",
    "canonical_values",
    "day_number",
    "packed_entry",
]

#: The version that the canonical bytes begin with.
VERSION = "audit_event/1"
#: Bytes of an entry.
ENTRY_SIZE = 53
#: The columns of audit_events that are sealed, in order; behind the version, which is the first field.
FIELDS = (
    "event_id", "event_version", "event_timestamp", "event_date", "event_type", "event_category", "event_action",
    "event_outcome", "actor_type", "actor_id", "actor_ip", "resource_type", "resource_id", "resource_name",
    "correlation_id", "parent_event_id", "parent_event_date", "trace_id", "span_id", "namespace", "cluster_name",
    "event_data", "event_metadata", "severity", "duration_ms", "error_code", "error_message", "retention_days",
    "is_sensitive", "recorded_at", "recorded_by",
)  # fmt: skip
_ENTRY_VERSION = 1
_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_INSTANTS = frozenset({"event_timestamp", "recorded_at"})


class Entry(NamedTuple):
    """One entry of the log: which event, of which UTC day, and the digest of its canonical bytes."""

    event_id: UUID
    day: date
    digest: bytes

    @property
    def data(self) -> bytes:
        """The entry's 53 bytes."""
        return packed_entry(self.event_id.bytes, day_number(self.day), self.digest)

    @classmethod
    def parse(cls, data: bytes) -> Entry:
        """The entry in 53 bytes. Raises ValueError for another length or version."""
        if len(data) != ENTRY_SIZE or data[0] != _ENTRY_VERSION:
            raise ValueError("this is no log entry of a version that is known here")
        return cls(UUID(bytes=data[1:17]), _day_of(int.from_bytes(data[17:21], "big")), data[21:])


@lru_cache(maxsize=4096)
def day_number(day: date) -> int:
    """A day as the number YYYYMMDD."""
    return int(f"{day:%Y%m%d}")


@lru_cache(maxsize=4096)
def _day_of(number: int) -> date:
    return date(number // 10000, number // 100 % 100, number % 100)


def packed_entry(event_id: bytes, day: int, digest: bytes) -> bytes:
    """The 53 bytes of an entry, from the UTC day as the number YYYYMMDD and the SHA-256 of the canonical bytes."""
    return bytes([_ENTRY_VERSION]) + event_id + day.to_bytes(4, "big") + digest


def canonical_bytes(values: Sequence[str | None]) -> bytes:
    """The canonical bytes of an event, from the texts of FIELDS in order."""
    parts = [struct.pack("!H", len(values) + 1)]
    for value in (VERSION, *values):
        if value is None:
            parts.append(b"\xff\xff\xff\xff")
        else:
            data = value.encode()
            parts.append(len(data).to_bytes(4, "big") + data)
    return b"".join(parts)


def canonical_values(event: Mapping[str, Any]) -> list[str | None]:
    """The texts of FIELDS of an event as an NDJSON export shows it, its JSON members as msgspec.Raw.

    Raises KeyError if the export lacks a field, ValueError for an instant that is none.
    """
    return [_text(name, event["version" if name == "event_version" else name]) for name in FIELDS]


def _text(name: str, value: Any) -> str | None:
    if isinstance(value, msgspec.Raw):
        text = bytes(value).decode()
        return None if text == "null" and name == "event_metadata" else text
    if value is None:
        return None
    if isinstance(value, bool):
        return "true" if value else "false"
    if name in _INSTANTS:
        return str((datetime.fromisoformat(value).astimezone(UTC) - _EPOCH) // timedelta(microseconds=1))
    return str(value)
