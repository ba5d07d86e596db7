"""The limits of a caller's grant, beyond the scopes that the edge has checked."""

from __future__ import annotations

from collections.abc import Iterable

import msgspec

from access.grants import Grant
from repository.event_filters import EventFilter, Within
from web.problems import Problem

__all__ = ["limited", "readable", "require_categories", "require_category", "require_unlimited_reads"]


def require_category(grant: Grant, category: str) -> None:
    """Raises Problem 403 where the grant may not write records of `category`."""
    allowed = grant.limits.categories
    if allowed is not None and category not in allowed:
        raise Problem("forbidden", f"These credentials may write the categories {', '.join(sorted(allowed))} only.")


def require_categories(grant: Grant, documents: Iterable[object]) -> None:
    """As `require_category`, for every event of a batch whose category can be told."""
    if grant.limits.categories is not None:
        for document in documents:
            if isinstance(document, dict):
                require_category(grant, str(document.get("event_category", "")))


def require_unlimited_reads(grant: Grant) -> None:
    """Raises Problem 403 where the grant reads some namespaces or clusters only: a notification is in none."""
    if not readable(grant).is_everywhere:
        raise Problem("forbidden", "These credentials read events of some namespaces or clusters only.")


def limited(where: EventFilter, grant: Grant) -> EventFilter:
    """The filter with the grant's own conditions on top."""
    within = readable(grant)
    return where if within.is_everywhere else msgspec.structs.replace(where, within=within)


def readable(grant: Grant, *, own: bool = False) -> Within:
    """Where the grant reads. own: and what its subject recorded, wherever that is."""
    limits = grant.limits
    subject = (grant.subject or None) if own else None
    return Within(namespaces=limits.namespaces, clusters=limits.clusters, recorded_by=subject)
