"""Why an incident failed, from its events alone."""

from __future__ import annotations

from typing import Any

import msgspec

from console.diagnosis import diagnose, reason_of
from console.events import EventRow


def event(number: int, outcome: str = "success", parent: int | None = None, **more: Any) -> EventRow:
    members: dict[str, Any] = {
        "event_id": f"e{number}",
        "event_timestamp": f"2026-03-01T10:00:{number:02d}Z",
        "event_type": f"type.{number}",
        "event_category": "execution",
        "event_outcome": outcome,
        "actor_id": "engine",
        "resource_type": "r",
        "resource_id": "r",
        "correlation_id": "c",
        "parent_event_id": None if parent is None else f"e{parent}",
    }
    return EventRow(**members | more)


def test_the_first_failure_above_the_last_one_is_the_one_to_look_at() -> None:
    found = diagnose(
        [
            event(0),
            event(1, "failure", 0, error_message="an aside"),
            event(2, "success", 0),
            event(3, "failure", 2, error_code="Quota", error_message="exceeded"),
            event(4, "failure", 3, error_message="given up"),
        ]
    )
    assert found.verdict == "failed"
    assert found.first is not None
    assert (found.first.code, found.first.reason, found.first.after_ms) == ("Quota", "exceeded", 3000)
    assert [one.event_id for one in found.chain] == ["e0", "e2", "e3"]
    assert len(found.failures) == 3


def test_a_failure_that_came_again_is_told_once_with_its_number() -> None:
    found = diagnose([event(1, "failure", event_type="t"), event(2, "failure", event_type="t"), event(3)])
    assert [note.times for note in found.failures] == [2]
    assert found.verdict == "recovered"


def test_a_notification_does_not_decide_how_the_work_ended() -> None:
    assert diagnose([event(1, "failure"), event(2, event_category="notification")]).verdict == "failed"
    assert diagnose([event(1), event(2, "failure", event_category="notification")]).verdict == "recovered"


def test_an_incident_that_waits_is_pending_and_one_without_failures_succeeded() -> None:
    assert diagnose([event(1), event(2, "pending")]).verdict == "pending"
    found = diagnose([event(1), event(2)])
    assert (found.verdict, found.first, list(found.chain)) == ("succeeded", None, [])


def test_parents_in_a_circle_end() -> None:
    found = diagnose([event(1, "failure", 2), event(2, "failure", 1)])
    assert {one.event_id for one in found.chain} == {"e1", "e2"}


def test_the_payload_says_why_where_the_event_does_not() -> None:
    data = msgspec.Raw(b'{"error_type": "smtp", "failure_reason": "connection refused", "reason": 5}')
    assert reason_of(event(1, "failure", event_data=data)) == ("smtp", "connection refused")
    assert reason_of(event(1, "failure")) == ("", "")
