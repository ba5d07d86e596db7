"""The state of a buffered store and every decision about it. No I/O and no thread of its own: a driver sends."""

from __future__ import annotations

import threading
import time
from bisect import bisect_left
from collections.abc import Callable
from dataclasses import dataclass, field
from itertools import groupby

from datastorage_client._retry import backoff
from datastorage_client.buffered.encoding import event_id_of
from datastorage_client.buffered.memory import Buffer, Entry, MemoryBuffer
from datastorage_client.buffered.settings import StoreSettings
from datastorage_client.buffered.spill import SpillBuffer
from datastorage_client.buffered.verdicts import Verdict
from datastorage_client.errors import BufferFullError, StoreClosedError

__all__ = ["DURATION_BUCKETS", "Batch", "Core", "Stats"]

DURATION_BUCKETS = (0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 5.0, 10.0)


@dataclass
class Stats:
    """What a store has counted since it was made."""

    buffered: int = 0
    written: int = 0
    rejected: int = 0
    dropped: int = 0
    batches_failed: int = 0
    #: Events that wait or are under way now, of how many, and how full that is (0 to 1).
    size: int = 0
    capacity: int = 0
    utilization: float = 0.0
    #: Requests by duration: one count for each bucket, and one beyond.
    durations: list[int] = field(default_factory=lambda: [0] * (len(DURATION_BUCKETS) + 1))
    seconds: float = 0.0


@dataclass(frozen=True)
class Batch:
    """Events of one request."""

    entries: list[Entry]
    #: How many events had been given out when this batch was complete.
    through: int
    #: Whether the service is asked to take the good events and to refuse the others one by one.
    lenient: bool

    def body(self) -> bytes:
        """The JSON array."""
        return b"[" + b",".join([entry.payload for entry in self.entries]) + b"]"

    def ids(self) -> list[str]:
        """The events' ids in order."""
        return [event_id_of(entry.payload) for entry in self.entries]


class Core:
    """Events between `offer` and their settlement. Thread-safe; one driver takes batches, one at a time."""

    def __init__(self, settings: StoreSettings, buffer: Buffer, *, clock: Callable[[], float] = time.monotonic) -> None:
        self._settings = settings
        self._buffer = buffer
        self._clock = clock
        #: Reentrant: a signal handler or a destructor may store while its thread is in here.
        self.lock = threading.RLock()
        self.stats = Stats(capacity=settings.buffer_size)
        self.closed = False
        self._halted = False
        self._hurry = False
        self._again: list[Entry] = []
        self._under_way: Batch | None = None
        self._failures = 0
        self._retry_at = 0.0
        self._limit = settings.batch_size
        self._lenient = False
        self._since_take = 0
        self._first_at = clock()
        self._accepted = buffer.waiting()
        self._settled_through = 0
        self._dropped: list[tuple[bytes, str]] = []

    # -- events come in -----------------------------------------------------------------------------------------

    def offer(self, payload: bytes, *, patient: bool = False) -> tuple[bool, bool]:
        """Take an event: (whether it was taken, whether the driver should look). patient: the caller asks again.

        Raises StoreClosedError, and BufferFullError where `when_full` does not say what to drop.
        """
        with self.lock:
            if self.closed:
                raise StoreClosedError("the audit store is closed")
            if self._buffer.append(payload):
                return True, self._taken_in()
            return (not patient and self._when_full(payload)), True

    def _taken_in(self) -> bool:
        self._accepted += 1
        self.stats.buffered += 1
        self._since_take += 1
        if self._since_take == 1:
            self._first_at = self._clock()
            return True
        return self._since_take == self._settings.batch_size

    def _when_full(self, payload: bytes) -> bool:
        self.stats.dropped += 1
        policy = self._settings.when_full
        if policy == "drop_oldest" and isinstance(self._buffer, MemoryBuffer):
            oldest = self._buffer.drop_oldest()
            if oldest is not None and self._buffer.append(payload):
                self._dropped.append((oldest, "buffer full"))
                self._taken_in()
                return True
        if policy in {"drop_oldest", "drop_newest"}:
            self._dropped.append((payload, "buffer full"))
            return False
        raise BufferFullError(f"{self.unsettled()} audit events wait for delivery; nothing more fits")

    def dropped(self) -> list[tuple[bytes, str]]:
        """Events that were dropped since the last call, and why."""
        with self.lock:
            dropped, self._dropped = self._dropped, []
            return dropped

    # -- batches go out -----------------------------------------------------------------------------------------

    def due(self) -> float | None:
        """Seconds until the next batch should be taken; None where there is nothing to send."""
        with self.lock:
            held = len(self._again) + self._buffer.waiting()
            if not held or self._halted:
                return None
            now = self._clock()
            if now < self._retry_at:
                return self._retry_at - now
            if self._again or self._hurry or self.closed or held >= self._settings.batch_size:
                return 0.0
            return max(self._first_at + self._settings.flush_interval - now, 0.0)

    def take(self) -> Batch | None:
        """The next batch: what has to be sent again first. None where there is nothing to send."""
        with self.lock:
            entries, self._again = self._again[: self._limit], self._again[self._limit :]
            room = self._settings.batch_max_bytes - sum(len(entry.payload) + 1 for entry in entries)
            if len(entries) < self._limit and room > 0:
                more = self._buffer.take(self._limit - len(entries), room)
                if entries and more and len(more[0].payload) > room:
                    self._again = more
                else:
                    entries += more
            waiting = self._buffer.waiting()
            self._since_take, self._first_at = min(waiting, 1), self._clock()
            if not entries or self._halted:
                return None
            self._under_way = Batch(entries, self._accepted - waiting, self._lenient)
            return self._under_way

    def finish(self, verdict: Verdict, seconds: float) -> float:
        """Settle the batch that was taken last; how long to wait before the next one, for the log. seconds: it took."""
        with self.lock:
            batch, self._under_way = self._under_way, None
            if batch is None or self._halted:
                return 0.0
            self.stats.written += len(verdict.delivered)
            self.stats.rejected += len(verdict.rejected)
            self.stats.seconds += seconds
            self.stats.durations[bisect_left(DURATION_BUCKETS, seconds)] += 1
            _settle([batch.entries[index] for index in (*verdict.delivered, *(at for at, _ in verdict.rejected))])
            self._again = [batch.entries[index] for index in verdict.again] + self._again
            if not self._again:
                self._settled_through = batch.through
            return self._pace(batch, verdict)

    def _pace(self, batch: Batch, verdict: Verdict) -> float:
        if verdict.split:  # first ask for each event's own fate; where that is refused too, halve
            self._limit = max(len(batch.entries) // 2, 1) if batch.lenient else self._limit
            self._lenient = True
            return 0.0
        if not verdict.failure:
            self._limit = min(self._limit * 2, self._settings.batch_size)
            self._failures, self._lenient = 0, False
            return 0.0
        self._failures += 1
        self.stats.batches_failed += 1
        longest = min(self._settings.retry_max, 1.0) if self.closed else self._settings.retry_max
        wait = max(verdict.wait, backoff(self._failures, min(self._settings.retry_initial, longest), longest))
        self._retry_at = self._clock() + wait
        return wait

    # -- flush and close ----------------------------------------------------------------------------------------

    @property
    def halted(self) -> bool:
        """Whether `halt` was called: everything was settled or reported."""
        return self._halted

    def accepted(self) -> int:
        """How many events were taken so far; for `settled`."""
        with self.lock:
            self._hurry = True
            return self._accepted

    def settled(self, through: int) -> bool:
        """Whether the first `through` events that were taken are delivered or reported."""
        with self.lock:
            if not self._again and self._under_way is None:
                self._settled_through = self._accepted - self._buffer.waiting()
                if not self._buffer.waiting():
                    self._hurry = False
            return self._settled_through >= through

    def calm(self) -> None:
        """Nobody waits for a flush any more: batches fill again."""
        with self.lock:
            self._hurry = False

    def close(self) -> None:
        """Take no more events, and send what is there without waiting for more, or for the end of a pause."""
        with self.lock:
            self.closed, self._retry_at = True, 0.0

    def unsettled(self) -> int:
        """Events that wait or are under way."""
        with self.lock:
            return self._buffer.unsettled()

    def halt(self) -> list[tuple[bytes, str]]:
        """Send nothing more and let go of files. What is lost by that: events in memory, each with the reason."""
        with self.lock:
            if self._halted:
                return []
            lost: list[tuple[bytes, str]] = []
            if isinstance(self._buffer, MemoryBuffer):
                sent = self._under_way.entries if self._under_way else []
                lost += [(entry.payload, "closed while it was being sent") for entry in sent]
                entries = [*self._again, *self._buffer.take(self._accepted, 1 << 62)]
                lost += [(entry.payload, "closed before it could be delivered") for entry in entries]
                self._buffer.settle(range(len(lost)))
                self.stats.dropped += len(lost)
            self.closed = self._halted = True
            self.snapshot()
            self._buffer.close()
            return lost

    def abandon(self) -> None:
        """Let go of files without a change: in a forked child, whose parent goes on with them. Takes no lock."""
        if isinstance(self._buffer, SpillBuffer):
            self._buffer.abandon()

    def snapshot(self) -> Stats:
        """The counters, with the present size."""
        with self.lock:
            if not self._halted:
                self.stats.size, self.stats.utilization = self._buffer.unsettled(), self._buffer.fill()
            return self.stats


def _settle(entries: list[Entry]) -> None:
    for _, group in groupby(entries, key=lambda entry: id(entry.holder)):
        of_one = list(group)
        of_one[0].holder.settle([entry.number for entry in of_one])
