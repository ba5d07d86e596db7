"""Keyset pagination: a place in a total order of records, from which the next page begins."""

from __future__ import annotations

from datetime import datetime
from uuid import UUID

import msgspec

__all__ = ["Position"]


class Position(msgspec.Struct, frozen=True):
    """A place in the total order of events: (event_timestamp, event_id), unique and immutable."""

    event_timestamp: datetime
    event_id: UUID
