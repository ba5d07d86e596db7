"""How much one process has in hand: what is more is refused at once, so that what was taken keeps its latency."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

import msgspec

from telemetry.metrics import REQUESTS_SHED
from web.problems import Problem

__all__ = ["Admission", "AdmissionLimits", "Ticket"]


class AdmissionLimits(msgspec.Struct, frozen=True, kw_only=True):
    """Requests that read, requests that write, and bytes of bodies, each at once in one process."""

    reads: int
    writes: int
    body_bytes: int


class Admission:
    """Counts what is in hand. Reads and writes apart: slow queries must not keep events out.

    One event loop uses it: nothing is locked.
    """

    def __init__(self, limits: AdmissionLimits) -> None:
        self._most = {"reads": limits.reads, "writes": limits.writes}
        self._in_hand = {"reads": 0, "writes": 0}
        self._most_bytes = limits.body_bytes
        self._bytes = 0

    @contextmanager
    def admitted(self, *, writes: bool) -> Iterator[Ticket]:
        """A place for one request until the block ends. Raises Problem service-unavailable."""
        kind = "writes" if writes else "reads"
        if self._in_hand[kind] >= self._most[kind]:
            raise _shed(kind, f"The service has as many {kind} in hand as it takes at once.")
        self._in_hand[kind] += 1
        ticket = Ticket(self)
        try:
            yield ticket
        finally:
            self._in_hand[kind] -= 1
            self._bytes -= ticket.taken

    def take(self, size: int) -> None:
        """Count `size` bytes of a body. Raises Problem service-unavailable."""
        if self._bytes + size > self._most_bytes:
            raise _shed("bytes", "The service has as many bytes of request bodies in hand as it takes at once.")
        self._bytes += size


class Ticket:
    """The place of one request; what it takes is given back with it."""

    def __init__(self, admission: Admission) -> None:
        self._admission = admission
        self.taken = 0

    def take(self, size: int) -> None:
        """Count `size` bytes of the request's body. Raises Problem service-unavailable."""
        self._admission.take(size)
        self.taken += size


def _shed(limit: str, reason: str) -> Problem:
    REQUESTS_SHED.labels(limit).inc()
    return Problem("service-unavailable", f"{reason} Nothing was changed; ask again.", headers={"Retry-After": "1"})
