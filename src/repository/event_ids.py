"""What the id of an event tells about the month that the event is in."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from uuid import UUID

__all__ = ["dates_of_id"]

_UUID_V7 = 7
#: An event may be this much older than its id when it arrives, and its id this much older than the event.
_OLDER, _YOUNGER = timedelta(days=8), timedelta(days=32)


def dates_of_id(event_id: UUID) -> tuple[date, date] | None:
    """The first and the last date that an event with this id normally has; None if the id does not tell.

    A UUIDv7 starts with the milliseconds since 1970 at which it was minted (RFC 9562, section 5.7). A client may
    send an id long after minting it, so an event that is not there may still be elsewhere.
    """
    if event_id.version != _UUID_V7:
        return None
    try:
        minted = datetime.fromtimestamp((event_id.int >> 80) / 1000, UTC)
        return (minted - _OLDER).date(), (minted + _YOUNGER).date()
    except (OverflowError, ValueError, OSError):
        return None
