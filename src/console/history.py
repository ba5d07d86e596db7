"""Depth and age of the queues over the last hour, as this process saw them."""

from __future__ import annotations

import asyncio
from collections import deque
from collections.abc import Awaitable, Callable, Sequence
from datetime import datetime

import msgspec

from dlq import QueueError, QueueState
from telemetry.clock import Clock

__all__ = ["QueueHistory", "Sample"]

_KEPT = 360


class Sample(msgspec.Struct, frozen=True):
    """One look at one queue. age: seconds that its oldest entry has waited."""

    at: datetime
    depth: int
    age: float
    dead_letters: int


class QueueHistory:
    """Looks at the queues every `interval` seconds, and remembers the last 360 looks."""

    def __init__(
        self, states: Callable[[], Awaitable[Sequence[QueueState]]], clock: Clock, *, interval: float = 10.0
    ) -> None:
        self._states = states
        self._clock = clock
        self._interval = interval
        self._samples: dict[str, deque[Sample]] = {}

    async def run(self) -> None:
        """Run until cancelled."""
        while True:
            await self.look()
            await asyncio.sleep(self._interval)

    async def look(self) -> None:
        """Take one sample of each queue; none while Redis does not answer."""
        try:
            states = await self._states()
        except QueueError:
            return
        now = self._clock()
        for state in states:
            age = max(0.0, (now - state.oldest).total_seconds()) if state.oldest else 0.0
            sample = Sample(now, state.depth, age, state.dead_letters)
            self._samples.setdefault(state.name, deque(maxlen=_KEPT)).append(sample)

    def of(self, queue: str) -> Sequence[Sample]:
        """The samples of one queue, oldest first."""
        return tuple(self._samples.get(queue, ()))
