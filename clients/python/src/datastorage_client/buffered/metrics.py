"""The stores' counters for prometheus_client, where that is installed."""

from __future__ import annotations

import contextlib
import threading
import weakref
from collections import defaultdict
from collections.abc import Iterable
from typing import TYPE_CHECKING, Any

from datastorage_client.buffered.core import DURATION_BUCKETS, Stats

if TYPE_CHECKING:
    from datastorage_client.buffered.base import StoreBase

__all__ = ["StoreCollector", "expose"]

_COUNTERS = (
    ("audit_events_buffered", "Events that store took.", "buffered"),
    ("audit_events_written", "Events that the service acknowledged.", "written"),
    ("audit_events_rejected", "Events that the service refused for good.", "rejected"),
    ("audit_events_dropped", "Events that were not taken, or given up.", "dropped"),
    ("audit_batches_failed", "Tries to deliver a batch that failed and were or will be repeated.", "batches_failed"),
)
_GAUGES = (
    ("audit_buffer_size", "Events that wait or are under way.", "size"),
    ("audit_buffer_capacity", "Events that fit into the buffer; a spill file is bounded in bytes instead.", "capacity"),
    ("audit_buffer_utilization_ratio", "How full the buffer or the spill file is, 0 to 1.", "utilization"),
)
_stores: weakref.WeakSet[StoreBase] = weakref.WeakSet()
_registered = threading.Event()


def expose(store: StoreBase) -> None:
    """Show a store's counters in prometheus_client's default registry as long as the store lives."""
    _stores.add(store)
    if not _registered.is_set():
        _registered.set()
        with contextlib.suppress(ImportError):
            from prometheus_client import REGISTRY

            REGISTRY.register(StoreCollector())


class StoreCollector:
    """A collector of all stores of the process; stores of one name are added up."""

    def describe(self) -> Iterable[Any]:
        """Nothing in advance: see prometheus_client's Collector."""
        return ()

    def collect(self) -> Iterable[Any]:
        """All series, read when they are asked for: counting costs `store` nothing."""
        from prometheus_client.core import CounterMetricFamily, GaugeMetricFamily, HistogramMetricFamily

        by_name: dict[str, list[Stats]] = defaultdict(list)
        for store in list(_stores):
            by_name[store.settings.name].append(store.stats())
        for kind, described in ((CounterMetricFamily, _COUNTERS), (GaugeMetricFamily, _GAUGES)):
            for metric, text, member in described:
                family = kind(metric, text, labels=["store"])
                for name, found in by_name.items():
                    values = [getattr(stats, member) for stats in found]
                    family.add_metric([name], max(values) if member == "utilization" else sum(values))
                yield family
        durations = HistogramMetricFamily("audit_write_duration_seconds", "Duration of requests.", labels=["store"])
        for name, found in by_name.items():
            durations.add_metric([name], _buckets(found), sum(stats.seconds for stats in found))
        yield durations


def _buckets(found: list[Stats]) -> list[tuple[str, float]]:
    total, buckets = 0.0, []
    for index, bound in enumerate((*map(str, DURATION_BUCKETS), "+Inf")):
        total += sum(stats.durations[index] for stats in found)
        buckets.append((bound, total))
    return buckets
