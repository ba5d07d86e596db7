"""The service's own audit events: written off the request's path, never lost, never in anybody's way."""

from __future__ import annotations

import asyncio
from collections import deque
from collections.abc import Mapping
from typing import Any

from audit.self_audit_events import give_up, self_audit_event, unrecorded
from audit.submission import EventRecorder, Submission
from telemetry.clock import Clock, IdFactory
from telemetry.logs import get_logger
from telemetry.metrics import SELF_AUDIT_DROPPED

__all__ = ["SelfAuditLog"]

_log = get_logger(__name__)
_BATCH = 200
#: Events that may wait for a store, and their bytes; beyond that the oldest are given up, and counted.
_MOST, _MOST_BYTES = 20_000, 32 * 1024 * 1024
#: Failures in a row, of a kind that nobody foresaw, after which an event that was tried alone is given up.
_TRIES = _BATCH.bit_length()


class SelfAuditLog:
    """Records notes in the background, in order. Their ids are fixed, so that a repeated try stores none twice.

    Events that are given up count in the metric SELF_AUDIT_DROPPED. rest: seconds until the next try after one failed.
    """

    def __init__(self, recorder: EventRecorder, *, clock: Clock, new_id: IdFactory, rest: float = 0.5) -> None:
        self._recorder = recorder
        self._clock = clock
        self._new_id = new_id
        self._rest = rest
        self._waiting: deque[Submission] = deque()
        self._bytes = 0
        self._portion = _BATCH
        self._failures = 0
        self._task: asyncio.Task[None] | None = None

    def note(
        self,
        event_type: str,
        *,
        correlation_id: str,
        resource: tuple[str, str],
        data: Mapping[str, Any],
        category: str = "workflow",
        outcome: str = "success",
    ) -> None:
        """Record an act soon; returns at once, never fails. resource: its type and id."""
        try:
            submission = self_audit_event(
                event_type=event_type,
                category=category,
                outcome=outcome,
                correlation_id=correlation_id,
                resource=resource,
                at=self._clock(),
                data=data,
                event_id=self._new_id(),
            )
        except Exception:  # noqa: BLE001 - the audit path must never fail the catalog
            _log.exception("an own event could not be written", event_type=event_type)
            return give_up("not written")
        self._waiting.append(submission)
        self._bytes += _size(submission)
        while len(self._waiting) > _MOST or self._bytes > _MOST_BYTES:
            self._take()
            SELF_AUDIT_DROPPED.inc()  # one line in the log for each would add to the trouble
        if self._task is None:
            self._task = asyncio.create_task(self._run(), name="self_audit")
        return None

    async def flush(self) -> None:
        """Wait until everything is recorded; as long as no store takes events, that is for ever."""
        while self._task is not None:
            await asyncio.wait([self._task])

    async def _run(self) -> None:
        try:
            while self._waiting:
                batch = [self._take() for _ in range(min(self._portion, len(self._waiting)))]
                if left := await self._left_of(batch):
                    self._waiting.extendleft(reversed(left))
                    self._bytes += sum(map(_size, left))
                    await asyncio.sleep(self._rest)
        finally:
            self._task = None

    def _take(self) -> Submission:
        oldest = self._waiting.popleft()
        self._bytes -= _size(oldest)
        return oldest

    async def _left_of(self, batch: list[Submission]) -> list[Submission]:
        """Record a batch; those that must be tried again."""
        try:
            outcomes = await self._recorder.record(batch, all_or_nothing=False)
        except Exception:  # noqa: BLE001 - the audit path must never fail the catalog
            _log.exception("own events could not be recorded")
            return self._blame(batch)
        self._failures, self._portion = 0, min(_BATCH, 2 * self._portion)
        return unrecorded(batch, outcomes)

    def _blame(self, batch: list[Submission]) -> list[Submission]:
        """Halve the portion until the event at fault is alone, then give that up."""
        self._failures += 1
        self._portion = max(1, len(batch) // 2)
        if len(batch) > 1 or self._failures < _TRIES:
            return batch
        give_up("failed")
        return []


def _size(submission: Submission) -> int:
    return len(bytes(submission.text))
