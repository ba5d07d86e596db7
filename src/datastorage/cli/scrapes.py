"""What two scrapes of /metrics tell: rates, latencies, levels."""

from __future__ import annotations

from collections.abc import Mapping

from prometheus_client.parser import text_string_to_metric_families

__all__ = ["Scrape", "quantile", "rate"]

Labels = tuple[tuple[str, str], ...]


class Scrape:
    """The samples of one scrape. at: seconds, from any start."""

    def __init__(self, text: str, at: float) -> None:
        self.at = at
        self._samples: dict[str, dict[Labels, float]] = {}
        for family in text_string_to_metric_families(text):
            for sample in family.samples:
                self._samples.setdefault(sample.name, {})[tuple(sorted(sample.labels.items()))] = sample.value

    def by(self, name: str, label: str, **only: str) -> dict[str, float]:
        """The sums of a metric by one of its labels; `only` those series that have these labels."""
        sums: dict[str, float] = {}
        for labels, value in self._samples.get(name, {}).items():
            found = dict(labels)
            if only.items() <= found.items():
                sums[found.get(label, "")] = sums.get(found.get(label, ""), 0.0) + value
        return sums

    def total(self, name: str, **only: str) -> float:
        """The sum over all series of a metric that have these labels."""
        return sum(self.by(name, "", **only).values())


def rate(before: Scrape, after: Scrape, name: str, label: str, **only: str) -> dict[str, float]:
    """How much a counter grew in a second, by one of its labels; a counter that was reset counts from zero."""
    seconds = max(after.at - before.at, 1e-9)
    old = before.by(name, label, **only)
    return {
        value: (new - old.get(value, 0.0) if new >= old.get(value, 0.0) else new) / seconds
        for value, new in after.by(name, label, **only).items()
    }


def quantile(share: float, grown: Mapping[str, float]) -> float | None:
    """The value below which `share` of the observations lie, from how a histogram's buckets grew by their `le`.

    Interpolated as Prometheus does; None where nothing was observed.
    """
    bounds = sorted((float(bound), count) for bound, count in grown.items())
    if not bounds or bounds[-1][1] <= 0:
        return None
    wanted = share * bounds[-1][1]
    below, counted = 0.0, 0.0
    for bound, count in bounds:
        if count >= wanted:
            if bound == float("inf"):
                return below
            inside = count - counted
            return below + (bound - below) * ((wanted - counted) / inside if inside else 1.0)
        below, counted = bound, count
    return below
