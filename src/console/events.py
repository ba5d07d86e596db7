"""Audit events as the pages need them, read from the operations' answers."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import msgspec

__all__ = [
    "CATEGORIES",
    "EVENTS",
    "FILTERS",
    "OUTCOMES",
    "EventPage",
    "EventRow",
    "Pagination",
    "asked_filters",
    "preview",
]

EVENTS = "/api/v1/audit/events"
CATEGORIES = ("gateway", "signalprocessing", "analysis", "workflow", "execution", "orchestration", "notification")
OUTCOMES = ("success", "failure", "pending")
#: The filters of searches, under the names that the API gives them.
FILTERS = (
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
    "since",
    "until",
    "data",
)
_PREVIEWED, _PREVIEW_CHARACTERS = 4, 48
_members = msgspec.json.Decoder(dict[str, msgspec.Raw])


class EventRow(msgspec.Struct, kw_only=True):
    """One event as lists show it."""

    event_id: str
    event_timestamp: str
    event_type: str
    event_category: str
    event_outcome: str
    actor_id: str
    resource_type: str
    resource_id: str
    correlation_id: str
    parent_event_id: str | None = None
    namespace: str | None = None
    cluster_name: str | None = None
    severity: str | None = None
    duration_ms: int | None = None
    error_code: str | None = None
    error_message: str | None = None
    event_data: msgspec.Raw = msgspec.Raw(b"{}")


class Pagination(msgspec.Struct):
    """Where a page is among all."""

    has_more: bool
    next_cursor: str | None
    total: int | None = None
    total_relation: str | None = None


class EventPage(msgspec.Struct):
    """A page of a search."""

    data: list[EventRow]
    pagination: Pagination


def asked_filters(arguments: Mapping[str, str]) -> dict[str, str]:
    """The filters that an address names, those without a value left out."""
    return {name: value.strip() for name in FILTERS if (value := arguments.get(name, "")).strip()}


def preview(event: EventRow) -> Sequence[tuple[str, str]]:
    """The first few plain members of the payload, shortened."""
    found: list[tuple[str, str]] = []
    for name, raw in _members.decode(event.event_data).items():
        text = bytes(raw).decode()
        if text[:1] in "{[":
            continue
        plain = msgspec.json.decode(raw) if text.startswith('"') else text
        found.append((name[:_PREVIEW_CHARACTERS], str(plain)[:_PREVIEW_CHARACTERS]))
        if len(found) == _PREVIEWED:
            break
    return found
