"""Recording notifications: their rules, then the pipeline."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from typing import Any

import msgspec

from pipeline.fallback import Pipeline
from pipeline.outcome import Flaw, Outcome
from repository.records import Notification, Row
from telemetry.clock import Clock

__all__ = ["NotificationRecorder"]


class NotificationRecorder:
    """Makes notifications durable, in PostgreSQL or in the queue. max_future: how far sent_at may lie ahead."""

    def __init__(self, pipeline: Pipeline[Notification], *, clock: Clock, max_future: timedelta) -> None:
        self._pipeline = pipeline
        self._clock = clock
        self._max_future = max_future

    def flaws(self, document: Mapping[str, Any]) -> list[Flaw]:
        """Every rule that the contract's schema cannot say and that `document` breaks; it may break the schema too."""
        sent_at, now = _instant(document.get("sent_at")), self._clock()
        if not sent_at or sent_at <= now + self._max_future:
            return []
        message = f"invalid timestamp: sent_at is in the future: {sent_at.isoformat()}, now is {now.isoformat()}"
        return [Flaw(pointer="/sent_at", message=message, reason="future_timestamp")]

    async def record(self, document: Mapping[str, Any], *, recorded_by: str = "") -> Outcome:
        """Record what fits the contract and has no flaws; the outcome's record is as stored, where it is."""
        (outcome,) = await self._pipeline.record([Row(record=_notification(document, recorded_by))])
        return outcome


def _instant(value: object) -> datetime | None:
    try:
        instant = msgspec.convert(value, datetime)
    except msgspec.ValidationError:
        return None
    return instant if instant.tzinfo else None


def _notification(document: Mapping[str, Any], recorded_by: str) -> Notification:
    """The record of a document that fits the contract; empty optional texts are as good as absent."""
    known = {name: document[name] for name in Notification.__struct_fields__ if document.get(name) not in {None, ""}}
    if "escalation_level" in known:
        known["escalation_level"] = int(known["escalation_level"])  # 1.0 is an integer to JSON Schema
    sent_at = msgspec.convert(known["sent_at"], datetime).astimezone(UTC)
    return Notification(**{**known, "sent_at": sent_at, "recorded_by": recorded_by or None})
