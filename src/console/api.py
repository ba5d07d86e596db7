"""The console's one way to the data: the service's own operations, called in the process, without a socket.

A page asks what a client would ask, with the reader's own credentials. So validation, scopes, limits, metrics and audit
are those of the API; the console cannot read or do what its reader could not.
"""

from __future__ import annotations

import asyncio
from collections.abc import AsyncGenerator, Awaitable, Callable, Mapping
from concurrent.futures import CancelledError, Future
from typing import Any, TypeVar
from urllib.parse import quote, urlencode

import msgspec

__all__ = ["Answer", "Api", "ApiError", "Call", "CallEndedError", "Caller", "path_of"]

ASGIApp = Callable[[Any, Any, Any], Awaitable[None]]
Value = TypeVar("Value")
#: What an internal request takes over from the one that caused it.
_KEPT = ("asgi", "http_version", "scheme", "server", "client", "state")
#: Extensions of a scope that tell who the reader is: a client certificate that the server has verified.
_PROVEN = ("datastorage.certificate",)
_OK, _REFUSED = 200, 400
_encode = msgspec.json.Encoder(decimal_format="number").encode


class Answer(msgspec.Struct, frozen=True, kw_only=True):
    """What an operation answered. headers have lower-case names."""

    status: int
    headers: Mapping[str, str]
    body: bytes

    @property
    def ok(self) -> bool:
        """Whether it did what it was asked."""
        return _OK <= self.status < _REFUSED

    def read(self, kind: type[Value]) -> Value:
        """The body as `kind`; members that `kind` does not have are skipped unparsed."""
        return msgspec.json.decode(self.body, type=kind)

    @property
    def problem(self) -> dict[str, Any]:
        """The problem details (RFC 9457) of a refusal."""
        try:
            document = msgspec.json.decode(self.body)
        except msgspec.DecodeError:
            document = None
        return document if isinstance(document, dict) else {"title": "Unexpected answer", "detail": ""}


class ApiError(Exception):
    """An operation refused; the page cannot be shown."""

    def __init__(self, answer: Answer) -> None:
        super().__init__(answer.problem.get("detail", ""))
        self.answer = answer


class CallEndedError(Exception):
    """The reader left, or cancelled: nobody waits for the page."""


class Caller(msgspec.Struct, frozen=True):
    """On whose behalf an operation is called. scope: the ASGI scope of the reader's request."""

    scope: Mapping[str, Any]
    headers: tuple[tuple[bytes, bytes], ...] = ()


class Api:
    """Calls operations of the ASGI application `app`, which `connect` names: it contains the console itself."""

    def __init__(self) -> None:
        self._app: ASGIApp | None = None

    def connect(self, app: ASGIApp) -> None:
        """Send all requests to `app` from now on."""
        self._app = app

    async def request(
        self, caller: Caller, method: str, path: str, *, query: Mapping[str, Any] | None = None, body: Any = None
    ) -> Answer:
        """The whole answer to one request. query: empty and absent values are not sent."""
        head: dict[str, Any] = {}
        chunks = [chunk async for chunk in self.stream(caller, method, path, query=query, body=body, head=head)]
        return Answer(status=head["status"], headers=head["headers"], body=b"".join(chunks))

    async def stream(
        self,
        caller: Caller,
        method: str,
        path: str,
        *,
        head: dict[str, Any],
        query: Mapping[str, Any] | None = None,
        body: Any = None,
        accept: str = "application/json, text/plain;q=0.1",
    ) -> AsyncGenerator[bytes, None]:
        """The body of an answer as it comes; before its first chunk, `head` gets its status and headers.

        Closing the generator ends the request as a client does that leaves.
        """
        if self._app is None:
            raise RuntimeError("connect the console to the service first")
        sent = b"" if body is None else _encode(body)
        scope = _scope(caller, method, path, query, sent, accept)
        messages: asyncio.Queue[Any] = asyncio.Queue(maxsize=4)
        working = asyncio.create_task(_run(self._app, scope, sent, messages), name="console asks")
        try:
            while (message := await messages.get()) is not None:
                if message["type"] == "http.response.start":
                    names = ((name.decode("latin-1"), value.decode("latin-1")) for name, value in message["headers"])
                    head.update(status=message["status"], headers=dict(names))
                elif chunk := message.get("body", b""):
                    yield chunk
            await working
        finally:
            if not working.done():
                working.cancel()
                await asyncio.gather(working, return_exceptions=True)


async def _run(app: ASGIApp, scope: dict[str, Any], body: bytes, messages: asyncio.Queue[Any]) -> None:
    waiting = [{"type": "http.request", "body": body, "more_body": False}]

    async def receive() -> Any:
        if waiting:
            return waiting.pop()
        await asyncio.Event().wait()  # whoever reads the answer cancels this task when he leaves
        return {"type": "http.disconnect"}

    try:
        await app(scope, receive, messages.put)
    except Exception:
        await messages.put(None)
        raise
    await messages.put(None)


def _scope(
    caller: Caller, method: str, path: str, query: Mapping[str, Any] | None, body: bytes, accept: str
) -> dict[str, Any]:
    asked = urlencode([(name, _plain(value)) for name, value in (query or {}).items() if value not in (None, "")])
    headers = [(b"accept", accept.encode("latin-1")), *caller.headers]
    if body:
        headers += [(b"content-type", b"application/json"), (b"content-length", b"%d" % len(body))]
    return {
        **{name: caller.scope[name] for name in _KEPT if name in caller.scope},
        "extensions": {name: found for name in _PROVEN if (found := caller.scope.get("extensions", {}).get(name))},
        "type": "http",
        "method": method,
        "path": path,
        "raw_path": quote(path).encode("ascii"),
        "root_path": "",
        "query_string": asked.encode("ascii"),
        "headers": headers,
    }


def _plain(value: Any) -> str:
    return str(value).lower() if isinstance(value, bool) else str(value)


def path_of(template: str, value: str) -> str:
    """`template` with `value` in the place of `{}`, decoded as in an ASGI scope."""
    return template.replace("{}", value)


class Call:
    """One page's requests, made from its thread on the event loop.

    `cancel` ends those under way: the queries behind them are cancelled in PostgreSQL. seconds: a request's deadline.
    """

    def __init__(self, loop: asyncio.AbstractEventLoop, seconds: float) -> None:
        self._loop = loop
        self._seconds = seconds
        self._running: set[Future[Any]] = set()
        self._ended = False

    def run(self, work: Awaitable[Value]) -> Value:
        """What `work` returns. Raises CallEndedError when the reader left, TimeoutError behind the deadline."""

        async def bounded() -> Value:
            async with asyncio.timeout(self._seconds):
                return await work

        future = asyncio.run_coroutine_threadsafe(bounded(), self._loop)
        self._running.add(future)
        try:
            if self._ended:
                future.cancel()
            return future.result()
        except CancelledError:
            raise CallEndedError from None
        finally:
            self._running.discard(future)

    def cancel(self) -> None:
        """End what runs, and whatever is still to come."""
        self._ended = True
        for future in tuple(self._running):
            future.cancel()
