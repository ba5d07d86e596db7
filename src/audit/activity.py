"""What happened lately, for an overview and for the completion of filters; remembered for a few seconds."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Mapping, Sequence
from datetime import UTC, datetime, timedelta
from typing import Protocol

import msgspec

from repository.activity import MOST_EVENTS, ActivityRow
from telemetry.clock import Clock

__all__ = ["FACETS", "Activities", "Activity", "Failure", "Rate", "Slow"]

#: The filters that can be completed from the data.
FACETS = ("event_type", "actor_id", "resource_type", "namespace", "cluster_name", "severity")
#: Steps of the rates, and the most that a window is divided into.
_STEPS = tuple(timedelta(minutes=minutes) for minutes in (1, 5, 15, 60, 360, 1440))
_MOST_STEPS = 96
_DATE_BIN = "%Y-%m-%d %H:%M:%S%z"


class Rate(msgspec.Struct, frozen=True):
    """Events of one category and outcome in the step that begins at `at`."""

    at: datetime
    category: str
    outcome: str
    events: int


class Failure(msgspec.Struct, frozen=True):
    """Failures of one kind: how many, the latest, and the correlation that it belongs to."""

    event_type: str
    error_code: str
    actor_id: str
    events: int
    latest: datetime
    correlation_id: str


class Slow(msgspec.Struct, frozen=True):
    """An event that took long."""

    event_type: str
    actor_id: str
    event_id: str
    duration_ms: int
    at: datetime
    correlation_id: str


class Activity(msgspec.Struct, frozen=True, kw_only=True):
    """What happened in a window. partial: only its newest events were looked at, and `oldest` is the first of them."""

    since: datetime
    until: datetime
    step: timedelta
    events: int
    oldest: datetime | None
    partial: bool
    rates: Sequence[Rate]
    failures: Sequence[Failure]
    slowest: Sequence[Slow]
    facets: Mapping[str, Sequence[tuple[str, int]]]


class ActivitySource(Protocol):
    """Where the groups come from: repository.activity.ActivityReads, see there."""

    async def since(self, since: datetime, step: timedelta) -> Sequence[ActivityRow]:
        """The groups of the newest events since a moment."""


class Activities:
    """Looks at the newest events. Answers are remembered for `seconds`; who asks meanwhile waits for the same query.

    Raises DatabaseUnavailableError, QueryTimeoutError.
    """

    def __init__(
        self, source: ActivitySource, clock: Clock, *, monotonic: Callable[[], float], seconds: float = 5.0
    ) -> None:
        self._source = source
        self._clock = clock
        self._monotonic = monotonic
        self._seconds = seconds
        self._known: dict[timedelta, tuple[float, Activity]] = {}
        self._turns: dict[timedelta, asyncio.Lock] = {}

    async def of(self, window: timedelta, *, seconds: float | None = None) -> Activity:
        """The activity of the last `window`, no older than `seconds`."""
        async with self._turns.setdefault(window, asyncio.Lock()):
            known = self._known.get(window)
            if known is not None and self._monotonic() - known[0] < (self._seconds if seconds is None else seconds):
                return known[1]
            now = self._clock()
            step = next((step for step in _STEPS if window / step <= _MOST_STEPS), _STEPS[-1])
            found = _activity(await self._source.since(now - window, step), now - window, now, step)
            self._known[window] = (self._monotonic(), found)
            return found


def _activity(rows: Sequence[ActivityRow], since: datetime, until: datetime, step: timedelta) -> Activity:
    parts: dict[str, list[ActivityRow]] = {}
    for row in rows:
        parts.setdefault(row.part, []).append(row)
    (whole,) = parts["all"]
    return Activity(
        since=since,
        until=until,
        step=step,
        events=whole.events,
        oldest=whole.latest,
        partial=whole.events >= MOST_EVENTS,
        rates=[Rate(_instant(row.one), row.two or "", row.three or "", row.events) for row in parts.get("rate", ())],
        failures=[
            Failure(row.one or "", row.two or "", row.three or "", row.events, row.latest or until, row.link or "")
            for row in parts.get("failure", ())
        ],
        slowest=[
            Slow(row.one or "", row.two or "", row.three or "", row.events, row.latest or until, row.link or "")
            for row in parts.get("slow", ())
        ],
        facets={name: [(row.one or "", row.events) for row in parts.get(name, ())] for name in FACETS},
    )


def _instant(text: str | None) -> datetime:
    """PostgreSQL's text of an instant, in a session whose zone is UTC."""
    return datetime.strptime(f"{text}00", _DATE_BIN).astimezone(UTC)
