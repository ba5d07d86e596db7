"""Recording notifications: rules, group commit, the queue when PostgreSQL is away, and replay from there."""

from __future__ import annotations

import asyncio
import hashlib
from collections import deque
from collections.abc import Mapping, Sequence
from datetime import UTC, datetime, timedelta
from time import monotonic
from typing import Any, Literal, NamedTuple, Protocol

import msgspec

from audit.breaker import Breaker
from audit.delivery import both_stores_unavailable
from audit.outcomes import Flaw
from audit.patience import PatientWrites
from audit.replay import verdict_of
from dlq import NOTIFICATIONS, Entry, Item, Queue, QueueConflictError, QueueError, Verdict, VerdictKind
from repository.errors import DatabaseUnavailableError, InvalidDataError, QueryTimeoutError, RepositoryError
from repository.notifications import StoredNotification, WrittenNotification
from repository.records import Notification
from telemetry.clock import Clock
from telemetry.logs import get_logger
from telemetry.metrics import GROUP_SIZE, WRITE_DURATION

__all__ = ["NotificationCommitter", "NotificationRecorder", "NotificationSink", "Recorded"]

_log = get_logger(__name__)
_DURATION, _ROWS = WRITE_DURATION.labels("notification_audit"), GROUP_SIZE.labels("notification_audit")
#: Notifications in one transaction, and those that may wait for one; who comes then waits in turn.
_GROUP, _WAITING = 200, 2000
#: Seconds for which a queue that did not answer is not asked again what it holds: a hung Redis must not slow writes.
_BLIND = 1.0
#: Members that must say something: blanks are as good as nothing.
_SAYING = ("remediation_id", "notification_id", "recipient", "message_summary")
_encode = msgspec.json.Encoder(order="sorted").encode
_decode = msgspec.json.Decoder(Notification).decode


class Recorded(NamedTuple):
    """What became of a notification. record is set when it is `created`."""

    status: Literal["created", "queued", "conflict"]
    record: StoredNotification | None = None


class NotificationTable(Protocol):
    """Where groups are written: repository.notifications.Notifications, see there."""

    async def write(self, notifications: Sequence[Notification]) -> list[WrittenNotification]:
        """Store those whose notification_id is new, in one transaction."""


class _Waiting(NamedTuple):
    notification: Notification
    result: asyncio.Future[WrittenNotification]
    arrived: float


class NotificationCommitter:
    """Group commit for notifications, one per process; the rules of audit.committer on a smaller scale.

    What arrives while a group is written goes into the next one, in order; an idle service writes at once. A caller
    that is cancelled takes nothing back. A notification that PostgreSQL refuses fails alone.
    """

    def __init__(self, table: NotificationTable, *, breaker: Breaker, patience: float) -> None:
        self._table = table
        self._breaker = breaker
        self._writes = PatientWrites(breaker, patience)
        self._queue: deque[_Waiting] = deque()
        self._room = asyncio.Semaphore(_WAITING)
        self._task: asyncio.Task[None] | None = None

    async def commit(self, notification: Notification) -> WrittenNotification:
        """What is stored under its id now. Raises DatabaseUnavailableError and its kinds, InvalidDataError."""
        async with self._room:
            waiting = _Waiting(notification, asyncio.get_running_loop().create_future(), monotonic())
            self._queue.append(waiting)
            if self._task is None:
                self._task = asyncio.create_task(self._run(), name="notification committer")
            return await waiting.result

    async def flush(self) -> None:
        """Wait until everything handed over is settled."""
        while self._task is not None:
            await asyncio.wait([self._task])

    async def _run(self) -> None:
        try:
            while self._queue:
                await self._settle(self._next_group())
        finally:
            self._task = None

    def _next_group(self) -> list[_Waiting]:
        """What fits into one transaction; an id that is in the group already ends it."""
        group: list[_Waiting] = []
        ids: set[str] = set()
        while self._queue and len(group) < _GROUP and self._queue[0].notification.notification_id not in ids:
            group.append(self._queue.popleft())
            ids.add(group[-1].notification.notification_id)
        return group

    async def _settle(self, group: Sequence[_Waiting]) -> None:
        try:
            answers = await self._writes.run(lambda: self._table.write([one.notification for one in group]))
        except (DatabaseUnavailableError, QueryTimeoutError) as error:
            self._fail(group, error)
        except RepositoryError as error:
            if len(group) == 1:
                self._fail(group, error)
                return
            for one in group:
                await self._settle([one])
        except Exception as error:  # noqa: BLE001 - whatever it is, those who wait must learn it
            self._fail(group, error)
        else:
            self._breaker.success()
            _ROWS.observe(len(group))
            for one, answer in zip(group, answers, strict=True):
                _DURATION.observe(monotonic() - one.arrived)
                if not one.result.done():  # its request may be gone: the notification is stored all the same
                    one.result.set_result(answer)

    def _fail(self, group: Sequence[_Waiting], error: Exception) -> None:
        if isinstance(error, DatabaseUnavailableError):
            self._breaker.failure()
        elif not isinstance(error, InvalidDataError):
            _log.exception("commit failed", exc_info=error)
        for one in group:
            if not one.result.done():
                one.result.set_exception(error)


class NotificationRecorder:
    """Makes notifications durable, in PostgreSQL or in the queue. max_future: how far sent_at may lie ahead."""

    def __init__(
        self, committer: NotificationCommitter, queue: Queue, breaker: Breaker, *, clock: Clock, max_future: timedelta
    ) -> None:
        self._committer = committer
        self._queue = queue
        self._breaker = breaker
        self._clock = clock
        self._max_future = max_future
        self._blind_until = 0.0

    def flaws(self, document: Mapping[str, Any]) -> list[Flaw]:
        """Every rule that the contract's schema cannot say and that `document` breaks; it may break the schema too."""
        found = [
            Flaw(pointer=f"/{name}", message=f"{name} is required and must not be blank", reason="required")
            for name in _SAYING
            if isinstance(text := document.get(name), str) and text and not text.strip()
        ]
        sent_at, now = _instant(document.get("sent_at")), self._clock()
        if sent_at and sent_at > now + self._max_future:
            message = f"sent_at is in the future: {sent_at.isoformat()}, now is {now.isoformat()}"
            found.append(Flaw(pointer="/sent_at", message=message, reason="future_timestamp"))
        return found

    async def record(self, document: Mapping[str, Any]) -> Recorded:
        """Record what fits the contract and has no flaws.

        Raises DatabaseUnavailableError when nothing was stored anywhere, InvalidDataError.
        """
        notification = _notification(document)
        digest = _digest(notification)
        if queued := await self._queued(notification.notification_id):
            return Recorded("queued" if queued == digest else "conflict")
        if not self._breaker.is_open:
            try:
                answer = await self._committer.commit(notification)
            except (DatabaseUnavailableError, QueryTimeoutError):
                pass
            else:
                return Recorded("created" if answer.created else "conflict", answer.record)
        try:
            await self._queue.enqueue(
                [Item(id=notification.notification_id, digest=digest, payload=_encode(notification))]
            )
        except QueueConflictError:
            return Recorded("conflict")
        except QueueError as error:
            raise both_stores_unavailable(error) from error
        return Recorded("queued")

    async def _queued(self, notification_id: str) -> str:
        """The digest under which this id is queued; empty if it is not, or the queue does not answer."""
        if monotonic() < self._blind_until:
            return ""
        try:
            found = await self._queue.locate([notification_id])
        except QueueError:
            self._blind_until = monotonic() + _BLIND
            return ""
        one = found.get(notification_id)
        return one.digest if one and one.state == "queued" else ""


class NotificationSink:
    """Implements dlq.Sink for notifications."""

    def __init__(self, committer: NotificationCommitter, breaker: Breaker) -> None:
        self._committer = committer
        self._breaker = breaker

    async def ready(self) -> None:
        """Return when PostgreSQL is considered up."""
        await self._breaker.closed()

    async def store(self, entries: Sequence[Entry]) -> list[Verdict]:
        """A verdict for each entry."""
        return await asyncio.gather(*map(self._store, entries))

    async def _store(self, entry: Entry) -> Verdict:
        if entry.type != NOTIFICATIONS.entry_type:
            _log.error("an entry of a type that this version does not know stays queued", type=entry.type[:64])
            return Verdict(VerdictKind.UNKNOWN, f"unknown type {entry.type[:64]!r}")
        try:
            notification = _decode(entry.payload)
        except (msgspec.MsgspecError, UnicodeError):
            return Verdict(VerdictKind.REFUSED, "its payload is not a notification")
        try:
            return _verdict(notification, await self._committer.commit(notification))
        except RepositoryError as error:
            return verdict_of(error)


def _verdict(notification: Notification, answer: WrittenNotification) -> Verdict:
    if answer.created:
        return Verdict(VerdictKind.STORED)
    if answer.record.says(notification):
        return Verdict(VerdictKind.DUPLICATE)
    return Verdict(VerdictKind.REFUSED, "this notification_id is stored with different content")


def _instant(value: object) -> datetime | None:
    try:
        instant = msgspec.convert(value, datetime)
    except msgspec.ValidationError:
        return None
    return instant if instant.tzinfo else None


def _notification(document: Mapping[str, Any]) -> Notification:
    """The record of a document that fits the contract; empty optional texts are as good as absent."""
    known = {name: document[name] for name in Notification.__struct_fields__ if document.get(name) not in {None, ""}}
    if "escalation_level" in known:
        known["escalation_level"] = int(known["escalation_level"])  # 1.0 is an integer to JSON Schema
    sent_at = msgspec.convert(known["sent_at"], datetime).astimezone(UTC)
    return Notification(**{**known, "sent_at": sent_at})


def _digest(notification: Notification) -> str:
    return hashlib.sha256(_encode(notification), usedforsecurity=False).hexdigest()[:32]
