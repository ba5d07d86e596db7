"""Background loops that never end silently: what fails is started again, with back-off, a metric and a log line."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from contextvars import Context
from time import monotonic

from telemetry.logs import get_logger
from telemetry.metrics import BACKGROUND_RESTARTS

__all__ = ["supervised"]

_log = get_logger(__name__)
#: Seconds until the first restart, and at the most; one that ran for that long starts with the first again.
_FIRST, _MOST = 0.25, 30.0


def supervised(name: str, run: Callable[[], Awaitable[object]]) -> asyncio.Task[None]:
    """Run a loop that should never end, until its task is cancelled."""
    return asyncio.create_task(_supervise(name, run), name=name, context=Context())  # of no request


async def _supervise(name: str, run: Callable[[], Awaitable[object]]) -> None:
    pause, restarts = _FIRST, BACKGROUND_RESTARTS.labels(name)  # it is there, and 0, from the start
    while True:
        began = monotonic()
        try:
            await run()
            cause = "it ended"
        except Exception as error:  # noqa: BLE001 - whatever it met, the loop must go on
            _log.exception("background loop failed", loop=name)
            cause = type(error).__name__
        pause = _FIRST if monotonic() - began > _MOST else min(2 * pause, _MOST)
        restarts.inc()
        _log.error("background loop is started again", loop=name, cause=cause, pause_seconds=pause)
        await asyncio.sleep(pause)
