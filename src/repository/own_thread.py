"""Blocking work in a thread that nobody waits for at the end of the process."""

from __future__ import annotations

import asyncio
import threading
from collections.abc import Callable
from typing import TypeVar

__all__ = ["in_own_thread"]

Answer = TypeVar("Answer")


async def in_own_thread(work: Callable[[], Answer]) -> Answer:
    """What `work` returns or raises, from a daemon thread.

    asyncio.to_thread would do, but the loop waits for its threads when it ends, and a connection to a PostgreSQL that
    hangs may never return.
    """
    loop = asyncio.get_running_loop()
    result: asyncio.Future[Answer] = loop.create_future()

    def settle(set_it: Callable[[], None]) -> None:
        if not result.done():  # its caller may be gone
            set_it()

    def run() -> None:
        try:
            answer = work()
        except Exception as error:  # noqa: BLE001 - it belongs to the caller
            failure = error
            _tell(loop, lambda: settle(lambda: result.set_exception(failure)))
        else:
            _tell(loop, lambda: settle(lambda: result.set_result(answer)))

    threading.Thread(target=run, daemon=True).start()
    return await result


def _tell(loop: asyncio.AbstractEventLoop, what: Callable[[], None]) -> None:
    if not loop.is_closed():
        loop.call_soon_threadsafe(what)
