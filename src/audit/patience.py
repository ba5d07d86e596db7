"""Writes that may hang: waited for as long as PostgreSQL is there, left to themselves when it is not."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Coroutine
from typing import Any, TypeVar

from audit.breaker import Breaker
from repository.errors import CommitUnknownError, DatabaseUnavailableError
from telemetry.logs import get_logger

__all__ = ["PatientWrites"]

Answer = TypeVar("Answer")
_log = get_logger(__name__)


class PatientWrites:
    """Runs writes as long as PostgreSQL is taken for there.

    patience: seconds after which a write that hangs has PostgreSQL probed. A write that hangs when the breaker opens is
    left to itself.
    """

    def __init__(self, breaker: Breaker, patience: float) -> None:
        self._breaker = breaker
        self._patience = patience
        self._left_alone: set[asyncio.Task[Any]] = set()

    async def run(self, write: Callable[[], Coroutine[Any, Any, Answer]]) -> Answer:
        """What `write` returns or raises.

        Raises DatabaseUnavailableError without trying while the breaker is open, CommitUnknownError for a write that
        was left to itself.
        """
        if self._breaker.is_open:
            raise DatabaseUnavailableError
        writing = asyncio.create_task(write(), name="commit")
        done, _ = await asyncio.wait([writing], timeout=self._patience)
        if not done:
            await self._watch(writing)
        if writing.done():
            return writing.result()
        self._left_alone.add(writing)
        writing.add_done_callback(self._forget)
        writing.cancel()  # asks PostgreSQL to cancel, and closes the connection if that is not answered either
        raise CommitUnknownError

    async def _watch(self, writing: asyncio.Task[Any]) -> None:
        """Wait for a slow write; return early when PostgreSQL turns out to be gone."""
        opened = asyncio.create_task(self._breaker.opened())
        try:
            while not writing.done() and not opened.done():
                self._breaker.suspect()
                await asyncio.wait([writing, opened], timeout=self._patience, return_when=asyncio.FIRST_COMPLETED)
        finally:
            opened.cancel()

    def _forget(self, writing: asyncio.Task[Any]) -> None:
        self._left_alone.discard(writing)
        if not writing.cancelled() and (error := writing.exception()):
            _log.info("a write that hung has ended", cause=type(error).__name__)
