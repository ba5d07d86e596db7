"""Dead letters: what the queue gave up on, for a person to look at, replay or discard."""

from __future__ import annotations

import enum
import re
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from redis.asyncio import Redis
from redis.exceptions import ResponseError

from dlq import scripts
from dlq.errors import QueueUnavailableError, QueueUnknownError
from dlq.queue import Queue, text_of, translated_errors
from dlq.records import instant, instant_or_none

__all__ = ["DeadLetter", "DeadLetters", "RequeueOutcome"]

_ENTRY_ID = re.compile(r"[0-9]{1,20}-[0-9]{1,20}")


@dataclass(frozen=True, slots=True, kw_only=True)
class DeadLetter:
    """One dead letter. Fields that its entry lacked are empty; enqueued_at is None then."""

    letter_id: str
    type: str
    id: str
    payload: bytes
    enqueued_at: datetime | None
    dead_at: datetime
    attempts: int
    last_error: str


class RequeueOutcome(enum.Enum):
    """What became of an attempt to replay a dead letter."""

    REPLAYED = "replayed"
    MISSING = "missing"
    #: The queue holds as much as it may.
    FULL = "full"
    #: The queue holds a record with this id and other content.
    CONFLICT = "conflict"
    #: It lacks what a record needs; only discarding is left.
    UNREADABLE = "unreadable"


class DeadLetters:
    """The dead letters of one queue.

    When Redis does not answer, those who look raise QueueUnavailableError, those who act QueueUnknownError.
    """

    def __init__(self, client: Redis, queue: Queue) -> None:
        self._client: Any = client  # its stubs give every command the replies of all options at once
        self._queue = queue
        self._requeue: Any = client.register_script(scripts.load("requeue"))
        self._discard: Any = client.register_script(scripts.load("discard"))

    async def page(self, *, after: str = "", limit: int) -> list[DeadLetter]:
        """At most `limit` letters, oldest first, beginning behind the letter `after`."""
        start = f"({after}" if _is_entry_id(after) else "-"
        with translated_errors():
            found = await self._client.xrange(self._queue.names.dead, min=start, count=limit)
        return [_letter(text_of(letter_id), fields) for letter_id, fields in found]

    async def get(self, letter_id: str) -> DeadLetter | None:
        """One letter; None if there is none."""
        if not _is_entry_id(letter_id):
            return None
        with translated_errors():
            found = await self._client.xrange(self._queue.names.dead, min=letter_id, max=letter_id)
        return _letter(letter_id, found[0][1]) if found else None

    async def replay(self, letter_id: str) -> RequeueOutcome:
        """Put a letter back into the queue, as if it had never been tried."""
        names = self._queue.names
        keys = [names.stream, names.index, names.dead, names.dead_index]
        with _done_or_not():
            reply = await self._requeue(keys=keys, args=[letter_id, self._queue.capacity])
        return RequeueOutcome(text_of(reply))

    async def discard(self, letter_id: str) -> bool:
        """Delete a letter for good; False if it was gone."""
        names = self._queue.names
        with _done_or_not():
            return bool(await self._discard(keys=[names.dead, names.dead_index], args=[letter_id]))


@contextmanager
def _done_or_not() -> Iterator[None]:
    """Around a command that changes something: without its reply nobody knows whether it was carried out."""
    try:
        with translated_errors():
            yield
    except QueueUnavailableError as error:
        if isinstance(error.__cause__, ResponseError):
            raise
        raise QueueUnknownError from error


def _is_entry_id(text: str) -> bool:
    """Whether Redis takes `text` for the id of an entry: two numbers of 64 bits."""
    return bool(_ENTRY_ID.fullmatch(text)) and all(int(part) < 2**64 for part in text.split("-"))


def _letter(letter_id: str, fields: Mapping[bytes, bytes]) -> DeadLetter:
    return DeadLetter(
        letter_id=letter_id,
        type=text_of(fields.get(b"type", b"")),
        id=text_of(fields.get(b"id", b"")),
        payload=fields.get(b"payload", b""),
        enqueued_at=instant_or_none(fields.get(b"enqueued_at")),
        dead_at=instant(fields.get(b"dead_at") or letter_id.partition("-")[0].encode()),
        attempts=int(fields.get(b"attempts", b"0")),
        last_error=text_of(fields.get(b"last_error", b"")),
    )
