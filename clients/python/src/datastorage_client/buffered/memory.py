"""Events that wait in memory."""

from __future__ import annotations

from collections import deque
from collections.abc import Sequence
from typing import NamedTuple, Protocol

__all__ = ["Buffer", "Entry", "Holder", "MemoryBuffer"]


class Entry(NamedTuple):
    """An encoded event, and its place in the order in which its buffer took events."""

    number: int
    payload: bytes
    holder: Holder


class Holder(Protocol):
    """Where an event is until it is settled."""

    def settle(self, numbers: Sequence[int]) -> None:
        """Forget events that `take` gave: they were delivered, or reported."""
        ...


class Buffer(Protocol):
    """Takes events and gives them out, each once. Not thread-safe: its user holds a lock."""

    def append(self, payload: bytes) -> bool:
        """Take an event; False where it does not fit."""
        ...

    def take(self, most: int, most_bytes: int) -> list[Entry]:
        """The next events in order of arrival, each given once. At least one if there is one, whatever its size."""
        ...

    def waiting(self) -> int:
        """Events that `take` has not given."""
        ...

    def fill(self) -> float:
        """How full it is, 0 to 1."""
        ...

    def close(self) -> None:
        """Let go of files, if it has any. What is not settled stays in them."""
        ...

    def unsettled(self) -> int:
        """All events that it holds."""
        ...


class MemoryBuffer:
    """At most `capacity` events, those that are being sent among them."""

    def __init__(self, capacity: int) -> None:
        self._capacity = capacity
        self._waiting: deque[bytes] = deque()
        self._next = 0
        self._unsettled = 0

    def append(self, payload: bytes) -> bool:
        """See Buffer."""
        if self._unsettled >= self._capacity:
            return False
        self._waiting.append(payload)
        self._next += 1
        self._unsettled += 1
        return True

    def take(self, most: int, most_bytes: int) -> list[Entry]:
        """See Buffer."""
        entries: list[Entry] = []
        size = 0
        while self._waiting and len(entries) < most:
            size += len(self._waiting[0]) + 1
            if entries and size > most_bytes:
                break
            entries.append(Entry(self._next - len(self._waiting), self._waiting.popleft(), self))
        return entries

    def drop_oldest(self) -> bytes | None:
        """Forget the event that has waited longest; None where all are being sent."""
        if not self._waiting:
            return None
        self._unsettled -= 1
        return self._waiting.popleft()

    def settle(self, numbers: Sequence[int]) -> None:
        """See Holder."""
        self._unsettled -= len(numbers)

    def waiting(self) -> int:
        """See Buffer."""
        return len(self._waiting)

    def unsettled(self) -> int:
        """See Buffer."""
        return self._unsettled

    def fill(self) -> float:
        """See Buffer."""
        return self._unsettled / self._capacity

    def close(self) -> None:
        """See Buffer."""
