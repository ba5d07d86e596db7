"""A correlation's events as a timeline: gaps, the tree of parents, and a summary."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime, timedelta
from uuid import UUID

import msgspec

from repository.audit_queries import MAX_DEPTH, MAX_SERVICES, SummaryRow
from repository.stored_events import StoredEvent

__all__ = ["Summary", "TimelineEntry", "depths", "entries_of", "summarise"]

_MILLISECOND = timedelta(milliseconds=1)


class TimelineEntry(msgspec.Struct, frozen=True, kw_only=True):
    """An event and its place in the timeline.

    gap_ms: milliseconds since the previous event, None for the first. depth: links to the farthest known ancestor.
    """

    event: StoredEvent
    gap_ms: float | None
    depth: int


class Summary(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """A whole correlation, whatever page is shown.

    span_ms: milliseconds from the first event to the last. services: at most MAX_SERVICES; services_truncated says that
    there are more.
    """

    events: int
    first: datetime
    last: datetime
    span_ms: float
    by_category: dict[str, int]
    by_outcome: dict[str, int]
    services: list[str]
    services_truncated: bool = False


def entries_of(
    events: Sequence[StoredEvent], parents: Mapping[UUID, UUID | None], *, previous: datetime | None
) -> list[TimelineEntry]:
    """The events, in ascending order, with their gaps and depths.

    previous: when the event before the first of them happened, None if there is none. parents: event -> parent, for
    the events and their ancestors.
    """
    depth_of = depths((event.event_id for event in events), parents)
    times = [previous, *(event.event_timestamp for event in events)]
    return [
        TimelineEntry(event=event, gap_ms=_gap(before, event.event_timestamp), depth=depth)
        for event, before, depth in zip(events, times, depth_of, strict=False)
    ]


def depths(ids: Iterable[UUID], parents: Mapping[UUID, UUID | None]) -> list[int]:
    """For each id the number of links up to an event whose parent is not stored, at most MAX_DEPTH."""
    known: dict[UUID, int] = {}
    return [_depth(event_id, parents, known) for event_id in ids]


def _depth(event_id: UUID, parents: Mapping[UUID, UUID | None], known: dict[UUID, int]) -> int:
    path: dict[UUID, None] = {}  # in order; links that lead back into it, which the writers refuse, end it
    at: UUID | None = event_id
    while at is not None and at in parents and at not in known and at not in path:
        path[at] = None
        at = parents[at]
    above = known.get(at, -1) if at is not None else -1
    for depth, member in enumerate(reversed(path), start=above + 1):
        known[member] = min(depth, MAX_DEPTH)
    return known.get(event_id, 0)


def _gap(before: datetime | None, at: datetime) -> float | None:
    return None if before is None else (at - before) / _MILLISECOND


def summarise(rows: Sequence[SummaryRow]) -> Summary:
    """The summary of a correlation that has events."""
    by_category: Counter[str] = Counter()
    by_outcome: Counter[str] = Counter()
    for row in rows:
        by_category[row.event_category] += row.events
        by_outcome[row.event_outcome] += row.events
    services = sorted({actor for row in rows for actor in row.actors})
    first, last = min(row.first for row in rows), max(row.last for row in rows)
    return Summary(
        events=by_category.total(),
        first=first,
        last=last,
        span_ms=(last - first) / _MILLISECOND,
        by_category=dict(sorted(by_category.items())),
        by_outcome=dict(sorted(by_outcome.items())),
        services=services[:MAX_SERVICES],
        services_truncated=len(services) > MAX_SERVICES,
    )
