"""The layer between routing and dispatch: parameters, then Content-Type, then the body."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping
from typing import Any

from datastorage.edge.admission import Admission
from datastorage.edge.body import BodyValidator
from datastorage.edge.contract import Operation
from datastorage.edge.exchange import Exchange, exchange_of
from datastorage.edge.parameters import ParameterValidator
from telemetry.spans import span
from web.problems import Problem

__all__ = ["Validation"]

_JSON = "application/json"


class Validation:
    """In the place of Connexion's RequestValidationMiddleware, which works out the schemas anew for every request."""

    def __init__(
        self,
        operations: Mapping[str, Operation],
        admission: Admission,
        parameters: ParameterValidator,
        bodies: BodyValidator,
    ) -> None:
        self._operations = operations
        self._admission = admission
        self._parameters = parameters
        self._bodies = bodies

    def wrapping(self, next_app: Callable[[Any, Any, Any], Awaitable[None]]) -> Callable[..., Awaitable[None]]:
        """The ASGI application that checks a request and hands it on; raises Problem 400, 406, 413, 415, 503."""

        async def check(scope: Any, receive: Any, send: Any) -> None:
            if scope["type"] != "http" or not (name := scope["extensions"]["connexion_routing"]["operation_id"]):
                await next_app(scope, receive, send)
                return
            exchange = exchange_of(scope)
            operation = self._operations[name]
            if operation.always_answered:
                self._parameters.validate(scope, exchange)
                await next_app(scope, receive, send)
                return
            with self._admission.admitted() as ticket:
                with span("validation"):
                    self._parameters.validate(scope, exchange)
                    if operation.body is not None:
                        _expect_json(exchange)
                        await self._bodies.validate(exchange, receive, ticket)
                await next_app(scope, receive, send)

        return check


def _expect_json(exchange: Exchange) -> None:
    """Media types are case-insensitive (RFC 9110, section 8.3.1).

    A body must say what it is: a browser sends one that does not for any page that asks for it, without asking us.
    """
    sent = exchange.headers.get("content-type")
    if sent == _JSON:
        return
    if sent is None:
        if exchange.headers.get("content-length", "0") == "0" and "transfer-encoding" not in exchange.headers:
            return  # there is no body
        raise Problem("unsupported-media-type", f"There is no Content-Type; send {_JSON} in UTF-8.")
    media_type, *parameters = (part.strip().lower() for part in sent.split(";"))
    charset = next((part[8:].strip('"') for part in parameters if part.startswith("charset=")), "utf-8")
    if media_type != _JSON or charset not in {"utf-8", "utf8", "us-ascii"}:
        raise Problem("unsupported-media-type", f"Content-Type {sent[:80]} is not supported; send {_JSON} in UTF-8.")
