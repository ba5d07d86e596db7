"""The log tells when a queue reaches a threshold, and when it leaves it."""

from datetime import UTC, datetime

from structlog.testing import capture_logs

from dlq.alarms import publish
from dlq.records import QueueState


def test_a_threshold_is_told_once_when_it_is_reached_and_once_when_it_is_left() -> None:
    now = datetime(2026, 1, 1, tzinfo=UTC)
    with capture_logs() as lines:
        for depth in (0, 79, 80, 85, 95, 96, 50, 0):
            publish(QueueState(name="told", depth=depth, capacity=100, dead_letters=0, oldest=None), now)
    assert [(line["log_level"], line["event"], line["threshold_percent"], line["depth"]) for line in lines] == [
        ("warning", "queue threshold reached", 80, 80),
        ("warning", "queue threshold reached", 95, 95),
        ("info", "queue threshold left", 95, 50),
    ]
    assert all(line["queue"] == "told" for line in lines)
