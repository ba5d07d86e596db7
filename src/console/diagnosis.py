"""Why an incident failed, as far as its events tell: the verdict, the first failure and what led to it."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from datetime import datetime
from typing import Literal

import msgspec

from console.events import EventRow

__all__ = ["Diagnosis", "FailureNote", "diagnose", "reason_of"]

Verdict = Literal["failed", "recovered", "succeeded", "pending"]
#: Members of a payload that say why, best first.
_REASONS = (
    "error_message",
    "failure_reason",
    "rejection_reason",
    "validation_error",
    "error",
    "message",
    "reason",
    "detail",
    "cause",
)
_CODES = ("error_code", "error_type", "code")
_LONGEST_CHAIN = 12
_members = msgspec.json.Decoder(dict[str, msgspec.Raw])


class FailureNote(msgspec.Struct, frozen=True, kw_only=True):
    """A failure in words. after_ms: milliseconds since the incident began. times: how often it came again."""

    event: EventRow
    reason: str
    code: str
    after_ms: float
    times: int = 1


class Diagnosis(msgspec.Struct, frozen=True, kw_only=True):
    """What the events say. chain: from the first known cause to the first failure, which is its last."""

    verdict: Verdict
    failures: Sequence[FailureNote]
    chain: Sequence[EventRow]
    last: EventRow

    @property
    def first(self) -> FailureNote | None:
        """The failure to look at first."""
        return self.failures[0] if self.failures else None


def diagnose(events: Sequence[EventRow]) -> Diagnosis:
    """The diagnosis of a correlation's events, in ascending order; there is at least one."""
    began = datetime.fromisoformat(events[0].event_timestamp)
    notes: dict[tuple[str, str, str], FailureNote] = {}
    for event in events:
        if event.event_outcome != "failure":
            continue
        code, reason = reason_of(event)
        key = (event.event_type, code, reason)
        at = (datetime.fromisoformat(event.event_timestamp) - began).total_seconds() * 1000
        known = notes.get(key)
        notes[key] = (
            msgspec.structs.replace(known, times=known.times + 1)
            if known
            else FailureNote(event=event, reason=reason, code=code, after_ms=at)
        )
    failures = list(notes.values())
    root = _root(events)
    failures.sort(key=lambda note: (note.event.event_type, *reason_of(note.event)) != root)  # stable: else by time
    return Diagnosis(
        verdict=_verdict(events),
        failures=failures,
        chain=_chain(events, failures[0].event) if failures else (),
        last=events[-1],
    )


def _root(events: Sequence[EventRow]) -> tuple[str, str, str] | None:
    """What failed first on the way to the last failure of the work: the highest failure above it."""
    failed = [event for event in events if event.event_outcome == "failure"]
    if not failed:
        return None
    last = next((event for event in reversed(failed) if event.event_category != "notification"), failed[-1])
    root = next(event for event in _upwards(events, last)[::-1] if event.event_outcome == "failure")
    return (root.event_type, *reason_of(root))


def reason_of(event: EventRow) -> tuple[str, str]:
    """The code and the message of a failure: its own members first, then what its payload says."""
    try:
        data = _members.decode(event.event_data)
    except msgspec.ValidationError:
        data = {}
    code = event.error_code or _first_text(data, _CODES)
    return code, event.error_message or _first_text(data, _REASONS)


def _first_text(data: dict[str, msgspec.Raw], names: Sequence[str]) -> str:
    for name in names:
        if name in data and bytes(data[name])[:1] == b'"':
            return str(msgspec.json.decode(data[name]))
    return ""


def _verdict(events: Sequence[EventRow]) -> Verdict:
    """By the last event that tells how the work ended; telling people about it is no part of the work."""
    work = [event for event in events if event.event_category != "notification"] or events
    counts = Counter(event.event_outcome for event in events)
    last = work[-1].event_outcome
    if last == "pending":
        return "pending"
    if last == "failure":
        return "failed"
    return "recovered" if counts["failure"] else "succeeded"


def _chain(events: Sequence[EventRow], failure: EventRow) -> Sequence[EventRow]:
    return _upwards(events, failure)[:_LONGEST_CHAIN][::-1]


def _upwards(events: Sequence[EventRow], event: EventRow) -> Sequence[EventRow]:
    """An event, its parent, and so on as far as they are known."""
    by_id = {one.event_id: one for one in events}
    found = {event.event_id: event}
    while (parent := by_id.get(event.parent_event_id or "")) and parent.event_id not in found:
        found[parent.event_id] = event = parent
    return list(found.values())
