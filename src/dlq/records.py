"""What travels between the queue and those who use it."""

from __future__ import annotations

import enum
from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Literal, Protocol, TypeAlias

__all__ = [
    "EVENTS",
    "LAST_ERROR_LIMIT",
    "NOTIFICATIONS",
    "Adopt",
    "Adoptable",
    "Disposition",
    "DispositionKind",
    "Entry",
    "Item",
    "Located",
    "QueueNames",
    "QueueState",
    "Sink",
    "instant",
    "instant_or_none",
    "milliseconds",
    "parse_entry",
]

#: Characters of an error that are kept with an entry.
LAST_ERROR_LIMIT = 256

#: What there are queues for.
QueueName: TypeAlias = Literal["events", "notifications"]


@dataclass(frozen=True, slots=True, kw_only=True)
class QueueNames:
    """One queue: its short name, the type that its entries bear, and its keys in Redis."""

    name: QueueName
    entry_type: str
    stream: str
    dead: str
    group: str = "replay"

    @property
    def index(self) -> str:
        """Hash: id of a queued record -> its entry and the digest of its content."""
        return f"{self.stream}:index"

    @property
    def waiting(self) -> str:
        """Sorted set: entries that failed alone, by due time."""
        return f"{self.stream}:waiting"

    @property
    def dead_index(self) -> str:
        """Hash: id of a record -> its dead letter."""
        return f"{self.dead}:index"


EVENTS = QueueNames(name="events", entry_type="audit_event", stream="audit:dlq:events", dead="audit:dead-letter:events")
NOTIFICATIONS = QueueNames(
    name="notifications",
    entry_type="notification",
    stream="audit:dlq:notifications",
    dead="audit:dead-letter:notifications",
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Item:
    """A record to queue. digest: equal for equal content, whatever its spelling.

    trace: `traceparent` of the request that it came with, where that is traced; the same in all records of one call.
    """

    id: str
    digest: str
    payload: bytes
    trace: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Entry:
    """A queued record as it was read. attempts: how often it failed alone. trace: see Item."""

    entry_id: str
    type: str
    id: str
    payload: bytes
    enqueued_at: datetime
    attempts: int
    due_at: datetime
    last_error: str
    trace: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Located:
    """Where a record is: state is `queued` or `dead_letter`. payload is empty where it cannot be read."""

    state: str
    digest: str
    payload: bytes
    since: datetime
    attempts: int
    last_error: str


@dataclass(frozen=True, slots=True, kw_only=True)
class QueueState:
    """One look at a queue. oldest: when its oldest entry was queued; ratio is depth : capacity, exactly."""

    name: QueueName
    depth: int
    capacity: int
    dead_letters: int
    oldest: datetime | None

    @property
    def ratio(self) -> float:
        """Fullness, 1.0 at capacity."""
        return self.depth / self.capacity


@dataclass(frozen=True, slots=True, kw_only=True)
class Adoptable:
    """What an entry of another form holds."""

    item: Item
    enqueued_at: datetime
    last_error: str


#: Reads the fields of an entry in another form; None if they are in none that it knows. Raises ValueError.
Adopt: TypeAlias = Callable[[Mapping[bytes, bytes]], Adoptable | None]


class DispositionKind(enum.Enum):
    """What is to be done with one entry that a sink was given; the values are those of the metric."""

    #: Settle it: the record is stored now.
    STORED = "stored"
    #: Settle it: the record was stored before with the same content.
    DUPLICATE = "duplicate"
    #: Keep it: no store takes it now, which is not its fault; no attempt is counted.
    KEEP = "held"
    #: Delay it: it failed alone, perhaps not for ever.
    DELAY = "failed"
    #: Dead-letter it at once: it can never be stored.
    DEAD_LETTER = "refused"
    #: Keep it for a version that knows its type; no attempt is counted.
    POSTPONE = "unknown"


@dataclass(frozen=True, slots=True)
class Disposition:
    """A sink's answer for one entry. error: for operators; no driver text, no payload."""

    kind: DispositionKind
    error: str = ""


class Sink(Protocol):
    """Where replayed entries go."""

    def ready(self) -> Awaitable[None]:
        """Return when it is worth trying."""

    def store(self, entries: Sequence[Entry]) -> Awaitable[Sequence[Disposition]]:
        """Store what can be stored; one disposition for each entry, in order. Repeating an entry must be harmless."""


def milliseconds(moment: datetime) -> int:
    """Unix time in ms, as entries keep it."""
    return round(moment.timestamp() * 1000)


def instant(value: bytes | int) -> datetime:
    """The moment of a Unix time in ms."""
    return datetime.fromtimestamp(int(value) / 1000, UTC)


def instant_or_none(value: bytes | None) -> datetime | None:
    """As `instant`; None for what is no time at all."""
    try:
        return instant(value) if value else None
    except (ValueError, OverflowError, OSError):
        return None


def parse_entry(entry_id: str, fields: Mapping[bytes, bytes]) -> Entry:
    """The entry of these stream fields.

    Raises ValueError, naming the field, when one is absent or malformed.
    """
    try:
        return Entry(
            entry_id=entry_id,
            type=fields[b"type"].decode(),
            id=fields[b"id"].decode(),
            payload=fields[b"payload"],
            enqueued_at=instant(fields[b"enqueued_at"]),
            attempts=int(fields[b"attempts"]),
            due_at=instant(fields[b"due_at"]),
            last_error=fields[b"last_error"].decode(errors="replace"),
            trace=fields.get(b"trace", b"").decode(errors="replace"),
        )
    except KeyError as error:
        raise ValueError(f"the entry lacks the field {error.args[0].decode()}") from None
    except (ValueError, OverflowError, OSError):
        raise ValueError("a field of the entry is malformed") from None
