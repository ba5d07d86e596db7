"""What a read of audit events asks for: filters, a position in their order, and the page that comes back."""

from __future__ import annotations

from datetime import datetime
from typing import Literal

import msgspec

from repository.keyset import Position

__all__ = ["EXACT_FILTERS", "EventFilter", "EventQuery", "Total"]

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


class EventFilter(msgspec.Struct, frozen=True, kw_only=True):
    """Conditions, all of which an event meets; None is no condition.

    allowed_namespaces, allowed_clusters: the limits of the reader's grant: events elsewhere, or nowhere, are not there.
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
    allowed_namespaces: frozenset[str] | None = None
    allowed_clusters: frozenset[str] | None = None
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
