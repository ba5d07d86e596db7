"""HTTP to the places to which the log is published."""

from __future__ import annotations

import ssl
from collections.abc import Mapping
from pathlib import Path
from typing import NamedTuple
from urllib.parse import urlsplit

import httpx

from evidence.publish import PublishError

__all__ = ["Answer", "Http", "host_of"]

#: Seconds to connect, to send, and between two parts of an answer.
_TIMEOUT = 5.0
#: Bytes of an answer that are read; notes and cosignatures are far smaller.
_MOST = 1_000_000


class Answer(NamedTuple):
    """A whole answer; header names are lower case."""

    status: int
    headers: Mapping[str, str]
    body: bytes

    @property
    def text(self) -> str:
        """The body as text; what is no UTF-8 is replaced."""
        return self.body.decode(errors="replace")


def host_of(url: str) -> str:
    """What an error may show of an address: its path and what is in front of its host may be secrets."""
    try:
        parts = urlsplit(url)
        port = f":{parts.port}" if parts.port else ""
    except ValueError:
        return "an address that is not valid"
    return f"{parts.scheme}://{parts.hostname or ''}{port}"


class Http:
    """Requests to one place, over connections that are kept. Redirects are not followed; certificates are verified.

    ca_file: a PEM file of authorities, in place of the well-known ones.
    """

    def __init__(self, ca_file: Path | None = None) -> None:
        self._ca_file = ca_file
        self._client: httpx.Client | None = None

    def close(self) -> None:
        """Close the connections; another request opens one."""
        if self._client is not None:
            self._client.close()
            self._client = None

    def send(self, method: str, url: str, *, body: bytes = b"", headers: Mapping[str, str] | None = None) -> Answer:
        """One request. Raises PublishError where a step takes more than 5 s, or the answer has more than 1 MB."""
        if self._client is None:  # the authorities are read when they are needed
            verify = ssl.create_default_context(cafile=self._ca_file) if self._ca_file else True
            self._client = httpx.Client(timeout=_TIMEOUT, verify=verify)
        try:
            with self._client.stream(method, url, content=body, headers=headers) as answer:
                parts = bytearray()
                for part in answer.iter_bytes():
                    parts += part
                    if len(parts) > _MOST:
                        raise PublishError(f"{host_of(url)} answers more than {_MOST} bytes")
                return Answer(answer.status_code, answer.headers, bytes(parts))
        except httpx.InvalidURL:
            raise PublishError(f"{host_of(url)}: not a valid address") from None
        except (httpx.HTTPError, ssl.SSLError, OSError) as error:
            raise PublishError(f"{host_of(url)}: {type(error).__name__} {error}") from error
