"""The outermost layer: request id, limits, trace context, one shape for every error, metrics and the access log."""

from __future__ import annotations

import time
from collections.abc import Callable, Mapping, Sequence
from typing import Any

import msgspec
from starlette.exceptions import HTTPException

from datastorage.edge.access_log import AccessLog
from datastorage.edge.dispatcher import ASGIApp
from datastorage.edge.exchange import ClientGoneError, Exchange, chosen_request_id
from datastorage.edge.origins import Origins
from handlers.failures import problem_of
from telemetry.context import request_id, trace_context
from telemetry.logs import get_logger
from telemetry.metrics import HTTP_IN_FLIGHT, VALIDATION_FAILURES
from telemetry.spans import Span, begin, current
from telemetry.tracing import parse_traceparent
from web.problems import Problem

__all__ = ["Front"]

_log = get_logger("datastorage.access")
_CLIENT_GONE = 499
_FAILED = 500
_NO_SNIFF, _NO_STORE = (b"x-content-type-options", b"nosniff"), (b"cache-control", b"no-store")
_encode = msgspec.json.Encoder(decimal_format="number").encode
#: Statuses that Connexion and Starlette raise on their own, by the slug of ours.
_SLUGS = {
    401: "unauthorized",
    403: "forbidden",
    404: "not-found",
    405: "method-not-allowed",
}


class Front:
    """Wraps the whole application; every answer passes through it, whatever made it.

    allowed_methods: the methods of an address, for the Allow header of 405.
    """

    def __init__(
        self,
        app: ASGIApp,
        *,
        problem_base_url: str,
        url_max_bytes: int,
        body_max_bytes: int,
        allowed_methods: Callable[[str], tuple[str, ...]],
        origins: Origins,
        access_log: AccessLog,
    ) -> None:
        self._app = app
        self._access_log = access_log
        self._problem_base_url = problem_base_url.rstrip("/")
        self._url_max_bytes = url_max_bytes
        self._body_max_bytes = body_max_bytes
        self._allowed_methods = allowed_methods
        self._origins = origins

    async def __call__(self, scope: Any, receive: Any, send: Any) -> None:
        """Serve one request, or hand the lifespan on."""
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        exchange = _opened(scope)
        with begin(exchange.method, trace_context.get()):
            await self._serve(exchange, scope, receive, send)

    async def _serve(self, exchange: Exchange, scope: Any, receive: Any, send: Any) -> None:
        started = time.perf_counter()
        status = 0
        request_id_header = (b"x-request-id", exchange.request_id.encode("ascii"))

        async def send_on(message: Any) -> None:
            nonlocal status
            if message["type"] == "http.response.start":
                status = message["status"]
                message["headers"] = _completed(message["headers"], request_id_header)
                if exchange.answer_headers:
                    message["headers"] += _encoded(exchange.answer_headers)
            await send(message)

        HTTP_IN_FLIGHT.inc()
        try:
            self._guard(scope, exchange)
            await self._app(scope, receive, send_on)
        except ClientGoneError:
            status = _CLIENT_GONE
        except Exception as error:
            if status:
                _log.exception("the answer broke off", operation=exchange.operation_id, path=exchange.path)
                raise
            await self._answer(error, exchange, send_on)
        finally:
            HTTP_IN_FLIGHT.dec()
            if traced := current():
                _describe(traced, exchange, status)
            self._access_log.record(exchange, status, time.perf_counter() - started)

    def _guard(self, scope: Any, exchange: Exchange) -> None:
        self._origins.check(exchange.method, exchange.headers)
        target = len(scope.get("raw_path") or scope["path"]) + 1 + len(scope["query_string"])
        if target > self._url_max_bytes:
            raise Problem("uri-too-long", f"The request target is longer than {self._url_max_bytes} bytes.")
        length = exchange.headers.get("content-length", "")
        if length.isascii() and length.isdigit() and int(length[:19]) > self._body_max_bytes:
            raise Problem("payload-too-large", f"The body is larger than {self._body_max_bytes} bytes.")
        # The router would try a template with the same address next, and take its last part for a parameter.
        allowed = self._allowed_methods(exchange.path)
        if allowed and exchange.method not in allowed:
            raise HTTPException(405)

    async def _answer(self, error: Exception, exchange: Exchange, send: Any) -> None:
        problem = self._problem(error, exchange)
        for violation in problem.errors:
            VALIDATION_FAILURES.labels(violation.label, violation.reason).inc()
        document = problem.document(base=self._problem_base_url, instance=exchange.path, request_id=exchange.request_id)
        body = _encode(document)
        headers = [
            (b"content-type", b"application/problem+json"),
            (b"content-length", b"%d" % len(body)),
            *_encoded(problem.headers),
        ]
        await send({"type": "http.response.start", "status": problem.kind.status, "headers": headers})
        await send({"type": "http.response.body", "body": body})

    def _problem(self, error: Exception, exchange: Exchange) -> Problem:
        """The problem that stands for `error`. What is not foreseen is logged with its stack and told to nobody."""
        if known := problem_of(error):
            return known
        if isinstance(error, HTTPException) and error.status_code in _SLUGS:
            return self._of_framework(error, exchange)
        _log.error("unforeseen failure", operation=exchange.operation_id, path=exchange.path, exc_info=error)
        return Problem("internal-error", "The service failed to answer. Its logs hold the cause under this request_id.")

    def _of_framework(self, error: HTTPException, exchange: Exchange) -> Problem:
        slug = _SLUGS[error.status_code]
        if slug == "method-not-allowed":
            allowed = ", ".join(self._allowed_methods(exchange.path))
            detail = f"{exchange.method[:20]} is not allowed here; allowed are {allowed}."
            return Problem(slug, detail, headers={"Allow": allowed})
        return Problem(slug, str(error.detail), headers=dict(error.headers or {}))


def _encoded(headers: Mapping[str, str]) -> list[tuple[bytes, bytes]]:
    return [(name.lower().encode("ascii"), value.encode("latin-1")) for name, value in headers.items()]


def _completed(headers: Sequence[tuple[bytes, bytes]], request_id_header: tuple[bytes, bytes]) -> list[Any]:
    """The headers that every answer has. What the store says is for who asked: no cache keeps it, unless it may."""
    stored = () if any(name == b"cache-control" for name, _ in headers) else (_NO_STORE,)
    return [*headers, request_id_header, _NO_SNIFF, *stored]


def _describe(traced: Span, exchange: Exchange, status: int) -> None:
    """Say what was asked and what became of it; nothing that a client wrote but the path."""
    operation = exchange.operation_id or "unknown"
    traced.rename(operation)
    traced.set(
        http__request__method=exchange.method,
        url__path=exchange.path,
        http__response__status_code=status,
        datastorage__operation=operation,
        datastorage__request_id=exchange.request_id,
    )
    if status >= _FAILED:
        traced.fail(str(status))


def _opened(scope: Any) -> Exchange:
    """The exchange of a new request; its ids are set for everything that is logged and written on its behalf."""
    headers: dict[str, str] = {}
    repeated: dict[str, list[str]] = {}
    for raw_name, raw_value in scope["headers"]:
        name, value = raw_name.decode("latin-1"), raw_value.decode("latin-1")
        if name in headers:
            repeated.setdefault(name, [headers[name]]).append(value)
        else:
            headers[name] = value
    headers |= {name: ", ".join(values) for name, values in repeated.items()}
    exchange = Exchange(
        request_id=chosen_request_id(headers.get("x-request-id", "")),
        method=scope["method"],
        path=scope["path"],
        headers=headers,
    )
    exchange.attach(scope)
    request_id.set(exchange.request_id)
    trace_context.set(parse_traceparent(headers.get("traceparent", "")))
    return exchange
