"""Audit events about what this service does itself, recorded the way everybody's are."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any
from uuid import UUID

import msgspec

from audit.submission import Submission
from pipeline.outcome import Outcome, State
from telemetry.logs import get_logger
from telemetry.metrics import SELF_AUDIT_DROPPED

__all__ = ["give_up", "self_audit_event", "unrecorded"]

_log = get_logger(__name__)
#: Who recorded the service's own events; no caller's subject can be this.
OWN_SUBJECT = "datastorage"
_encode = msgspec.json.Encoder(decimal_format="number", enc_hook=str).encode


def self_audit_event(
    *,
    event_type: str,
    category: str,
    correlation_id: str,
    resource: tuple[str, str],
    at: datetime,
    data: Mapping[str, Any],
    index: int = 0,
    event_id: UUID | None = None,
    outcome: str = "success",
) -> Submission:
    """An act of this service. resource: its type and id; the last word of event_type is the action."""
    document = {
        "version": "1.0",
        "event_type": event_type,
        "event_category": category,
        "event_action": event_type.rpartition(".")[2],
        "event_outcome": outcome,
        "event_timestamp": at,
        "correlation_id": correlation_id,
        "actor_type": "service",
        "actor_id": "datastorage",
        "resource_type": resource[0],
        "resource_id": resource[1],
        "event_data": data,
        **({"event_id": event_id} if event_id else {}),
    }
    return Submission(index=index, text=msgspec.Raw(_encode(document)), recorded_by=OWN_SUBJECT, own=True)


def unrecorded(submissions: Sequence[Submission], outcomes: Sequence[Outcome]) -> list[Submission]:
    """Those that no store took and that may be tried again; those that were refused for good are given up."""
    for outcome in outcomes:
        if outcome.state.is_refusal:
            give_up("refused", flaws=[flaw.message for flaw in outcome.flaws])
    again = {State.UNAVAILABLE, State.UNKNOWN}
    return [one for one, outcome in zip(submissions, outcomes, strict=True) if outcome.state in again]


def give_up(reason: str, **more: Any) -> None:
    """Tell operators of an own event that is lost."""
    SELF_AUDIT_DROPPED.inc()
    _log.error("an own event is lost", reason=reason, **more)
