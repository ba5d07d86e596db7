"""The service's own audit events: written off the request's path, never lost, never in anybody's way."""

from __future__ import annotations

import asyncio
from collections import deque
from collections.abc import Mapping
from typing import Any

from audit.outcomes import EventRecorder, Submission
from audit.own_events import own_event
from repository.errors import RepositoryError
from telemetry.clock import Clock, IdFactory
from telemetry.logs import get_logger
from telemetry.metrics import OWN_EVENTS_DROPPED

__all__ = ["Diary"]

_log = get_logger(__name__)
_BATCH = 200
#: Events that may wait for a store; beyond that the oldest are given up, and counted.
_MOST = 20_000
#: Seconds until the next try when neither store takes events.
_RETRY = 0.5


class Diary:
    """Records notes in the background, in order. Their ids are fixed, so that a repeated try stores none twice."""

    def __init__(self, recorder: EventRecorder, *, clock: Clock, new_id: IdFactory) -> None:
        self._recorder = recorder
        self._clock = clock
        self._new_id = new_id
        self._waiting: deque[Submission] = deque()
        self._task: asyncio.Task[None] | None = None

    def note(self, event_type: str, *, correlation_id: str, resource: tuple[str, str], data: Mapping[str, Any]) -> None:
        """Record an act in the workflow catalog soon; returns at once. resource: its type and id."""
        submission = own_event(
            event_type=event_type,
            category="workflow",
            correlation_id=correlation_id,
            resource=resource,
            at=self._clock(),
            data=data,
            event_id=self._new_id(),
        )
        if len(self._waiting) >= _MOST:
            self._waiting.popleft()
            OWN_EVENTS_DROPPED.inc()
        self._waiting.append(submission)
        if self._task is None:
            self._task = asyncio.create_task(self._run(), name="diary")

    async def flush(self) -> None:
        """Wait until everything is recorded; as long as no store takes events, that is for ever."""
        while self._task is not None:
            await asyncio.wait([self._task])

    async def _run(self) -> None:
        try:
            while self._waiting:
                batch = [self._waiting[place] for place in range(min(_BATCH, len(self._waiting)))]
                if await self._recorded(batch):
                    for _ in batch:
                        self._waiting.popleft()
                else:
                    await asyncio.sleep(_RETRY)
        finally:
            self._task = None

    async def _recorded(self, batch: list[Submission]) -> bool:
        try:
            outcomes = await self._recorder.record(batch, all_or_nothing=False)
        except RepositoryError:
            return False
        except Exception:  # noqa: BLE001 - the audit path must never fail the catalog
            _log.exception("own events could not be recorded")
            return True
        for outcome in outcomes:
            if outcome.status in {"rejected", "conflict"}:
                _log.error("an own event was refused", flaws=[flaw.message for flaw in outcome.flaws])
        return True
