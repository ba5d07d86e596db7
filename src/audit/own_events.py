"""Audit events about what this service does itself, recorded the way everybody's are."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Any
from uuid import UUID

import msgspec

from audit.outcomes import Submission

__all__ = ["own_event"]

_encode = msgspec.json.Encoder(decimal_format="number", enc_hook=str).encode


def own_event(
    *,
    event_type: str,
    category: str,
    correlation_id: str,
    resource: tuple[str, str],
    at: datetime,
    data: Mapping[str, Any],
    index: int = 0,
    event_id: UUID | None = None,
) -> Submission:
    """A successful act of this service. resource: its type and id; the last word of event_type is the action."""
    document = {
        "version": "1.0",
        "event_type": event_type,
        "event_category": category,
        "event_action": event_type.rpartition(".")[2],
        "event_outcome": "success",
        "event_timestamp": at,
        "correlation_id": correlation_id,
        "actor_type": "service",
        "actor_id": "datastorage",
        "resource_type": resource[0],
        "resource_id": resource[1],
        "event_data": data,
        **({"event_id": event_id} if event_id else {}),
    }
    return Submission(index=index, text=msgspec.Raw(_encode(document)))
