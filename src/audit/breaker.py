"""The circuit breaker in front of PostgreSQL, and the probe that closes it again.

Without it every request of an outage would wait for a connection that does not come. Open means: PostgreSQL is taken
for away, and writes go straight to the queue.
"""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Coroutine
from contextvars import Context

from telemetry.logs import get_logger
from telemetry.metrics import BREAKER_OPEN, BREAKER_OPENED

__all__ = ["Breaker"]

_log = get_logger(__name__)

#: Makes sure that PostgreSQL takes writes, by a connection of its own; raises if it does not.
Probe = Callable[[], Awaitable[None]]


class Breaker:
    """One per process.

    threshold: failures in a row that open it. interval: seconds between probes while it is open. doubt: seconds within
    which PostgreSQL must answer a probe while a write hangs; patience is the same while the breaker is open.
    """

    def __init__(
        self, probe: Probe, *, threshold: int, interval: float, doubt: float = 0.35, patience: float = 1.0
    ) -> None:
        self._probe = probe
        self._threshold = threshold
        self._interval = interval
        self._doubt = doubt
        self._patience = patience
        self._failures = 0
        self._opened = asyncio.Event()
        self._closed = asyncio.Event()
        self._closed.set()
        self._task: asyncio.Task[None] | None = None

    @property
    def is_open(self) -> bool:
        """Whether PostgreSQL is considered down."""
        return self._opened.is_set()

    async def opened(self) -> None:
        """Return as soon as the breaker is open."""
        await self._opened.wait()

    async def closed(self) -> None:
        """Return as soon as the breaker is closed."""
        await self._closed.wait()

    def success(self) -> None:
        """A write worked."""
        self._failures = 0

    def failure(self) -> None:
        """A write failed because PostgreSQL was not there."""
        self._failures += 1
        if self._failures >= self._threshold and not self.is_open:
            self._open("a write failed")

    def suspect(self) -> None:
        """A write hangs: probe PostgreSQL now, in the background, and open if it does not answer either."""
        if not self.is_open and self._task is None:
            self._start(self._check_suspicion())

    async def stop(self) -> None:
        """End the background probe."""
        if self._task is not None:
            self._task.cancel()
            await asyncio.wait([self._task])

    def _open(self, cause: str) -> None:
        _log.warning("PostgreSQL is away: writes go to the queue", cause=cause)
        BREAKER_OPEN.set(1)
        BREAKER_OPENED.inc()
        self._closed.clear()
        self._opened.set()
        if self._task is None:
            self._start(self._heal())

    def _close(self) -> None:
        _log.info("PostgreSQL is back: writes go there again")
        BREAKER_OPEN.set(0)
        self._failures = 0
        self._opened.clear()
        self._closed.set()

    def _start(self, work: Coroutine[None, None, None]) -> None:
        self._task = asyncio.create_task(self._run(work), context=Context(), name="breaker")  # of no request

    async def _run(self, work: Coroutine[None, None, None]) -> None:
        try:
            await work
        finally:
            self._task = None
        if self.is_open:  # opened while a suspicion was being checked
            self._start(self._heal())

    async def _check_suspicion(self) -> None:
        if not await self._answers(self._doubt) and not self.is_open:
            self._open("a write hangs and a probe was not answered")

    async def _heal(self) -> None:
        while not await self._answers(self._patience):  # noqa: ASYNC110 - nobody tells us that PostgreSQL is back
            await asyncio.sleep(self._interval)
        self._close()

    async def _answers(self, seconds: float) -> bool:
        try:
            async with asyncio.timeout(seconds):
                await self._probe()
        except Exception as error:  # noqa: BLE001 - whatever the probe met, PostgreSQL is not usable
            _log.debug("probe failed", cause=type(error).__name__)
            return False
        return True
