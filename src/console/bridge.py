"""The console as an ASGI application: Flask in a few threads, streams on the event loop, both bounded."""

from __future__ import annotations

import asyncio
import math
import time
from collections.abc import Awaitable, Callable, Mapping
from typing import Any

from a2wsgi import WSGIMiddleware
from flask import Flask

from console.api import Call

__all__ = ["CALL_KEY", "ConsoleApp", "CpuBudget"]

ASGIApp = Callable[[Any, Any, Any], Awaitable[None]]
#: Where a request's Call is in its scope.
CALL_KEY = "console.call"
#: Bytes of a form at the most, seconds of one request to an operation, pages that may wait and seconds that one may.
_FORM_BYTES, _DEADLINE, _WAITING, _LONGEST_WAIT = 64 * 1024, 12.0, 32, 10.0
_THREADS = 2
_TEXT = [(b"content-type", b"text/plain; charset=utf-8"), (b"cache-control", b"no-store")]


class CpuBudget:
    """How much CPU time the threads of pages may take, so that they never slow the writes: `share` of a core.

    It holds after `burst` seconds, within which readers who click stay. Pages beyond it wait before they begin. What
    a page costs the stores and the event loop is about as much again.
    """

    def __init__(
        self, *, share: float = 0.025, burst: float = 5.0, monotonic: Callable[[], float] = time.monotonic
    ) -> None:
        self._share = share
        self._burst = self._left = burst
        self._monotonic = monotonic
        self._at = monotonic()

    def spend(self, seconds: float) -> None:
        """Take `seconds` of CPU time out of the budget."""
        now = self._monotonic()
        self._left = min(self._burst, self._left + (now - self._at) * self._share) - seconds
        self._at = now

    def wait(self) -> float:
        """Seconds until the next page may begin."""
        self.spend(0)
        return max(0.0, -self._left / self._share)


class ConsoleApp:
    """Answers below /console. streams: path -> ASGI application, for answers that go on and on.

    A page runs in one of two threads. As many as 32 wait for one, more are answered 503. A reader who leaves cancels
    his page's queries.
    """

    def __init__(self, pages: Flask, streams: Mapping[str, ASGIApp], budget: CpuBudget | None = None) -> None:
        self._budget = budget or CpuBudget()
        application: Any = _Measured(pages, self._budget)
        self._pages: Any = WSGIMiddleware(application, workers=_THREADS)
        self._streams = streams
        self._waiting = 0
        self._turn = asyncio.Semaphore(_THREADS)

    async def __call__(self, scope: Any, receive: Any, send: Any) -> None:
        """Answer one request."""
        if not scope["query_string"].isascii():
            await _refuse(send, 400, b"The address is not valid: percent-encode what is not ASCII.")
        elif stream := self._streams.get(scope["path"]):
            await stream(scope, receive, send)
        elif (wait := self._budget.wait()) > _LONGEST_WAIT or self._waiting >= _WAITING:
            seconds = max(1, math.ceil(wait))
            text = f"The console has shown too many pages in a short time. Reload the page in {seconds} s."
            await _refuse(send, 503, text.encode(), (b"retry-after", b"%d" % seconds))
        else:
            await self._page(wait, scope, receive, send)

    async def _page(self, wait: float, scope: Any, receive: Any, send: Any) -> None:
        form = await _form(receive)
        if form is None:
            await _refuse(send, 413, b"The form is larger than 64 KiB.")
            return
        call = scope[CALL_KEY] = Call(asyncio.get_running_loop(), _DEADLINE)
        self._waiting += 1
        leaving = asyncio.create_task(_cancel_when_gone(receive, call), name="console reader")
        try:
            await asyncio.sleep(wait)
            async with self._turn:
                await self._pages(scope, _replay(form), send)
        finally:
            self._waiting -= 1
            leaving.cancel()


class _Measured:
    """A WSGI application whose CPU time is taken out of a budget."""

    def __init__(self, app: Flask, budget: CpuBudget) -> None:
        self._app = app
        self._budget = budget

    def __call__(self, environ: Any, start_response: Any) -> Any:
        began = time.thread_time()
        try:
            return self._app(environ, start_response)
        finally:
            self._budget.spend(time.thread_time() - began)


async def _form(receive: Any) -> bytes | None:
    """The request's body; None where it is too large."""
    body = b""
    while True:
        message = await receive()
        body += bytes(message.get("body", b""))
        if len(body) > _FORM_BYTES:
            return None
        if not message.get("more_body", False):
            return body


def _replay(form: bytes) -> Callable[[], Awaitable[Any]]:
    async def receive() -> Any:
        return {"type": "http.request", "body": form, "more_body": False}

    return receive


async def _cancel_when_gone(receive: Any, call: Call) -> None:
    while (await receive())["type"] != "http.disconnect":
        pass
    call.cancel()


async def _refuse(send: Any, status: int, text: bytes, *more: tuple[bytes, bytes]) -> None:
    await send({"type": "http.response.start", "status": status, "headers": [*_TEXT, *more]})
    await send({"type": "http.response.body", "body": text + b"\n"})
