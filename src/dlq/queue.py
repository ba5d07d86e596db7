"""One queue: a stream with a capacity, an index of the ids in it, and a consumer group."""

from __future__ import annotations

import asyncio
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from datetime import datetime, timedelta
from itertools import chain
from typing import Any

from redis.asyncio import Redis
from redis.exceptions import RedisError, ResponseError

from dlq import alarms, scripts
from dlq.coalescing import Coalescer
from dlq.errors import QueueConflictError, QueueError, QueueFullError, QueueUnavailableError, QueueUnknownError
from dlq.records import (
    LAST_ERROR_LIMIT,
    Adoptable,
    Entry,
    Item,
    Located,
    QueueNames,
    QueueState,
    instant,
    instant_or_none,
    milliseconds,
)
from telemetry import metrics
from telemetry.clock import Clock
from telemetry.logs import get_logger
from telemetry.spans import span

__all__ = ["Queue", "RawEntry", "text_of", "translated_errors"]

_log = get_logger(__name__)

#: Bytes of records that go to Redis in one command, and ids that one command asks for.
_PORTION_BYTES, _PORTION_IDS = 4_000_000, 2000
#: RuntimeError is uvloop's word for writing to a connection that was reset.
_DRIVER_ERRORS = (RedisError, OSError, TimeoutError, RuntimeError)

#: An entry as Redis returns it: its id and its fields (none when it was deleted meanwhile).
RawEntry = tuple[str, Mapping[bytes, bytes]]


@contextmanager
def translated_errors() -> Iterator[None]:
    """Raise our own error for each of the driver's; no driver text in it."""
    try:
        yield
    except _DRIVER_ERRORS as error:
        raise QueueUnavailableError from error


class _NoAnswerError(Exception):
    """A command was sent, and its reply did not come."""


class Queue:
    """What is done to one queue; each method is one atomic step in Redis.

    capacity: entries that it takes. timeout: seconds that an attempt to enqueue, or a look-up, may take. replicas: how
    many of Redis' replicas must have an entry before it counts as queued.
    Every method raises QueueUnavailableError when Redis does not answer.
    """

    def __init__(
        self, client: Redis, names: QueueNames, *, capacity: int, timeout: float, clock: Clock, replicas: int = 0
    ) -> None:
        self.names = names
        self.capacity = capacity
        self._client: Any = client  # its stubs give every command the replies of all options at once
        self._timeout = timeout
        self.replicas = replicas
        self._clock = clock
        self._ahead = timedelta()
        self._scripts: dict[str, Any] = {}
        self._enqueue: Coalescer[Sequence[Item], list[Any]] = Coalescer(
            self._append_all, weight=lambda items: sum(len(item.payload) for item in items), most=_PORTION_BYTES
        )
        self._locate: Coalescer[Sequence[str], dict[str, Located]] = Coalescer(
            self._locate_all, weight=len, most=_PORTION_IDS
        )

    async def enqueue(self, items: Sequence[Item]) -> int:
        """Queue all of `items` or none; returns how many were new.

        An id that is queued with the same digest is left as it is. An attempt that is not answered is repeated once
        with the same ids, which finds what the first one did; a command that reaches Redis later than `timeout` does
        nothing there. Raises QueueFullError, QueueConflictError, QueueUnavailableError (nothing is queued),
        QueueUnknownError.
        """
        try:
            with span(f"XADD {self.names.stream}", "client", records=len(items)):
                status, *rest = await self._enqueue(items)
        except QueueError as error:
            metrics.DLQ_REFUSED.labels(self.names.name, "unavailable").inc(len(items))
            _log.debug("enqueue failed", queue=self.names.name, cause=type(error.__cause__).__name__)
            raise
        if status == b"conflict":
            raise QueueConflictError([text_of(item_id) for item_id in rest])
        if status == b"full":
            metrics.DLQ_REFUSED.labels(self.names.name, "full").inc(len(items))
            raise QueueFullError(f"the queue holds {rest[0]} of {self.capacity} entries; {len(items)} more do not fit")
        metrics.DLQ_ENQUEUED.labels(self.names.name, self.names.entry_type).inc(rest[1])
        return int(rest[1])

    async def _append_all(self, batches: Sequence[Sequence[Item]]) -> list[list[Any]]:
        flat: list[str | bytes | int] = []
        for items in batches:
            flat += [len(items), items[0].trace if items else ""]
            flat += [part for item in items for part in (item.id, item.digest, item.payload)]
        try:
            return await self._append(flat)
        except _NoAnswerError:
            try:
                return await self._append(flat)
            except (_NoAnswerError, QueueUnavailableError) as error:
                raise QueueUnknownError from error

    async def _append(self, flat: Sequence[str | bytes | int]) -> list[list[Any]]:
        """One attempt, repeated where the clocks differed: Redis had refused it, and has told its own time."""
        for _ in range(2):
            now = self._clock()
            deadline = milliseconds(now + self._ahead + timedelta(seconds=self._timeout))
            arguments = [self.capacity, deadline, milliseconds(now), self.names.entry_type, *flat]
            clock, *replies = await self._send("enqueue", [self.names.stream, self.names.index], arguments)
            self._ahead = instant(clock) - self._clock()
            if replies:
                return replies
        raise QueueUnavailableError("Redis answered too late; nothing was queued")

    async def _send(self, name: str, keys: Sequence[str], arguments: Sequence[Any]) -> list[Any]:
        """Run a script, and know whether it was sent. Raises QueueUnavailableError if not, else _NoAnswerError."""
        text = scripts.load(name)
        sent = False
        pool = self._client.connection_pool
        try:
            async with asyncio.timeout(self._timeout):
                connection = await pool.get_connection()
                try:
                    sent = True
                    await connection.send_command("EVAL", text, len(keys), *keys, *arguments)
                    reply: list[Any] = await connection.read_response()
                    await self._replicated(connection)
                except ResponseError:
                    raise
                except BaseException:
                    await connection.disconnect(nowait=True)  # the reply that may come is nobody's
                    raise
                finally:
                    await pool.release(connection)
        except ResponseError as error:
            raise QueueUnavailableError from error
        except _DRIVER_ERRORS as error:
            raise (_NoAnswerError if sent else QueueUnavailableError) from error
        return reply

    async def _replicated(self, connection: Any) -> None:
        """Wait until enough replicas have what this connection wrote. Raises TimeoutError."""
        if not self.replicas:
            return
        await connection.send_command("WAIT", self.replicas, round(500 * self._timeout))
        if int(await connection.read_response()) < self.replicas:
            raise TimeoutError

    async def locate(self, ids: Sequence[str]) -> dict[str, Located]:
        """Where the records with these ids are; those that are neither queued nor dead letters are left out."""
        return await self._locate(ids)

    async def _locate_all(self, calls: Sequence[Sequence[str]]) -> list[dict[str, Located]]:
        ids = sorted({one for call in calls for one in call})
        with translated_errors():
            async with asyncio.timeout(self._timeout):
                replies = await self._script("lookup", self._all_keys(), ids)
        found = {record: _located(*reply) for record, reply in zip(ids, replies, strict=True) if reply}
        return [{one: found[one] for one in call if one in found} for call in calls]

    async def state(self) -> QueueState:
        """One look at the queue; the gauges are set to it."""
        names = self.names
        with translated_errors():
            async with self._client.pipeline(transaction=False) as pipe:
                pipe.xlen(names.stream).xlen(names.dead).xrange(names.stream, count=1)
                depth, dead, first = await pipe.execute()
        oldest = instant_or_none(first[0][1].get(b"enqueued_at")) if first else None
        state = QueueState(name=names.name, depth=depth, capacity=self.capacity, dead_letters=dead, oldest=oldest)
        alarms.publish(state, self._clock())
        return state

    async def ensure_group(self) -> None:
        """Make the stream and its group where they are missing; the group begins with the oldest entry."""
        with translated_errors():
            try:
                await self._client.xgroup_create(self.names.stream, self.names.group, id="0", mkstream=True)
            except ResponseError as error:
                if "BUSYGROUP" not in str(error):
                    raise

    async def settle(self, entries: Sequence[Entry]) -> None:
        """Take stored entries out."""
        flat = chain.from_iterable((entry.entry_id, entry.id) for entry in entries)
        await self._call("settle", [self.names.stream, self.names.index], [self.names.group, *flat])

    async def defer(self, entry: Entry, *, attempts: int, due_at: datetime, error: str) -> None:
        """Keep an entry that failed alone for a later try."""
        arguments = [self.names.group, entry.entry_id, attempts, milliseconds(due_at), error[:LAST_ERROR_LIMIT]]
        await self._call("defer", [self.names.stream, self.names.index], arguments)

    async def delay(self, entries: Sequence[Entry]) -> None:
        """Set entries that are not due yet aside; `promote` brings them back."""
        flat = chain.from_iterable((entry.entry_id, milliseconds(entry.due_at)) for entry in entries)
        await self._call("delay", [self.names.stream, self.names.waiting], [self.names.group, *flat])

    async def promote(self, limit: int) -> int:
        """Bring entries back whose time has come, at most `limit`; returns how many."""
        keys = [self.names.stream, self.names.index, self.names.waiting]
        return int(await self._call("promote", keys, [milliseconds(self._clock()), limit]))

    async def adopt(self, entry_id: str, found: Adoptable) -> bool:
        """Put an entry of another form into ours; False if its id is queued already with other content."""
        item, names = found.item, self.names
        arguments = [names.group, entry_id, names.entry_type, item.id, item.digest, milliseconds(found.enqueued_at)]
        error = found.last_error[:LAST_ERROR_LIMIT]
        keys = [names.stream, names.index]
        return text_of(await self._call("adopt", keys, [*arguments, error, item.payload])) != "conflict"

    async def dead_letter(self, entry_id: str, *, attempts: int, error: str) -> None:
        """Move an entry to the dead letters."""
        arguments = [self.names.group, entry_id, milliseconds(self._clock()), attempts, error[:LAST_ERROR_LIMIT]]
        await self._call("dead_letter", self._all_keys(), arguments)

    async def drop_pending(self, entry_ids: Sequence[str]) -> None:
        """Forget pending entries that are no longer in the stream."""
        with translated_errors():
            await self._client.xack(self.names.stream, self.names.group, *entry_ids)

    async def sweep(self, consumer: str, *, idle: float, cursor: str, count: int) -> tuple[str, int]:
        """Take over what silent consumers hold; returns the next cursor and how many entries were taken."""
        arguments = [self.names.group, consumer, round(idle * 1000), cursor, count]
        following, taken = await self._call("sweep", [self.names.stream], arguments)
        return text_of(following), int(taken)

    async def release(self, consumer: str) -> None:
        """Remove a consumer that ends; what it holds can be taken over at once."""
        await self._call("release", [self.names.stream], [self.names.group, consumer, "released"])

    async def reap(self, idle: float) -> None:
        """Forget consumers without entries that have been silent for `idle` seconds."""
        await self._call("reap", [self.names.stream], [self.names.group, round(idle * 1000)])

    async def _call(self, name: str, keys: Sequence[str], arguments: Sequence[Any]) -> Any:
        with translated_errors():
            return await self._script(name, keys, arguments)

    async def _script(self, name: str, keys: Sequence[str], arguments: Sequence[Any]) -> Any:
        if name not in self._scripts:
            self._scripts[name] = self._client.register_script(scripts.load(name))
        return await self._scripts[name](keys=keys, args=arguments)

    def _all_keys(self) -> list[str]:
        return [self.names.stream, self.names.index, self.names.dead, self.names.dead_index]


def text_of(value: bytes | str) -> str:
    """Redis' text as a string."""
    return value.decode(errors="replace") if isinstance(value, bytes) else value


def _located(state: bytes, entry_id: bytes, flat: Sequence[bytes]) -> Located:
    fields = dict(zip(flat[::2], flat[1::2], strict=True))
    moment = fields.get(b"dead_at") or fields.get(b"enqueued_at") or entry_id.split(b"-")[0]
    return Located(
        state=text_of(state),
        digest=text_of(fields.get(b"digest", b"")),
        payload=fields.get(b"payload", b""),
        since=instant(moment),
        attempts=int(fields.get(b"attempts", b"0")),
        last_error=text_of(fields.get(b"last_error", b"")),
    )
