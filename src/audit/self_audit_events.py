"""Audit events about what this service does itself, recorded the way everybody's are."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any
from uuid import UUID

import msgspec

from audit.submission import Submission
from pipeline.outcome import Outcome, State
from repository.json_measures import depth_of, members_of, size_written_out
from telemetry.logs import get_logger
from telemetry.metrics import SELF_AUDIT_DROPPED

__all__ = ["give_up", "self_audit_event", "unrecorded"]

_log = get_logger(__name__)
#: Who recorded the service's own events; no caller's subject can be this.
OWN_SUBJECT = "datastorage"
_encode = msgspec.json.Encoder(decimal_format="number", enc_hook=str).encode
#: What the data of an own event has at the most, well within what everybody's may have.
_MAX_BYTES, _MAX_DEPTH, _MAX_MEMBERS = 128 * 1024, 24, 5000


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
        "event_data": _bounded(data),
        **({"event_id": event_id} if event_id else {}),
    }
    return Submission(index=index, text=msgspec.Raw(_encode(document)), recorded_by=OWN_SUBJECT, own=True)


def _bounded(data: Mapping[str, Any]) -> Mapping[str, Any]:
    """`data`; where it is too large, its members from the smallest on, and of the others how large they were.

    What a caller sends is part of it, and no caller may keep his act from being recorded.
    """
    texts = {name: _encode(value) for name, value in data.items()}
    if _fits(b"".join(texts.values())):
        return data
    kept: dict[str, Any] = {}
    together = b""
    for name, text in sorted(texts.items(), key=lambda item: len(item[1])):
        if _fits(together + text):
            together += text
            kept[name] = data[name]
        else:
            kept[name] = {"left_out_bytes": len(text)}
    return kept


def _fits(text: bytes) -> bool:
    return (
        size_written_out(text, _MAX_BYTES) <= _MAX_BYTES
        and depth_of(text, _MAX_DEPTH) <= _MAX_DEPTH
        and members_of(text, _MAX_MEMBERS) <= _MAX_MEMBERS
    )


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
