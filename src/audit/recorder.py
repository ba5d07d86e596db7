"""Recording events: rules, then the committer, then an outcome for each."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping, Sequence
from typing import Protocol
from uuid import UUID

from audit.content import digest_of
from audit.delivery import Fate
from audit.outcomes import UNAVAILABLE, Flaw, Outcome, Submission
from audit.rules import EventRules
from repository.audit_events import Entry, Row
from repository.errors import DatabaseUnavailableError, InvalidDataError

__all__ = ["Commits", "Recorder"]


class Commits(Protocol):
    """Where entries go: audit.delivery.Delivery, see there."""

    async def commit(self, entry: Entry) -> list[Fate]:
        """Hand an entry over and wait for what becomes of it."""


class Recorder:
    """Implements audit.outcomes.EventRecorder."""

    def __init__(self, rules: EventRules, commits: Commits) -> None:
        self._rules = rules
        self._commits = commits

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
            return [_rejected(*(() if isinstance(found, Row) else found)) for found in judged]
        return await self._record_together(rows)

    async def _record_together(self, rows: Sequence[Row]) -> Sequence[Outcome]:
        first: dict[UUID, Row] = {}
        for row in rows:
            if not _same(first.setdefault(row.event.event_id, row), row):
                return [_outcome("conflict" if other is row else "created", other) for other in rows]
        entry = list(first.values())
        try:
            verdicts = await self._commits.commit(entry)
        except InvalidDataError as error:
            return [_refused(error)] * len(rows)
        known = dict(zip(first, verdicts, strict=True))
        return [
            _outcome(known[row.event.event_id] if first[row.event.event_id] is row else "duplicate", row)
            for row in rows
        ]

    async def _record_each(self, submissions: Sequence[Submission]) -> Sequence[Outcome]:
        """Record each by itself, parents before their children."""
        outcomes: dict[int, Outcome | DatabaseUnavailableError] = {}
        rows: dict[int, Row] = {}
        for place, judged in enumerate(self._rules.judge(submissions)):
            if isinstance(judged, Row):
                rows[place] = judged
            else:
                outcomes[place] = _rejected(*judged)
        while rows:
            wave = _without_parents_in(rows)
            answers = await asyncio.gather(*(self._record_one(row) for row in wave.values()))
            outcomes |= dict(zip(wave, answers, strict=True))
            rows = {place: row for place, row in rows.items() if place not in wave}
        return _settled([outcomes[place] for place in range(len(submissions))])

    async def _record_one(self, row: Row) -> Outcome | DatabaseUnavailableError:
        try:
            (outcome,) = await self._record_together([row])
        except DatabaseUnavailableError as error:
            return error
        return outcome


def _without_parents_in(rows: Mapping[int, Row]) -> dict[int, Row]:
    """Those whose parent does not come earlier among `rows`."""
    places: dict[UUID, int] = {}
    for place, row in rows.items():
        places.setdefault(row.event.event_id, place)
    return {
        place: row
        for place, row in rows.items()
        if row.event.parent_event_id is None or places.get(row.event.parent_event_id, place) >= place
    }


def _settled(outcomes: Sequence[Outcome | DatabaseUnavailableError]) -> list[Outcome]:
    """Those that no store took are refused one by one, unless that is true of every event that could be stored."""
    failures = [outcome for outcome in outcomes if isinstance(outcome, DatabaseUnavailableError)]
    if failures and not any(
        isinstance(o, Outcome) and o.status in {"created", "duplicate", "queued"} for o in outcomes
    ):
        raise failures[0]
    again = Flaw(pointer="", message="this event could not be stored now; send it again", reason=UNAVAILABLE)
    return [outcome if isinstance(outcome, Outcome) else _rejected(again) for outcome in outcomes]


def _rejected(*flaws: Flaw) -> Outcome:
    return Outcome(status="rejected" if flaws else "created", flaws=flaws)


def _refused(error: InvalidDataError) -> Outcome:
    pointer = f"/{error.column}" if error.column else ""
    return _rejected(Flaw(pointer=pointer, message="PostgreSQL cannot hold a value of this event", reason="storage"))


def _outcome(verdict: Fate, row: Row) -> Outcome:
    event = row.event
    if verdict == "no_parent":
        message = f"parent_event_id {event.parent_event_id} names no event: record the parent event first"
        return _rejected(Flaw(pointer="/parent_event_id", message=message, reason="no_parent"))
    return Outcome(status=verdict, event_id=event.event_id, event_timestamp=event.event_timestamp)


def _same(one: Row, other: Row) -> bool:
    """Whether two events of one request say the same."""
    return one is other or digest_of(one.event) == digest_of(other.event)
