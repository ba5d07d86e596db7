"""How a page asks: synchronously, in its thread, for one reader."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Mapping, Sequence
from typing import Any, TypeVar

from console.api import Answer, Api, ApiError, Call, Caller

__all__ = ["Asker"]

Value = TypeVar("Value")
_UNAUTHORIZED = 401


class Asker:
    """Asks operations on behalf of one reader.

    Every method raises TimeoutError when there was no answer within the deadline, CallEndedError when the reader left,
    ApiError where the reader must sign in first (401).
    """

    def __init__(self, api: Api, call: Call, caller: Caller) -> None:
        self._api = api
        self._call = call
        self._caller = caller

    def look(self, path: str, **query: Any) -> Answer:
        """What GET answered, be it a refusal."""
        return self.send("GET", path, query=query)

    def get(self, path: str, **query: Any) -> Answer:
        """What GET answered. Raises ApiError for a refusal."""
        answer = self.look(path, **query)
        if not answer.ok:
            raise ApiError(answer)
        return answer

    def together(self, *questions: tuple[str, Mapping[str, Any]]) -> Sequence[Answer]:
        """What several GETs at once answered, in their order."""

        async def ask() -> Sequence[Answer]:
            asked = (self._api.request(self._caller, "GET", path, query=query) for path, query in questions)
            return await asyncio.gather(*asked)

        return [_signed_in(answer) for answer in self._call.run(ask())]

    def send(self, method: str, path: str, *, query: Mapping[str, Any] | None = None, body: Any = None) -> Answer:
        """What one request answered, be it a refusal."""
        return _signed_in(self._call.run(self._api.request(self._caller, method, path, query=query, body=body)))

    def status_as(self, caller: Caller, path: str) -> int:
        """The status of GET for somebody else: whether credentials are any good."""
        return self._call.run(self._api.request(caller, "GET", path)).status

    def run(self, work: Awaitable[Value]) -> Value:
        """What `work` returns or raises; it runs on the event loop."""
        return self._call.run(work)


def _signed_in(answer: Answer) -> Answer:
    if answer.status == _UNAUTHORIZED:
        raise ApiError(answer)
    return answer
