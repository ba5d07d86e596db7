"""How many bytes of request bodies one process has in hand: what is more is refused at once."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

from telemetry.metrics import REQUESTS_SHED
from web.problems import Problem

__all__ = ["Admission", "Ticket"]


class Admission:
    """Counts what is in hand, at most `most` bytes. How many requests there are is for the turnstiles to count.

    One event loop uses it: nothing is locked.
    """

    def __init__(self, most: int) -> None:
        self._most = most
        self._bytes = 0

    @contextmanager
    def admitted(self) -> Iterator[Ticket]:
        """The ticket of one request, until the block ends."""
        ticket = Ticket(self)
        try:
            yield ticket
        finally:
            self._bytes -= ticket.taken

    def take(self, size: int) -> None:
        """Count `size` bytes of a body. Raises Problem service-unavailable."""
        if self._bytes + size > self._most:
            REQUESTS_SHED.labels("bytes").inc()
            raise Problem(
                "service-unavailable",
                "The service has as many bytes of request bodies in hand as it takes at once."
                " Nothing was changed; ask again.",
                headers={"Retry-After": "1"},
            )
        self._bytes += size


class Ticket:
    """What one request takes is given back with it."""

    def __init__(self, admission: Admission) -> None:
        self._admission = admission
        self.taken = 0

    def take(self, size: int) -> None:
        """Count `size` bytes of the request's body. Raises Problem service-unavailable."""
        self._admission.take(size)
        self.taken += size
