"""Cursors: where a page ended, sealed so that a client can carry it but cannot forge it."""

from __future__ import annotations

import base64
import binascii
import hmac
import struct
from datetime import UTC, datetime, timedelta
from hashlib import blake2b
from uuid import UUID

import msgspec

from repository.errors import DatabaseUnavailableError
from repository.keyset import Position

__all__ = ["Bookmark", "Cursors", "InvalidCursorError"]

# version, flags, digest of the question, event_timestamp, event_id, since, until; instants in microseconds.
_LAYOUT = struct.Struct(">BB8sq16sqq")
_VERSION = 1
_HAS_SINCE, _HAS_UNTIL, _LOW_SELECTIVITY = 1, 2, 4
_SEAL_BYTES = 16
_MAX_CHARACTERS = 256
_INVALID = "the cursor is not valid; pass next_cursor on as it came"
_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_MICROSECOND = timedelta(microseconds=1)


class InvalidCursorError(ValueError):
    """The cursor is not one of ours, or belongs to another question."""


class Bookmark(msgspec.Struct, frozen=True, kw_only=True):
    """What a cursor carries.

    since and until are those of the first page, so that a window relative to now (`24h`) stands still while paging.
    """

    position: Position
    since: datetime | None = None
    until: datetime | None = None
    low_selectivity: bool = False


class Cursors:
    """Seals and opens cursors with one key, which all instances of a service share.

    Without a key both raise DatabaseUnavailableError: it comes from the database.

    A cursor is URL-safe text. It is bound to a question (any text that says which filters and which order): opened
    with another question it is refused.
    """

    def __init__(self, key: bytes | None = None) -> None:
        self._key = b""
        if key is not None:
            self.use(key)

    @property
    def has_key(self) -> bool:
        """Whether cursors can be sealed and opened."""
        return bool(self._key)

    def use(self, key: bytes) -> None:
        """Seal and open with `key` from now on."""
        self._key = blake2b(key, digest_size=32, person=b"ds-cursor").digest()

    def seal(self, bookmark: Bookmark, question: str) -> str:
        """The cursor that continues behind `bookmark`."""
        flags = _HAS_SINCE * (bookmark.since is not None)
        flags |= _HAS_UNTIL * (bookmark.until is not None)
        flags |= _LOW_SELECTIVITY * bookmark.low_selectivity
        body = _LAYOUT.pack(
            _VERSION,
            flags,
            _digest(question),
            _micros(bookmark.position.event_timestamp),
            bookmark.position.event_id.bytes,
            _micros(bookmark.since or _EPOCH),
            _micros(bookmark.until or _EPOCH),
        )
        return _text(body + self._seal_of(body))

    def open(self, cursor: str, question: str) -> Bookmark:
        """What `cursor` carries. Raises InvalidCursorError for a forged, damaged or foreign one."""
        body = self._body_of(cursor)
        version, flags, digest, at, event_id, since, until = _LAYOUT.unpack(body)
        if version != _VERSION or not hmac.compare_digest(digest, _digest(question)):
            raise InvalidCursorError(
                "the cursor belongs to other filters or another order; repeat those of the first page"
            )
        try:
            return Bookmark(
                position=Position(_instant(at), UUID(bytes=event_id)),
                since=_instant(since) if flags & _HAS_SINCE else None,
                until=_instant(until) if flags & _HAS_UNTIL else None,
                low_selectivity=bool(flags & _LOW_SELECTIVITY),
            )
        except OverflowError:  # sealed by somebody who knows the key, with an instant that no year holds
            raise InvalidCursorError(_INVALID) from None

    def _body_of(self, cursor: str) -> bytes:
        refused = InvalidCursorError(_INVALID)
        if len(cursor) > _MAX_CHARACTERS:
            raise refused
        try:
            sealed = base64.b64decode(cursor + "=" * (-len(cursor) % 4), altchars=b"-_", validate=True)
        except (binascii.Error, ValueError):
            raise refused from None
        body, seal = sealed[: _LAYOUT.size], sealed[_LAYOUT.size :]
        # One spelling only: the decoder would also take "+" for "-", and "=" at the end.
        if len(body) != _LAYOUT.size or cursor != _text(sealed) or not hmac.compare_digest(seal, self._seal_of(body)):
            raise refused
        return body

    def _seal_of(self, body: bytes) -> bytes:
        if not self._key:
            raise DatabaseUnavailableError("the key of cursors is not known yet")
        return blake2b(body, key=self._key, digest_size=_SEAL_BYTES).digest()


def _text(sealed: bytes) -> str:
    return base64.urlsafe_b64encode(sealed).rstrip(b"=").decode("ascii")


def _digest(question: str) -> bytes:
    return blake2b(question.encode("utf-8", "surrogatepass"), digest_size=8).digest()


def _micros(instant: datetime) -> int:
    return (instant - _EPOCH) // _MICROSECOND


def _instant(micros: int) -> datetime:
    return _EPOCH + micros * _MICROSECOND
