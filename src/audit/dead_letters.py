"""Dead letters of all queues under one kind of id, and the audit events about what is done to them."""

from __future__ import annotations

from collections.abc import AsyncIterator, Mapping, Sequence
from datetime import datetime
from typing import Any

import msgspec

from audit.self_audit_events import self_audit_event
from audit.submission import EventRecorder
from dlq import (
    DeadLetter,
    DeadLetters,
    Queue,
    QueueError,
    QueueName,
    QueueState,
    QueueUnknownError,
    RequeueOutcome,
)
from repository.errors import DatabaseUnavailableError
from telemetry.clock import Clock

__all__ = ["DeadLetterOffice", "Letter", "Replayed", "RequeueOutcome"]

_PAGE = 200
_MAX_ID = 255


class Letter(msgspec.Struct, frozen=True, kw_only=True):
    """One dead letter as people see it. id names the queue too; record is the payload, where it is JSON."""

    id: str
    queue: QueueName
    record_id: str
    record_type: str
    enqueued_at: datetime | None
    dead_at: datetime
    attempts: int
    last_error: str
    record: msgspec.Raw = msgspec.Raw(b"null")


class Replayed(msgspec.Struct, frozen=True, kw_only=True):
    """What a replay of many did: letters put back, and those that stayed, by the reason."""

    replayed: int
    left: Mapping[str, int]


class DeadLetterOffice:
    """Lists, shows, replays and discards dead letters; every act is recorded.

    Every method raises dlq.QueueError when Redis does not answer: QueueUnknownError where something may be done
    already. Those that act raise DatabaseUnavailableError when no store takes the event about it.
    """

    def __init__(
        self,
        queues: Mapping[QueueName, Queue],
        letters: Mapping[QueueName, DeadLetters],
        recorder: EventRecorder,
        clock: Clock,
    ) -> None:
        self._queues = queues
        self._letters = letters
        self._recorder = recorder
        self._clock = clock

    async def states(self) -> list[QueueState]:
        """One look at each queue."""
        return [await queue.state() for queue in self._queues.values()]

    async def page(self, *, queue: str | None, after: str, limit: int) -> tuple[list[Letter], str | None]:
        """Letters behind `after`, queue by queue, oldest first; and the id behind which the next page begins."""
        found: list[Letter] = []
        async for letter in self._walk(queue, after, most=limit + 1):
            found.append(letter)
            if len(found) > limit:
                return found[:limit], found[limit - 1].id
        return found, None

    async def _walk(self, queue: str | None, after: str = "", *, most: int = _PAGE) -> AsyncIterator[Letter]:
        """The letters behind `after`, fetched as they are asked for, at most `most` at a time."""
        begun = not after
        start_queue, _, start = after.partition("-")
        for name, letters in self._letters.items():
            begun = begun or name == start_queue
            if not begun or queue not in {None, name}:
                continue
            position = start if name == start_queue else ""
            while portion := await letters.page(after=position, limit=min(_PAGE, most)):
                for letter in portion:
                    yield _letter(name, letter)
                position = portion[-1].letter_id

    async def get(self, letter_id: str) -> Letter | None:
        """One letter; None if there is none."""
        asked, _, own_id = letter_id.partition("-")
        for name, letters in self._letters.items():
            if name == asked and (found := await letters.get(own_id)):
                return _letter(name, found)
        return None

    async def discard(self, letter: Letter, reason: str) -> bool:
        """Delete a letter for good, after recording that and why; False if somebody else was faster."""
        await self._record("discarded", [letter], reason=reason)
        return await self._letters[letter.queue].discard(letter.id.partition("-")[2])

    async def replay(self, letter: Letter) -> RequeueOutcome:
        """Put a letter back into its queue, after recording that; the queue must have room for both."""
        if not await self._room(letter.queue):
            return RequeueOutcome.FULL
        await self._record("replayed", [letter])
        return await self._letters[letter.queue].replay(letter.id.partition("-")[2])

    async def replay_all(self, *, queue: str | None, limit: int) -> Replayed:
        """Put back at most `limit` letters, oldest first, until the queue is full; none that dies meanwhile."""
        replayed = 0
        left: dict[str, int] = {}
        began = self._clock()
        try:
            async for portion in self._portions(queue, began, limit):
                fit = portion[: await self._room(portion[0].queue)]
                if fit:
                    await self._record("replayed", fit)
                for letter in fit:
                    outcome = await self._letters[letter.queue].replay(letter.id.partition("-")[2])
                    replayed += outcome is RequeueOutcome.REPLAYED
                    if outcome is not RequeueOutcome.REPLAYED:
                        left[outcome.value] = left.get(outcome.value, 0) + 1
                if len(fit) < len(portion):
                    left[RequeueOutcome.FULL.value] = len(portion) - len(fit)
                    break
        except (QueueError, DatabaseUnavailableError) as error:
            if replayed:  # it is not true any more that nothing was changed
                raise QueueUnknownError from error
            raise
        return Replayed(replayed=replayed, left=left)

    async def _portions(self, queue: str | None, before: datetime, limit: int) -> AsyncIterator[list[Letter]]:
        """The letters that died before a moment, in portions of one queue."""
        portion: list[Letter] = []
        count = 0
        async for letter in self._walk(queue, most=limit):
            if letter.dead_at < before:
                if portion and (len(portion) == _PAGE or portion[0].queue != letter.queue):
                    yield portion
                    portion = []
                portion.append(letter)
                count += 1
            if count == limit:
                break
        if portion:
            yield portion

    async def _room(self, name: QueueName) -> int:
        """How many letters the queue can take, each with the event that tells of it."""
        state = await self._queues[name].state()
        return max(0, (state.capacity - state.depth) // 2)

    async def _record(self, act: str, letters: Sequence[Letter], **more: Any) -> None:
        submissions = [
            self_audit_event(
                event_type=f"datastorage.dead_letter.{act}",
                category="orchestration",
                correlation_id=_correlation_of(letter),
                resource=("dead_letter", letter.id),
                at=self._clock(),
                data={
                    "queue": letter.queue,
                    "record_id": letter.record_id,
                    "attempts": letter.attempts,
                    "last_error": letter.last_error,
                    **more,
                },
                index=index,
            )
            for index, letter in enumerate(letters)
        ]
        outcomes = await self._recorder.record(submissions, all_or_nothing=False)
        if not all(outcome.state.is_kept for outcome in outcomes):
            raise DatabaseUnavailableError("the act could not be recorded, and was not done")


def _letter(queue: QueueName, letter: DeadLetter) -> Letter:
    return Letter(
        id=f"{queue}-{letter.letter_id}",
        queue=queue,
        record_id=letter.id,
        record_type=letter.type,
        enqueued_at=letter.enqueued_at,
        dead_at=letter.dead_at,
        attempts=letter.attempts,
        last_error=letter.last_error,
        record=_json(letter.payload),
    )


def _json(payload: bytes) -> msgspec.Raw:
    """The payload where it is JSON, otherwise as a JSON string."""
    try:
        payload.decode()
        return msgspec.json.decode(payload, type=msgspec.Raw)  # not to objects: an int of Python has its limits
    except (msgspec.MsgspecError, UnicodeError, RecursionError):
        return msgspec.Raw(msgspec.json.encode(payload.decode("utf-8", "replace")))


class _Correlated(msgspec.Struct):
    correlation_id: str = ""
    remediation_id: str = ""


def _correlation_of(letter: Letter) -> str:
    """What the record belongs to, so that its timeline tells of the act; the letter itself where that is unknown."""
    try:
        record = msgspec.json.decode(letter.record, type=_Correlated)
    except (msgspec.MsgspecError, UnicodeError):
        return letter.id
    return (record.correlation_id or record.remediation_id)[:_MAX_ID].strip() or letter.id
