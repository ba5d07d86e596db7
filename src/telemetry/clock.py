"""Time and identity, passed in and never reached for."""

from collections.abc import Callable
from datetime import UTC, datetime
from uuid import UUID

from uuid_utils.compat import uuid7

__all__ = ["Clock", "IdFactory", "new_event_id", "utc_now"]

#: Returns the present instant, aware, in UTC.
Clock = Callable[[], datetime]
#: Returns a new unique id.
IdFactory = Callable[[], UUID]


def utc_now() -> datetime:
    """The present instant, aware, in UTC."""
    return datetime.now(UTC)


def new_event_id() -> UUID:
    """A new UUIDv7 (RFC 9562, section 5.7): time-ordered, so that an id alone tells which months to look in."""
    return uuid7()
