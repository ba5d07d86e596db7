"""What the id of an event tells about the month that the event is in."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from functools import lru_cache
from uuid import UUID

__all__ = ["dates_of_id", "generated_at", "surely_generated_by"]

_UUID_V7 = 7
_MILLISECONDS_OF_A_DAY = 86_400_000
_FIRST_DAY = date(1970, 1, 1)
#: An event may be this much older than its id when it arrives, and its id this much older than the event.
_OLDER, _YOUNGER = timedelta(days=8), timedelta(days=32)


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


def dates_of_id(event_id: UUID) -> tuple[date, date] | None:
    """The first and the last date that an event with this id normally has; None if the id does not tell.

    A client may send an id long after generating it, so an event that is not there may still be elsewhere.
    """
    return _dates_of_day((event_id.int >> 80) // _MILLISECONDS_OF_A_DAY) if event_id.version == _UUID_V7 else None


@lru_cache(maxsize=1024)
def _dates_of_day(day: int) -> tuple[date, date] | None:
    try:
        day_of_id = _FIRST_DAY + timedelta(days=day)
        return day_of_id - _OLDER, day_of_id + _YOUNGER
    except OverflowError:
        return None
