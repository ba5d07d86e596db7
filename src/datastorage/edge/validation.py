"""The layer between routing and dispatch: parameters, then Content-Type, then the body."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping
from typing import Any

from datastorage.edge.body import BodyValidator
from datastorage.edge.contract import Operation
from datastorage.edge.exchange import Exchange, exchange_of
from datastorage.edge.parameters import ParameterValidator
from web.problems import Problem

__all__ = ["Validation"]

_JSON = "application/json"


class Validation:
    """In the place of Connexion's RequestValidationMiddleware, which works out the schemas anew for every request."""

    def __init__(
        self, operations: Mapping[str, Operation], parameters: ParameterValidator, bodies: BodyValidator
    ) -> None:
        self._operations = operations
        self._parameters = parameters
        self._bodies = bodies

    def wrapping(self, next_app: Callable[[Any, Any, Any], Awaitable[None]]) -> Callable[..., Awaitable[None]]:
        """The ASGI application that checks a request and hands it to `next_app`; raises Problem 400, 406, 413, 415."""

        async def check(scope: Any, receive: Any, send: Any) -> None:
            if scope["type"] == "http" and (name := scope["extensions"]["connexion_routing"]["operation_id"]):
                exchange = exchange_of(scope)
                self._parameters.validate(scope, exchange)
                if self._operations[name].body is not None:
                    _expect_json(exchange)
                    await self._bodies.validate(exchange, receive)
            await next_app(scope, receive, send)

        return check


def _expect_json(exchange: Exchange) -> None:
    """Media types are case-insensitive (RFC 9110, section 8.3.1); without a Content-Type the body is taken for JSON."""
    sent = exchange.headers.get("content-type", _JSON)
    if sent == _JSON:
        return
    media_type, *parameters = (part.strip().lower() for part in sent.split(";"))
    charset = next((part[8:].strip('"') for part in parameters if part.startswith("charset=")), "utf-8")
    if media_type != _JSON or charset not in {"utf-8", "utf8", "us-ascii"}:
        raise Problem("unsupported-media-type", f"Content-Type {sent[:80]} is not supported; send {_JSON} in UTF-8.")
