"""AsyncBufferedAuditStore: the same store for programs that run on an asyncio event loop."""

from __future__ import annotations

import asyncio
import atexit
import logging
import threading
import time
from contextlib import suppress
from typing import Any

import httpx

from datastorage_client.buffered.base import StoreBase
from datastorage_client.buffered.core import Batch, Core
from datastorage_client.buffered.encoding import Event
from datastorage_client.errors import StoreClosedError

__all__ = ["AsyncBufferedAuditStore"]

_log = logging.getLogger("datastorage_client")
_AFTER_A_DEFECT = 1.0


class AsyncBufferedAuditStore(StoreBase):
    """Takes audit events without waiting; a task of the event loop delivers each exactly once, or reports it.

    Use it with `async with`, or call `start` first and `aclose` last. Where the loop ends before that, what is there is
    delivered within `close_timeout` or reported, if the loop lets its tasks end, as asyncio.run does; else reported.
    Arguments, settings and errors are those of BufferedAuditStore; the token may also come from a coroutine function,
    and the callbacks are called in the loop.
    """

    def __init__(self, base_url: str, **arguments: Any) -> None:
        super().__init__(base_url, **arguments)
        self._core = self._new_core()
        self._task: asyncio.Task[None] | None = None
        self._complete = True

    async def start(self) -> AsyncBufferedAuditStore:
        """Start to deliver, in the running loop. Raises StoreClosedError."""
        if self._core is None or self._core.closed:
            raise StoreClosedError("the audit store is closed")
        if self._task is None:
            self._loop, self._loop_thread = asyncio.get_running_loop(), threading.get_ident()
            self._wake, self._changed = asyncio.Event(), asyncio.Event()
            self._task = self._loop.create_task(self._run(self._core), name="datastorage-audit")
            atexit.register(self._give_up, self._core)
        return self

    def store(self, event: Event) -> str | None:
        """Take an event and return its id; None where `when_full` dropped it. Never waits: for `block` see `put`.

        From any thread. Raises InvalidEventError, BufferFullError, StoreClosedError, and RuntimeError before `start`.
        """
        event_id, payload = self._encoded(event)
        core = self._ready()
        taken, wake = core.offer(payload)
        if wake:
            self._rouse()
        return event_id if taken else None

    async def put(self, event: Event) -> str | None:
        """As `store`, but with `when_full="block"` wait up to `block_timeout` seconds for room."""
        event_id, payload = self._encoded(event)
        core = self._ready()
        deadline = time.monotonic() + self.settings.block_timeout
        while self.settings.when_full == "block":
            taken, wake = core.offer(payload, patient=True)
            if wake:
                self._rouse()
            if taken:
                return event_id
            if not await self._change(deadline):
                break
        taken, _ = core.offer(payload)
        self._rouse()
        return event_id if taken else None

    async def flush(self, timeout: float | None = None) -> bool:
        """Wait until every event taken so far is delivered or reported; False after `timeout` seconds (None: never)."""
        core = self._ready()
        deadline = None if timeout is None else time.monotonic() + timeout
        through = core.accepted()
        self._rouse()
        while not core.settled(through):
            if not await self._change(deadline):
                core.calm()
                return False
        return True

    async def aclose(self, timeout: float | None = None) -> bool:
        """Take no more events and deliver what is there; see BufferedAuditStore.close. May be called again."""
        core, task = self._core, self._task
        if core is None or task is None:
            return True
        core.close()
        self._rouse()
        await asyncio.wait([task], timeout=self.settings.close_timeout if timeout is None else timeout)
        self._give_up(core)
        if not task.done():
            task.cancel()
            await asyncio.wait([task])
        self._announce()
        return self._complete

    async def __aenter__(self) -> AsyncBufferedAuditStore:  # noqa: PYI034 - Self needs Python 3.11
        return await self.start()

    async def __aexit__(self, *_: object) -> None:
        await self.aclose()

    def _give_up(self, core: Core) -> None:
        """Deliver nothing more, and report what that leaves over; at the end of the process, too."""
        atexit.unregister(self._give_up)
        if not core.halted:
            self._complete = self._report_lost(core) and self._complete

    def _ready(self) -> Core:
        if self._task is None or self._core is None:
            raise RuntimeError("the audit store is not started: use `async with`, or await start() first")
        return self._core

    def _rouse(self) -> None:
        if threading.get_ident() == self._loop_thread:
            self._wake.set()
        else:
            self._loop.call_soon_threadsafe(self._wake.set)

    def _announce(self) -> None:
        changed, self._changed = self._changed, asyncio.Event()
        changed.set()

    async def _change(self, deadline: float | None) -> bool:
        """Wait for the next batch to end; False at the deadline."""
        left = None if deadline is None else max(deadline - time.monotonic(), 0)
        try:
            await asyncio.wait_for(self._changed.wait(), left)
        except asyncio.TimeoutError:
            return False
        return True

    async def _run(self, core: Core) -> None:
        async with httpx.AsyncClient(**self._client_arguments()) as http:
            try:
                await self._until_closed(core, http)
            except asyncio.CancelledError:
                await self._deliver_at_last(core, http)
                raise

    async def _until_closed(self, core: Core, http: httpx.AsyncClient) -> None:
        while await self._step(core, http):
            pass

    async def _deliver_at_last(self, core: Core, http: httpx.AsyncClient) -> None:
        """The loop ends: deliver what is there, for at most `close_timeout`, and report the rest."""
        if not core.halted:
            core.close()
            with suppress(asyncio.TimeoutError, asyncio.CancelledError):
                await asyncio.wait_for(self._until_closed(core, http), self.settings.close_timeout)
            self._give_up(core)

    async def _step(self, core: Core, http: httpx.AsyncClient) -> bool:
        try:
            self._report_dropped(core)
            wait = core.due()
            if wait is None and core.closed:
                return False
            if wait is None or wait > 0:
                await self._sleep(wait)
            elif batch := core.take():
                await self._deliver(core, http, batch)
            self._announce()
        except Exception:  # noqa: BLE001 - events must go on whatever happens to one batch
            _log.exception("the audit store's task goes on after a defect")
            await asyncio.sleep(_AFTER_A_DEFECT)
        return True

    async def _sleep(self, wait: float | None) -> None:
        try:
            await asyncio.wait_for(self._wake.wait(), wait)
        except asyncio.TimeoutError:
            return
        self._wake.clear()

    async def _deliver(self, core: Core, http: httpx.AsyncClient, batch: Batch) -> None:
        started = time.monotonic()
        answer: httpx.Response | Exception
        try:
            answer = await http.request(**self._request(batch))
        except asyncio.CancelledError:
            if not core.halted:
                self._settle(core, batch, ConnectionError("the task was cancelled"), started)
            raise
        except Exception as error:  # noqa: BLE001 - whatever it was, the events are kept and sent again
            answer = error
        self._settle(core, batch, answer, started)
