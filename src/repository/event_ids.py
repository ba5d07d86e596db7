"""What the id of an event tells about the time of its generation."""

from __future__ import annotations

from datetime import UTC, datetime
from uuid import UUID

__all__ = ["generated_at", "surely_generated_by"]

_UUID_V7 = 7


def generated_at(event_id: UUID) -> datetime | None:
    """When a UUIDv7 was generated, in UTC; None if the id does not tell.

    It starts with the milliseconds since 1970 (RFC 9562, section 5.7).
    """
    if event_id.version != _UUID_V7:
        return None
    try:
        return datetime.fromtimestamp((event_id.int >> 80) / 1000, UTC)
    except (OverflowError, ValueError, OSError):
        return datetime.max.replace(tzinfo=UTC)


def surely_generated_by(event_id: UUID, instant: datetime) -> bool:
    """False only if `generated_at` may say that the id is of after `instant`: the cheap part of asking that."""
    return event_id.int >> 76 & 0xF != _UUID_V7 or event_id.int >> 80 <= instant.timestamp() * 1000
