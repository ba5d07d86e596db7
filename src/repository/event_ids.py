"""What the id of an event tells about the month that the event is in."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from uuid import UUID

__all__ = ["dates_of_id", "minted_at"]

_UUID_V7 = 7
#: An event may be this much older than its id when it arrives, and its id this much older than the event.
_OLDER, _YOUNGER = timedelta(days=8), timedelta(days=32)


def minted_at(event_id: UUID) -> datetime | None:
    """When a UUIDv7 was minted, in UTC; None if the id does not tell.

    It starts with the milliseconds since 1970 (RFC 9562, section 5.7).
    """
    if event_id.version != _UUID_V7:
        return None
    try:
        return datetime.fromtimestamp((event_id.int >> 80) / 1000, UTC)
    except (OverflowError, ValueError, OSError):
        return datetime.max.replace(tzinfo=UTC)


def dates_of_id(event_id: UUID) -> tuple[date, date] | None:
    """The first and the last date that an event with this id normally has; None if the id does not tell.

    A client may send an id long after minting it, so an event that is not there may still be elsewhere.
    """
    minted = minted_at(event_id)
    if minted is None:
        return None
    try:
        return (minted - _OLDER).date(), (minted + _YOUNGER).date()
    except OverflowError:
        return None
