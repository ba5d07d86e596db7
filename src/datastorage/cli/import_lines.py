"""Lines of an NDJSON file as events to send: what `datastorage events --export` wrote, or requests."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from uuid import UUID

import msgspec

__all__ = ["BadLineError", "Line", "lines_of"]

#: Stored members that no client can write, with the value that all events of clients have.
_NEVER_WRITTEN = {
    "actor_ip": b"null",
    "resource_name": b"null",
    "event_metadata": b"null",
    "is_sensitive": b"false",
}
_decode = msgspec.json.Decoder(dict[str, msgspec.Raw]).decode
_encode = msgspec.json.Encoder().encode


class BadLineError(Exception):
    """The line is not an event; the message says why."""


@dataclass(frozen=True, kw_only=True)
class Line:
    """One line. number counts from 1; offset is where it starts, end where the next one does, in bytes."""

    number: int
    offset: int
    end: int
    text: bytes

    def event(self, members: frozenset[str]) -> bytes:
        """The JSON text of the request: the members that a request has, each exactly as it stands in the file.

        An event without an id gets one from its place and content, so that a repeated import stores it once.
        Raises BadLineError.
        """
        try:
            found = _decode(self.text)
        except (msgspec.DecodeError, UnicodeDecodeError) as error:
            raise BadLineError(f"the line is not a JSON object: {error}") from None
        if "event_id" not in found:
            digest = hashlib.sha256(b"%d:%b" % (self.number, self.text)).digest()
            found["event_id"] = msgspec.Raw(_encode(str(UUID(bytes=digest[:16], version=5))))
        return _encode({name: value for name, value in found.items() if name in members})

    def left_behind(self) -> list[str]:
        """Members with a value that the service would not keep. Raises BadLineError."""
        found: dict[str, Any] = _decode(self.text)
        return [name for name, usual in _NEVER_WRITTEN.items() if name in found and bytes(found[name]) != usual]


def lines_of(path: Path, offset: int = 0, number: int = 0) -> Iterator[Line]:
    """The lines from `offset` on, `number` of which came before; blank ones are passed over. Raises OSError."""
    with path.open("rb") as file:
        file.seek(offset)
        for text in file:
            number, start, offset = number + 1, offset, offset + len(text)
            if stripped := text.strip():
                yield Line(number=number, offset=start, end=offset, text=stripped)
