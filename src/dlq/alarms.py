"""How full a queue is, as gauges that alarms can watch, and as lines in the log when a threshold is crossed."""

from __future__ import annotations

import enum
from datetime import datetime

from dlq.records import QueueState
from telemetry import metrics
from telemetry.logs import get_logger

__all__ = ["AlarmLevel", "alarm_level", "publish"]

_log = get_logger(__name__)


class AlarmLevel(enum.Enum):
    """The highest threshold that a queue has reached, in per cent of its capacity."""

    NONE = 0
    WARNING = 80
    CRITICAL = 90
    OVERFLOW_IMMINENT = 95


#: The level that this process last told of, by queue.
_told: dict[str, AlarmLevel] = {}


def alarm_level(depth: int, capacity: int) -> AlarmLevel:
    """The level of a queue with `depth` of `capacity` entries; thresholds are inclusive, in exact arithmetic."""
    return max((level for level in AlarmLevel if depth * 100 >= level.value * capacity), key=lambda level: level.value)


def publish(state: QueueState, now: datetime) -> None:
    """Set the gauges of one queue; of the three alarms only the highest that applies is 1."""
    metrics.DLQ_DEPTH.labels(state.name).set(state.depth)
    metrics.DLQ_CAPACITY.labels(state.name).set(state.capacity)
    metrics.DLQ_RATIO.labels(state.name).set(state.ratio)
    metrics.DEAD_LETTERS.labels(state.name).set(state.dead_letters)
    age = (now - state.oldest).total_seconds() if state.oldest else 0.0
    metrics.DLQ_OLDEST_AGE.labels(state.name).set(max(age, 0.0))
    level = alarm_level(state.depth, state.capacity)
    for gauge, of_level in (
        (metrics.DLQ_WARNING, AlarmLevel.WARNING),
        (metrics.DLQ_CRITICAL, AlarmLevel.CRITICAL),
        (metrics.DLQ_OVERFLOW_IMMINENT, AlarmLevel.OVERFLOW_IMMINENT),
    ):
        gauge.labels(state.name).set(level is of_level)
    _tell(state, level)


def _tell(state: QueueState, level: AlarmLevel) -> None:
    """Log that a threshold was reached, or left; once for each process that sees it."""
    before = _told.get(state.name, AlarmLevel.NONE)
    _told[state.name] = level
    more = {"queue": state.name, "depth": state.depth, "capacity": state.capacity}
    if level.value > before.value:
        _log.warning("queue threshold reached", threshold_percent=level.value, **more)
    elif level.value < before.value:
        _log.info("queue threshold left", threshold_percent=before.value, **more)
