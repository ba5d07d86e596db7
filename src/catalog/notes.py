"""Where the catalog tells what it did."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Protocol

__all__ = ["Notes"]


class Notes(Protocol):
    """Takes notes for the audit trail: audit.self_audit_log.SelfAuditLog, see there."""

    def note(self, event_type: str, *, correlation_id: str, resource: tuple[str, str], data: Mapping[str, Any]) -> None:
        """Record an act soon; returns at once, and never fails."""
