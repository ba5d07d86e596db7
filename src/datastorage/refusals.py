"""Answers that are given without the application, prepared once: a refusal must cost next to nothing."""

from __future__ import annotations

import msgspec

from web.problems import Problem

__all__ = ["Refusal"]

_encode = msgspec.json.encode


class Refusal:
    """One problem as bytes. base: the address that its type starts with, without a trailing slash."""

    def __init__(self, problem: Problem, base: str) -> None:
        document = problem.document(base=base, instance="", request_id="")
        del document["instance"], document["request_id"]
        headers = {
            "content-type": "application/problem+json",
            "cache-control": "no-store",
            "x-content-type-options": "nosniff",
            **problem.headers,
        }
        lines = [f"HTTP/1.1 {problem.kind.status} {problem.kind.title}", *(f"{k}: {v}" for k, v in headers.items()), ""]
        self.status = problem.kind.status
        self._document = _encode(document).removesuffix(b"}")
        self._head = "\r\n".join(lines).encode()

    def answer(self, request_id: str, path: str = "", *, closes: bool = True, has_body: bool = True) -> bytes:
        """What to send. closes: the connection with it. has_body: an answer to HEAD has none."""
        body = b'%b,"instance":%b,"request_id":%b}' % (self._document, _encode(path), _encode(request_id))
        connection = b"connection: close\r\n" if closes else b""
        length = b"content-length: %d\r\nx-request-id: %b\r\n" % (len(body), request_id.encode("ascii"))
        return b"%b%b%b\r\n%b" % (self._head, length, connection, body if has_body else b"")
