"""A request that the application has not seen: its body is not there yet, or it waits for its turn."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from typing import Any

import msgspec
from uvicorn.protocols.http.flow_control import HIGH_WATER_LIMIT
from uvicorn.protocols.http.httptools_impl import RequestResponseCycle

from datastorage.turnstile import Turnstile

__all__ = ["Pending", "header_of"]

Application = Callable[[Any, Any, Any], Awaitable[None]]


class Pending(msgspec.Struct, eq=False):
    """is_refused: whatever its body says. waits: it has asked the turnstile."""

    cycle: RequestResponseCycle
    app: Application
    turnstile: Turnstile
    is_refused: bool = False
    waits: bool = False

    @property
    def has_arrived(self) -> bool:
        """All of it, or as much as is read ahead; or its client waits for a word.

        A slow client must not have a place among those that are worked on.
        """
        cycle = self.cycle
        is_there = not cycle.more_body or len(cycle.body) > HIGH_WATER_LIMIT
        return is_there or cycle.waiting_for_100_continue or self.is_refused

    async def passing(self, scope: Any, receive: Any, send: Any) -> None:
        """The application. It leaves the turnstile when it ends, and while it waits for the rest of a large body."""
        cycle, turnstile = self.cycle, self.turnstile
        is_inside = True

        async def receive_outside() -> Any:
            nonlocal is_inside
            if is_inside and cycle.more_body and not cycle.body:
                is_inside = False
                turnstile.leave()
            message = await receive()
            if not is_inside and not message.get("more_body") and message["type"] == "http.request":
                await turnstile.enter()
                is_inside = True
            return message

        try:
            await self.app(scope, receive_outside if cycle.more_body else receive, send)
        finally:
            if is_inside:
                turnstile.leave()


def header_of(scope: Any, name: bytes) -> str:
    """The first header of that name, in lower case; "" where there is none."""
    return next((value.decode("latin-1") for key, value in scope["headers"] if key == name), "")
