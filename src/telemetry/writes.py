"""Counting what became of writes: one addition for each kind of row in a request or a group, never one for each row."""

from __future__ import annotations

from bisect import bisect_left
from collections import Counter
from collections.abc import Iterable, Sequence
from functools import lru_cache
from typing import Literal, get_args

from prometheus_client import Counter as CounterMetric
from prometheus_client import Histogram

from telemetry.metrics import AUDIT_LAG, AUDIT_TRACES

__all__ = ["WriteStatus", "announce_services", "count_writes", "observe_all", "observe_lags"]

#: What became of a record. failure: no store took it and the answer was 503; what a 4xx refuses is no write.
WriteStatus = Literal["success", "duplicate", "dlq_fallback", "failure"]


def announce_services(services: Iterable[str]) -> None:
    """Let the counters of these services be there, at 0, from the start.

    Prometheus sees no increase in a series that appears with its first value: the first failures would alarm nobody.
    """
    for service in services:
        for status in get_args(WriteStatus):
            _traces(service, status)


def count_writes(found: Sequence[tuple[str, WriteStatus]]) -> None:
    """Count records by (service, status)."""
    if len(found) == 1:
        _traces(*found[0]).inc()
        return
    for (service, status), count in Counter(found).items():
        _traces(service, status).inc(count)


def observe_lags(service: str, seconds: Sequence[float]) -> None:
    """Observe the time from an event's timestamp to its commit, for each of several events of one service."""
    observe_all(_lag(service), seconds)


def observe_all(series: Histogram, values: Sequence[float]) -> None:
    """What `series.observe` does for each of the values, with one addition a bucket instead of one a value."""
    if len(values) == 1:
        series.observe(values[0])
        return
    series._sum.inc(sum(values))  # noqa: SLF001 - the library has no way to observe several values at once
    bounds, buckets = series._upper_bounds, series._buckets  # noqa: SLF001
    for place, count in Counter(bisect_left(bounds, value) for value in values).items():
        buckets[place].inc(count)


# Looking a series up by its labels costs more than counting.
@lru_cache(maxsize=512)
def _traces(service: str, status: WriteStatus) -> CounterMetric:
    return AUDIT_TRACES.labels(service, status)


@lru_cache(maxsize=128)
def _lag(service: str) -> Histogram:
    return AUDIT_LAG.labels(service)
