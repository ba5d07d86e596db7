"""What a read of audit events asks for: filters, a position in their order, and the page that comes back."""

from __future__ import annotations

from datetime import datetime
from typing import Literal

import msgspec

from repository.keyset import Position

__all__ = ["EVERYWHERE", "EXACT_FILTERS", "EventFilter", "EventQuery", "Total", "Within"]

#: The filters that compare one column with one value; each is the name of its column.
EXACT_FILTERS = (
    "correlation_id",
    "event_type",
    "event_category",
    "event_outcome",
    "severity",
    "actor_id",
    "resource_type",
    "resource_id",
    "namespace",
    "cluster_name",
    "recorded_by",
)


class Within(msgspec.Struct, frozen=True, kw_only=True):
    """Where a reader may read; None is no limit. Events elsewhere, or nowhere, are not there.

    recorded_by: a subject whose own events are there in any case.
    """

    namespaces: frozenset[str] | None = None
    clusters: frozenset[str] | None = None
    recorded_by: str | None = None

    @property
    def is_everywhere(self) -> bool:
        """Whether nothing is kept from the reader."""
        return self.namespaces is None and self.clusters is None

    def has(self, namespace: str | None, cluster: str | None, recorded_by: str | None) -> bool:
        """Whether an event of this place and origin is there: what `within_of` says in SQL."""
        return (recorded_by is not None and recorded_by == self.recorded_by) or (
            (self.namespaces is None or namespace in self.namespaces)
            and (self.clusters is None or cluster in self.clusters)
        )


EVERYWHERE = Within()


class EventFilter(msgspec.Struct, frozen=True, kw_only=True):
    """Conditions, all of which an event meets; None is no condition.

    within: where the reader may read.
    since and until are inclusive and aware. data is the text of a JSON object that event_data contains (jsonb `@>`).
    """

    correlation_id: str | None = None
    event_type: str | None = None
    event_type_prefix: str | None = None
    event_category: str | None = None
    event_outcome: str | None = None
    severity: str | None = None
    actor_id: str | None = None
    resource_type: str | None = None
    resource_id: str | None = None
    namespace: str | None = None
    cluster_name: str | None = None
    recorded_by: str | None = None
    within: Within = EVERYWHERE
    since: datetime | None = None
    until: datetime | None = None
    data: str | None = None


class EventQuery(msgspec.Struct, frozen=True, kw_only=True):
    """One page of events: those that pass the filter, behind `after` in the order, without the first `offset`.

    low_selectivity: few events match, so that collecting and sorting them beats walking the index of time; None
    where it is not known yet. plan_anew: for these values alone, so that no month outside their bounds is opened; a
    plan that is kept locks every month, and one of them may be locked by somebody.
    """

    where: EventFilter
    descending: bool = True
    limit: int = 50
    offset: int = 0
    after: Position | None = None
    low_selectivity: bool | None = None
    plan_anew: bool = False


class Total(msgspec.Struct, frozen=True):
    """How many events pass a filter: exactly `count`, or at least that many."""

    count: int
    relation: Literal["eq", "gte"] = "eq"
