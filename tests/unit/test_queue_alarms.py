"""How full a queue is."""

from datetime import UTC, datetime

import pytest
from prometheus_client import REGISTRY

from dlq.alarms import AlarmLevel, alarm_level, publish
from dlq.records import QueueState, parse_entry

NOW = datetime(2026, 1, 1, tzinfo=UTC)
GAUGES = ("datastorage_dlq_warning", "datastorage_dlq_critical", "datastorage_dlq_overflow_imminent")


def _state(depth: int, capacity: int = 1000) -> QueueState:
    return QueueState(name="events", depth=depth, capacity=capacity, dead_letters=0, oldest=None)


@pytest.mark.parametrize(
    ("depth", "level"),
    [
        (0, AlarmLevel.NONE),
        (700, AlarmLevel.NONE),
        (799, AlarmLevel.NONE),
        (800, AlarmLevel.WARNING),
        (899, AlarmLevel.WARNING),
        (900, AlarmLevel.CRITICAL),
        (949, AlarmLevel.CRITICAL),
        (950, AlarmLevel.OVERFLOW_IMMINENT),
        (1000, AlarmLevel.OVERFLOW_IMMINENT),
    ],
)
def test_thresholds_are_inclusive_and_only_the_highest_gauge_is_1(depth: int, level: AlarmLevel) -> None:
    publish(_state(depth), NOW)
    values = [REGISTRY.get_sample_value(name, {"stream": "events"}) for name in GAUGES]
    wanted = [AlarmLevel.WARNING, AlarmLevel.CRITICAL, AlarmLevel.OVERFLOW_IMMINENT]
    assert alarm_level(depth, 1000) is level
    assert values == [float(one is level) for one in wanted]


@pytest.mark.parametrize("depth", range(0, 1001, 50))
def test_the_ratio_is_depth_over_capacity_exactly(depth: int) -> None:
    publish(_state(depth), NOW)
    assert REGISTRY.get_sample_value("datastorage_dlq_capacity_ratio", {"stream": "events"}) == depth / 1000


def test_a_threshold_is_exact_where_floats_are_not() -> None:
    assert alarm_level(19, 20) is AlarmLevel.OVERFLOW_IMMINENT
    assert alarm_level(29, 36) is AlarmLevel.WARNING
    assert alarm_level(28, 36) is AlarmLevel.NONE


@pytest.mark.parametrize("absent", ["type", "id", "payload", "enqueued_at", "attempts", "due_at", "last_error"])
def test_an_entry_that_lacks_a_field_is_refused_by_name(absent: str) -> None:
    fields = {
        name.encode(): b"0" for name in ("type", "id", "payload", "enqueued_at", "attempts", "due_at", "last_error")
    }
    del fields[absent.encode()]
    with pytest.raises(ValueError, match=absent):
        parse_entry("1-0", fields)


def test_an_entry_with_a_malformed_field_is_refused() -> None:
    fields = dict.fromkeys((b"type", b"id", b"payload", b"attempts", b"due_at", b"last_error"), b"0")
    with pytest.raises(ValueError, match="malformed"):
        parse_entry("1-0", fields | {b"enqueued_at": b"yesterday"})
