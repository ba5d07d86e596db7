"""Bearer tokens: given, or asked for and asked for again when one is refused."""

from __future__ import annotations

import inspect
import threading
from collections.abc import AsyncGenerator, Awaitable, Callable, Generator

import httpx

__all__ = ["BearerAuth", "Token"]

#: A token, or a function that returns one (a coroutine function only for the asyncio classes).
Token = str | Callable[[], str] | Callable[[], Awaitable[str]]
_REFUSED = (401, 403)


class BearerAuth(httpx.Auth):
    """Sends `Authorization: Bearer <token>`. A refused token is asked for anew, and the request sent once more."""

    def __init__(self, token: Token) -> None:
        self._source = token
        self._known: str | None = token if isinstance(token, str) else None
        self._lock = threading.Lock()

    def sync_auth_flow(self, request: httpx.Request) -> Generator[httpx.Request, httpx.Response, None]:
        """See httpx.Auth. Raises TypeError where the token comes from a coroutine function."""
        used = self._known
        if used is None:
            used = self._refreshed(None)
        response = yield _signed(request, used)
        if response.status_code in _REFUSED and not isinstance(self._source, str):
            fresh = self._refreshed(used)
            if fresh != used:
                yield _signed(request, fresh)

    async def async_auth_flow(self, request: httpx.Request) -> AsyncGenerator[httpx.Request, httpx.Response]:
        """See httpx.Auth."""
        used = self._known
        if used is None:
            used = await self._asked()
        response = yield _signed(request, used)
        if response.status_code in _REFUSED and not isinstance(self._source, str):
            fresh = self._known if self._known and self._known != used else await self._asked()
            if fresh != used:
                yield _signed(request, fresh)

    def forked(self) -> None:
        """In a forked child: a thread of the parent may hold the lock for ever."""
        self._lock = threading.Lock()

    def _refreshed(self, refused: str | None) -> str:
        with self._lock:  # of many threads with a refused token one asks
            if self._known is None or self._known == refused:
                token = self._source() if callable(self._source) else self._source
                if not isinstance(token, str):
                    raise TypeError("a token from a coroutine function needs the asyncio client")
                self._known = token
            return self._known

    async def _asked(self) -> str:
        token = self._source() if callable(self._source) else self._source
        self._known = await token if inspect.isawaitable(token) else token
        return self._known


def _signed(request: httpx.Request, token: str) -> httpx.Request:
    request.headers["Authorization"] = f"Bearer {token}"
    return request
