"""The replay worker: brings queued entries to their store, oldest first, and never loses one on the way.

One a process and queue. Entries that it was given but could not store yet stay its own ("pending" in Redis' words);
they are read again until they are settled, and other processes take them over should this one fall silent.
"""

from __future__ import annotations

import asyncio
import os
import socket
from collections.abc import Mapping, Sequence
from contextlib import suppress
from datetime import timedelta
from time import monotonic
from typing import Any
from uuid import uuid4

from redis.asyncio import Redis
from redis.exceptions import ResponseError

from dlq.client import BLOCK_SECONDS
from dlq.errors import QueueError, QueueUnavailableError
from dlq.queue import Queue, RawEntry, text_of, translated_errors
from dlq.records import Adopt, Disposition, DispositionKind, Entry, Sink, parse_entry
from telemetry import metrics
from telemetry.clock import Clock
from telemetry.logs import get_logger

__all__ = ["ReplayWorker", "WorkerSettings", "consumer_name"]

_log = get_logger(__name__)

_OWN_FROM_START = "0"
_SETTLED = {DispositionKind.STORED, DispositionKind.DUPLICATE}
#: Seconds between two looks at what only time changes: due entries, silent consumers.
_CHORES = 0.5
#: Seconds between two tries at entries that their store holds up.
_HELD_PAUSE = 1.0
#: Seconds until the next try when Redis does not answer.
_REDIS_PAUSE = 0.25
#: Seconds of silence after which a consumer that holds nothing is forgotten.
_FORGOTTEN = 3600.0


class WorkerSettings:
    """How a worker behaves.

    batch: entries stored at once. backoff: seconds until the next try after each lone failure; when they are used up
    the entry is a dead letter. claim_idle: seconds of silence after which another worker's entries are taken over.
    """

    def __init__(self, *, batch: int, backoff: Sequence[float], claim_idle: float) -> None:
        self.batch = batch
        self.backoff = tuple(backoff)
        self.claim_idle = claim_idle


def consumer_name() -> str:
    """Unique over all processes: a process id alone is 1 in every container."""
    return f"{socket.gethostname()}-{os.getpid()}-{uuid4().hex[:8]}"


class ReplayWorker:
    """Runs from the start of the process until `stop`. adopt: reads entries that another program wrote."""

    def __init__(
        self,
        queue: Queue,
        reader: Redis,
        sink: Sink,
        settings: WorkerSettings,
        *,
        clock: Clock,
        consumer: str,
        adopt: Adopt = lambda _: None,
    ) -> None:
        self.consumer = consumer
        self._queue = queue
        self._reader = reader
        self._sink = sink
        self._settings = settings
        self._clock = clock
        self._adopt = adopt
        self._stopping = asyncio.Event()
        self._task: asyncio.Task[None] | None = None
        self._own_cursor = _OWN_FROM_START
        self._own_next: float | None = 0.0  # a name is unique, but a group that was made anew may hold entries for it
        self._sweep_cursor = "0-0"
        self._next_chores = 0.0
        self._next_sweep = 0.0

    def start(self) -> None:
        """Begin to replay."""
        self._task = asyncio.create_task(self._run(), name=f"replay {self._queue.names.name}")

    async def stop(self) -> None:
        """Finish the batch at hand and hand over what is left; nothing is deleted that is not stored."""
        self._stopping.set()
        if self._task is not None:
            await asyncio.wait([self._task])
        with suppress(QueueUnavailableError):
            await self._queue.release(self.consumer)

    async def _run(self) -> None:
        while not self._stopping.is_set():
            try:
                if await self._store_is_ready():
                    await self._round()
            except QueueError as error:
                await self._recover(error)
            except Exception:  # noqa: BLE001 - a worker that ends would strand the queue
                _log.exception("replay failed; it goes on", queue=self._queue.names.name)
                await self._pause(_HELD_PAUSE)

    async def _store_is_ready(self) -> bool:
        """Wait until the sink is worth trying; False when the worker is told to stop first."""
        ready = asyncio.ensure_future(self._sink.ready())
        stop = asyncio.ensure_future(self._stopping.wait())
        try:
            await asyncio.sleep(0)
            if not ready.done():
                self._own_cursor, self._own_next = _OWN_FROM_START, 0.0  # what was held up is tried first
            await asyncio.wait([ready, stop], return_when=asyncio.FIRST_COMPLETED)
            return not self._stopping.is_set()
        finally:
            ready.cancel()
            stop.cancel()

    async def _recover(self, error: QueueError) -> None:
        """A group that vanished is made anew; a Redis that is away is waited for."""
        if isinstance(error.__cause__, ResponseError) and "NOGROUP" in str(error.__cause__):
            _log.warning("the consumer group is gone; making it anew", queue=self._queue.names.name)
            with suppress(QueueUnavailableError):
                await self._queue.ensure_group()
                return
        await self._pause(_REDIS_PAUSE)

    async def _pause(self, seconds: float) -> None:
        with suppress(TimeoutError):
            await asyncio.wait_for(self._stopping.wait(), seconds)

    async def _round(self) -> None:
        await self._do_chores()
        if self._own_next is not None and monotonic() >= self._own_next:
            await self._go_through_own()
        else:
            await self._take_new()

    async def _do_chores(self) -> None:
        now = monotonic()
        if now < self._next_chores:
            return
        self._next_chores = now + _CHORES
        while await self._queue.promote(self._settings.batch) == self._settings.batch:
            pass
        if now >= self._next_sweep:
            await self._sweep()

    async def _sweep(self) -> None:
        """One step through what silent consumers hold; the cursor is carried on, so that every entry has its turn."""
        idle = self._settings.claim_idle
        self._sweep_cursor, taken = await self._queue.sweep(
            self.consumer, idle=idle, cursor=self._sweep_cursor, count=self._settings.batch
        )
        if taken:
            _log.info("took entries over from a silent worker", queue=self._queue.names.name, entries=taken)
            self._retry_own_at(0.0)
        if self._sweep_cursor == "0-0":
            self._next_sweep = monotonic() + min(idle / 3, 10.0)
            await self._queue.reap(max(_FORGOTTEN, 2 * idle))

    def _retry_own_at(self, moment: float) -> None:
        self._own_next = moment if self._own_next is None else min(self._own_next, moment)

    async def _go_through_own(self) -> None:
        """Read on through what is pending with us: one batch a pause while nothing moves, else at full speed."""
        raws = await self._read(self._own_cursor, block=False)
        if not raws:
            began = self._own_cursor == _OWN_FROM_START
            self._own_cursor = _OWN_FROM_START
            self._own_next = None if began else monotonic() + _HELD_PAUSE
            return
        moved = await self._handle(raws)
        self._own_cursor = _OWN_FROM_START if moved else raws[-1][0]
        self._own_next = 0.0 if moved else monotonic() + _HELD_PAUSE

    async def _take_new(self) -> None:
        """Wait for new entries, not longer than something else is due."""
        if raws := await self._read(">", block=True):
            await self._handle(raws)

    async def _read(self, position: str, *, block: bool) -> list[RawEntry]:
        names = self._queue.names
        with translated_errors():
            reply = await self._reader.xreadgroup(
                names.group,
                self.consumer,
                {names.stream: position},
                count=self._settings.batch,
                block=round(1000 * min(BLOCK_SECONDS, _CHORES)) if block else None,
            )
        return _entries_of(reply)

    async def _handle(self, raws: Sequence[RawEntry]) -> bool:
        """Bring each entry one step further; False when all of them are still pending with us."""
        entries = await self._readable(raws)
        now = self._clock()
        early = [entry for entry in entries if entry.due_at > now]
        if early:
            await self._queue.delay(early)
        due = [entry for entry in entries if entry.due_at <= now]
        held = await self._settle(due, await self._dispositions(due)) if due else 0
        if held:
            self._retry_own_at(monotonic() + _HELD_PAUSE)
        await self._queue.state()
        return held < len(raws)

    async def _readable(self, raws: Sequence[RawEntry]) -> list[Entry]:
        """Those that can be parsed; the others become dead letters, and those deleted meanwhile are forgotten."""
        if gone := [entry_id for entry_id, fields in raws if not fields]:
            await self._queue.drop_pending(gone)
        entries: list[Entry] = []
        for entry_id, fields in raws:
            try:
                if fields and not await self._adopted(entry_id, fields):
                    entries.append(parse_entry(entry_id, fields))
            except ValueError as error:
                await self._dead_letter(entry_id, attempts=0, error=str(error))
        return entries

    async def _adopted(self, entry_id: str, fields: Mapping[bytes, bytes]) -> bool:
        """Bring an entry of another form into ours, to be read again; False if it is in ours. Raises ValueError."""
        found = self._adopt(fields)
        if found is None:
            return False
        if not await self._queue.adopt(entry_id, found):
            raise ValueError(f"its id {found.item.id[:64]} is queued with other content")
        return True

    async def _dispositions(self, entries: Sequence[Entry]) -> Sequence[Disposition]:
        """The sink's dispositions; an entry at which the sink itself breaks is found by halving and fails alone."""
        try:
            return await self._sink.store(entries)
        except Exception as error:  # noqa: BLE001 - one poisoned entry must not hold up the others
            if len(entries) == 1:
                _log.exception("an entry cannot be handled", queue=self._queue.names.name, entry=entries[0].entry_id)
                return [Disposition(DispositionKind.DELAY, f"the service failed at it: {type(error).__name__}")]
        middle = len(entries) // 2
        return [*await self._dispositions(entries[:middle]), *await self._dispositions(entries[middle:])]

    async def _settle(self, entries: Sequence[Entry], dispositions: Sequence[Disposition]) -> int:
        """Act on the dispositions; returns how many entries stay pending with us."""
        judged = list(zip(entries, dispositions, strict=True))
        for _, disposition in judged:
            metrics.DLQ_REPLAYED.labels(self._queue.names.name, disposition.kind.value).inc()
        if stored := [entry for entry, disposition in judged if disposition.kind in _SETTLED]:
            await self._queue.settle(stored)
        for entry, disposition in judged:
            if disposition.kind is DispositionKind.DEAD_LETTER:
                await self._dead_letter(entry.entry_id, attempts=entry.attempts + 1, error=disposition.error)
            elif disposition.kind is DispositionKind.DELAY:
                await self._back_off(entry, disposition.error)
            elif disposition.kind is DispositionKind.POSTPONE:
                await self._defer(entry, entry.attempts, self._settings.backoff[0], disposition.error)
        return sum(disposition.kind is DispositionKind.KEEP for _, disposition in judged)

    async def _back_off(self, entry: Entry, error: str) -> None:
        attempts = entry.attempts + 1
        if attempts > len(self._settings.backoff):
            await self._dead_letter(entry.entry_id, attempts=attempts, error=error)
        else:
            await self._defer(entry, attempts, self._settings.backoff[attempts - 1], error)

    async def _defer(self, entry: Entry, attempts: int, seconds: float, error: str) -> None:
        _log.warning("entry backs off", queue=self._queue.names.name, id=entry.id, seconds=seconds, error=error)
        due_at = self._clock() + timedelta(seconds=seconds)
        await self._queue.defer(entry, attempts=attempts, due_at=due_at, error=error)

    async def _dead_letter(self, entry_id: str, *, attempts: int, error: str) -> None:
        _log.error("entry is a dead letter", queue=self._queue.names.name, entry=entry_id, error=error)
        metrics.DLQ_REPLAYED.labels(self._queue.names.name, "dead").inc()
        await self._queue.dead_letter(entry_id, attempts=attempts, error=error)


def _entries_of(reply: Any) -> list[RawEntry]:
    """The entries of an XREADGROUP reply for one stream: a list in RESP2, a mapping in RESP3, nothing after a wait."""
    streams = list(reply.values()) if isinstance(reply, Mapping) else [entries for _, entries in reply or ()]
    entries = streams[0] if streams else []
    if entries and isinstance(entries[0], list):  # RESP3 wraps them once more
        entries = entries[0]
    return [(text_of(entry_id), fields or {}) for entry_id, fields in entries]
