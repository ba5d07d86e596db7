"""Recording events: rules, then the pipeline, then an outcome for each."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping, Sequence
from typing import Protocol
from uuid import UUID

import msgspec

from audit.rules import EventRules
from audit.submission import Submission
from pipeline.content import digest_of
from pipeline.outcome import Flaw, Outcome, State
from repository.errors import RepositoryError
from repository.records import AuditEvent, Row, Unit

__all__ = ["Recorder", "Records"]

EventRow = Row[AuditEvent]


class Records(Protocol):
    """Where units go: pipeline.fallback.Pipeline, see there."""

    async def record(self, unit: Unit[AuditEvent]) -> list[Outcome]:
        """Make every row of the unit durable, or none; what became of each."""


class Recorder:
    """Implements audit.submission.EventRecorder."""

    def __init__(self, rules: EventRules, pipeline: Records) -> None:
        self._rules = rules
        self._pipeline = pipeline

    async def check(self, submissions: Sequence[Submission]) -> Sequence[tuple[Flaw, ...]]:
        """The flaws of each submission; see EventRecorder.check."""
        return [self._rules.flaws(submission) for submission in submissions]

    async def record(self, submissions: Sequence[Submission], *, all_or_nothing: bool) -> Sequence[Outcome]:
        """One outcome for each submission; see EventRecorder.record."""
        if not all_or_nothing:
            return await self._record_each(submissions)
        judged = self._rules.judge(submissions)
        rows = [row for row in judged if isinstance(row, Row)]
        if len(rows) < len(judged):
            return [_stored(one) if isinstance(one, Row) else _rejected(one) for one in judged]
        return await self._record_together(rows)

    async def _record_together(self, rows: Sequence[EventRow]) -> Sequence[Outcome]:
        """Record rows as one unit; an event that is there twice is stored once."""
        first: dict[UUID, EventRow] = {}
        for row in rows:
            if not _same(first.setdefault(row.record.event_id, row), row):
                return [_conflict(other) if other is row else _stored(other) for other in rows]
        found = dict(zip(first, await self._pipeline.record(list(first.values())), strict=True))
        return [
            found[row.record.event_id] if first[row.record.event_id] is row else _repeated(found[row.record.event_id])
            for row in rows
        ]

    async def _record_each(self, submissions: Sequence[Submission]) -> Sequence[Outcome]:
        """Record each by itself, parents before their children."""
        outcomes: dict[int, Outcome] = {}
        rows: dict[int, EventRow] = {}
        failures: list[Exception] = []
        for place, judged in enumerate(self._rules.judge(submissions)):
            if isinstance(judged, Row):
                rows[place] = judged
            else:
                outcomes[place] = _rejected(judged)
        while rows:
            wave = _without_parents_in(rows)
            answers = await asyncio.gather(*(self._record_one(row, failures) for row in wave.values()))
            outcomes |= dict(zip(wave, answers, strict=True))
            rows = {place: row for place, row in rows.items() if place not in wave}
        if failures and not any(outcome.state.is_kept for outcome in outcomes.values()):
            raise failures[0]
        return [outcomes[place] for place in range(len(submissions))]

    async def _record_one(self, row: EventRow, failures: list[Exception]) -> Outcome:
        """A failure that nobody foresaw goes into `failures`: it must not hide what became of the others."""
        try:
            (outcome,) = await self._pipeline.record([row])
        except Exception as error:  # noqa: BLE001 - whatever it is, it is this event's alone
            failures.append(error)
            state = State.UNAVAILABLE if isinstance(error, RepositoryError) else State.UNKNOWN
            return Outcome(state=state, record=row.record, cause=type(error).__name__, alone=True)
        return outcome


def _without_parents_in(rows: Mapping[int, EventRow]) -> dict[int, EventRow]:
    """Those whose parent does not come earlier among `rows`."""
    places: dict[UUID, int] = {}
    for place, row in rows.items():
        places.setdefault(row.record.event_id, place)
    return {
        place: row
        for place, row in rows.items()
        if row.record.parent_event_id is None or places.get(row.record.parent_event_id, place) >= place
    }


def _stored(row: EventRow) -> Outcome:
    return Outcome(state=State.STORED, record=row.record)


def _conflict(row: EventRow) -> Outcome:
    return Outcome(state=State.CONFLICT, record=row.record)


def _rejected(flaws: tuple[Flaw, ...]) -> Outcome:
    return Outcome(state=State.REJECTED, flaws=flaws)


def _repeated(outcome: Outcome) -> Outcome:
    """What a repetition in the same request learns of an event that was recorded now."""
    stored = outcome.state is State.STORED
    return msgspec.structs.replace(outcome, state=State.DUPLICATE) if stored else outcome


def _same(one: EventRow, other: EventRow) -> bool:
    """Whether two events of one request say the same."""
    return one is other or digest_of(one.record) == digest_of(other.record)
