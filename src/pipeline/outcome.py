"""What became of a record: the only vocabulary from here up to HTTP."""

from __future__ import annotations

import enum
from datetime import date
from typing import Any

import msgspec

__all__ = ["Flaw", "Outcome", "State"]


class State(enum.Enum):
    """What became of a record."""

    #: Committed in PostgreSQL now.
    STORED = "stored"
    #: Stored or queued before with equal content; nothing was written.
    DUPLICATE = "duplicate"
    #: Its id is stored or queued with different content; nothing of this one was kept.
    CONFLICT = "conflict"
    #: In the queue, and stored later without anybody's help.
    QUEUED = "queued"
    #: It can never be stored as it is; nothing was kept.
    REJECTED = "rejected"
    #: No store takes it now; nothing was kept anywhere.
    UNAVAILABLE = "unavailable"
    #: It may be kept, or may still come to be. Repeating it with the same id is safe.
    UNKNOWN = "unknown"

    # enum's own hash is computed in Python, and every record looks its state up several times.
    __hash__ = object.__hash__

    @property
    def is_kept(self) -> bool:
        """Whether the record is durable now."""
        return self is State.STORED or self is State.DUPLICATE or self is State.QUEUED

    @property
    def is_refusal(self) -> bool:
        """Whether the record itself is at fault, so that repeating it cannot help."""
        return self is State.CONFLICT or self is State.REJECTED


class Flaw(msgspec.Struct, frozen=True, kw_only=True):
    """One broken rule. pointer: a JSON Pointer into the record, such as `/event_timestamp`; empty for the whole.

    reason: a short name of the rule, for metrics.
    """

    pointer: str
    message: str
    reason: str


class Outcome(msgspec.Struct, frozen=True, kw_only=True):
    """What became of one record.

    record: the record as it was handed in or, where the table returns it, as it is stored. flaws: why it was rejected.
    cause: why it was rejected, unavailable or unknown, for operators. month: the partition that is to blame.
    alone: the failure concerns this record and no other.
    """

    state: State
    record: Any = None
    flaws: tuple[Flaw, ...] = ()
    cause: str = ""
    month: date | None = None
    alone: bool = False

    @property
    def lacks_parent(self) -> bool:
        """Whether it was rejected because its parent is not stored."""
        return any(flaw.reason == "no_parent" for flaw in self.flaws)
