"""Request bodies: read while counting, decompressed within bounds, decoded once, checked against the contract.

Connexion's own validator takes a chunked body for a missing one, since it looks for Content-Length; this reads the
stream instead.
"""

from __future__ import annotations

import zlib
from collections.abc import Iterator, Mapping
from typing import Any

from datastorage.edge.admission import Ticket
from datastorage.edge.contract import Operation
from datastorage.edge.exchange import ClientGoneError, Exchange
from datastorage.edge.json_text import STORABLE, decode, without_lone_surrogates
from datastorage.edge.large_bodies import LARGE, LargeBodies
from web.problems import Problem, Violation, validation_problem

__all__ = ["BodyValidator"]

_GZIP = 16 + zlib.MAX_WBITS
_MAX_MEMBERS = 1000
#: Compressed bytes that are decompressed at a stretch.
_SLICE = 16 * 1024
#: A body may become so many times as large as it was sent, or this many bytes: text of our kind shrinks 5 to 50 times.
_RATIO, _SMALL = 250, 256 * 1024


class BodyValidator:
    """Validates the body of every operation and leaves bytes, document and violations in the exchange.

    max_bytes bounds the body as sent and after decompression, max_members the one object in it.
    """

    def __init__(self, operations: Mapping[str, Operation], max_bytes: int, max_members: int) -> None:
        self._operations = operations
        self._large = LargeBodies(max_members)
        self._max_bytes = max_bytes

    async def validate(self, exchange: Exchange, receive: Any, ticket: Ticket) -> None:
        """Read and check the body. Nothing is left to read after it.

        Raises Problem: 400, 413, 415 or 503.
        """
        operation = self._operations[exchange.operation_id]
        raw = await self._read(receive, ticket)
        if coding := exchange.headers.get("content-encoding", "").strip().lower():
            raw = _decompressed(raw, coding, self._max_bytes)
            ticket.take(len(raw))
        exchange.body = raw
        violations = await self._check(exchange, operation) if raw else _missing(operation)
        if violations and not (operation.reports_violations and exchange.document is not None):
            raise validation_problem(violations)
        exchange.violations = tuple(violations)

    async def _check(self, exchange: Exchange, operation: Operation) -> list[Violation]:
        assert operation.body is not None  # noqa: S101 - called for operations with a body only
        is_large = len(exchange.body) > LARGE
        decoded = await self._large.check(exchange.body, operation.body) if is_large else decode(exchange.body)
        if decoded.document is None and decoded.violations:
            return decoded.violations
        if len(exchange.body) + decoded.digits > self._max_bytes:
            raise _too_large(self._max_bytes, " with its numbers written out")
        exchange.document = decoded.document
        found = decoded.violations
        if any(violation.reason == STORABLE for violation in found):
            exchange.body = without_lone_surrogates(exchange.body)
        return found if is_large else [*found, *operation.body.violations(decoded.document, "body")]

    async def _read(self, receive: Any, ticket: Ticket) -> bytes:
        body = bytearray()
        more = True
        while more:
            message = await receive()
            if message["type"] == "http.disconnect":
                raise ClientGoneError
            chunk = message.get("body", b"")
            if len(body) + len(chunk) > self._max_bytes:
                raise _too_large(self._max_bytes)
            ticket.take(len(chunk))
            more = message.get("more_body", False)
            if not (more or body):
                return bytes(chunk)
            body += chunk
        return bytes(body)


def _missing(operation: Operation) -> list[Violation]:
    return (
        [Violation("#", "body is required and must not be empty", "body", "required")]
        if operation.body_required
        else []
    )


def _too_large(limit: int, counted: str = "") -> Problem:
    return Problem("payload-too-large", f"The body is larger than {limit} bytes{counted}.")


def _decompressed(raw: bytes, coding: str, limit: int) -> bytes:
    """The body without its content coding. Several gzip members are one body (RFC 1952, section 2.2)."""
    if coding == "identity":
        return raw
    if coding not in {"gzip", "x-gzip"}:
        raise Problem(
            "unsupported-media-type",
            f"Content-Encoding {coding[:40]} is not supported; send gzip or none.",
            headers={"Accept-Encoding": "gzip"},
        )
    most = min(limit, max(_RATIO * len(raw), _SMALL))
    parts: list[bytes] = []
    size = 0
    for part in _members(raw, most):
        size += len(part)
        if size > most:
            raise _too_large(most)
        parts.append(part)
    return b"".join(parts)


def _members(raw: bytes, most: int) -> Iterator[bytes]:
    """The content of each gzip member. Fed in slices: what a member leaves over is copied, and it may be the first."""
    members, at = 0, 0
    while at < len(raw):
        if (members := members + 1) > _MAX_MEMBERS:
            raise validation_problem([_not_gzip(f"has more than {_MAX_MEMBERS} gzip members")])
        member = zlib.decompressobj(_GZIP)
        while not member.eof:
            if at >= len(raw):
                raise validation_problem([_not_gzip()])
            part = raw[at : at + _SLICE]
            try:
                content = member.decompress(part, most + 1)
            except zlib.error:
                raise validation_problem([_not_gzip()]) from None
            at += len(part) - len(member.unused_data)
            if member.unconsumed_tail:
                raise _too_large(most)
            yield content


def _not_gzip(wrong: str = "is not complete gzip data, as its Content-Encoding says") -> Violation:
    return Violation("#", f"body {wrong}", "body", "encoding")
