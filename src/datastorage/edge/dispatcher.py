"""From an operationId to its handler, and from a handler's Response to the wire."""

from __future__ import annotations

from collections.abc import AsyncIterator, Awaitable, Callable, Mapping
from typing import Any

from datastorage.edge.exchange import exchange_of
from datastorage.edge.pages import Pages
from handlers.dependencies import Dependencies
from web.disconnects import until_disconnected
from web.messages import AnyRequest, AnyResponse

__all__ = ["ASGIApp", "Dispatcher", "Handler"]

Handler = Callable[[AnyRequest, Dependencies], Awaitable[AnyResponse]]
ASGIApp = Callable[[Any, Any, Any], Awaitable[None]]


class Dispatcher:
    """The innermost ASGI application.

    `apps` answer their operations themselves, `mounts` everything below their paths, `pages` what else is no operation.
    """

    def __init__(
        self,
        handlers: Mapping[str, Handler],
        apps: Mapping[str, ASGIApp],
        pages: Pages,
        dependencies: Dependencies,
        mounts: Mapping[str, ASGIApp],
    ) -> None:
        self._mounts = mounts
        self._handlers = handlers
        self._apps = apps
        self._pages = pages
        self._dependencies = dependencies

    async def __call__(self, scope: Any, receive: Any, send: Any) -> None:
        """Answer one request. Problems and defects are raised, for the outermost layer to render."""
        exchange = exchange_of(scope)
        if mounted := self._mounted(scope["path"]):
            exchange.operation_id = mounted
            await self._mounts[f"/{mounted}"](scope, receive, send)
            return
        if not exchange.operation_id:
            response = await self._pages.answer(exchange.method, scope["path"], exchange.headers.get("accept", ""))
        elif exchange.operation_id in self._apps:
            await self._apps[exchange.operation_id](scope, receive, send)
            return
        else:
            handler = self._handlers[exchange.operation_id]
            response = await handler(exchange.request(scope["query_string"]), self._dependencies)
        await respond(response, exchange.method, receive, send)

    def _mounted(self, path: str) -> str:
        """The name of the mount that `path` is at or below; it stands for an operation in metrics and logs."""
        first = path[1:].partition("/")[0]
        return first if f"/{first}" in self._mounts else ""


async def respond(response: AnyResponse, method: str, receive: Any, send: Any) -> None:
    """Send `response`. A streamed body ends, and its iterator is closed, as soon as the client leaves."""
    headers = [(name.lower().encode("latin-1"), value.encode("latin-1")) for name, value in response.headers.items()]
    if response.body or response.status != 204:  # noqa: PLR2004 - No Content
        headers.append((b"content-type", response.media_type.encode("latin-1")))
    if isinstance(response.body, bytes):
        headers.append((b"content-length", b"%d" % len(response.body)))
        await send({"type": "http.response.start", "status": response.status, "headers": headers})
        await send({"type": "http.response.body", "body": response.body})
        return
    try:
        await send({"type": "http.response.start", "status": response.status, "headers": headers})
        if method != "HEAD":
            await until_disconnected(_pump(response.body, send), receive)
        await send({"type": "http.response.body", "body": b""})
    finally:
        if close := getattr(response.body, "aclose", None):
            await close()


async def _pump(chunks: AsyncIterator[bytes], send: Any) -> None:
    async for chunk in chunks:
        await send({"type": "http.response.body", "body": chunk, "more_body": True})
