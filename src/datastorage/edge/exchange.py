"""One request as the parts of the edge see it: the outermost layer makes it, each adds what it found."""

from __future__ import annotations

import re
from typing import Any

import msgspec
import uuid_utils

from access.grants import NOBODY, Grant
from web.messages import AnyRequest, Request
from web.problems import Violation

__all__ = ["ClientGoneError", "Exchange", "chosen_request_id", "exchange_of"]

_KEY = "datastorage"
_VISIBLE = re.compile(r"[!-~]{1,128}")


class ClientGoneError(Exception):
    """The client left before it had sent its request: there is nobody to answer."""


class Exchange(msgspec.Struct, kw_only=True):
    """What is known about one request so far."""

    request_id: str
    method: str
    path: str
    headers: dict[str, str]
    operation_id: str = ""
    media_type: str = "application/json"
    path_params: dict[str, Any] = msgspec.field(default_factory=dict)
    query: dict[str, Any] = msgspec.field(default_factory=dict)
    body: bytes = b""
    document: Any = None
    violations: tuple[Violation, ...] = ()
    grant: Grant = NOBODY
    #: Headers that the answer gets besides the handler's own.
    answer_headers: dict[str, str] = msgspec.field(default_factory=dict)

    def attach(self, scope: Any) -> None:
        """Let the inner layers find this exchange by their scope."""
        scope[_KEY] = self

    def request(self, query_string: bytes) -> AnyRequest:
        """The request as handlers see it."""
        return Request(
            operation_id=self.operation_id,
            method=self.method,
            path=self.path,
            request_id=self.request_id,
            path_params=self.path_params,
            query=self.query,
            headers=self.headers,
            query_string=query_string.decode("latin-1"),
            body=self.body,
            document=self.document,
            violations=self.violations,
            media_type=self.media_type,
            grant=self.grant,
        )


def exchange_of(scope: Any) -> Exchange:
    """The exchange that belongs to an ASGI scope."""
    exchange: Exchange = scope[_KEY]
    return exchange


def chosen_request_id(sent: str) -> str:
    """What the caller sent as X-Request-ID if that is one, or else a new one."""
    return sent if _VISIBLE.fullmatch(sent) else str(uuid_utils.uuid7())
