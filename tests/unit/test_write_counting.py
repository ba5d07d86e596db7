"""Counting writes: what is added up at once is what one by one would have given."""

import random

from prometheus_client import REGISTRY, Histogram

from telemetry.writes import announce_services, count_writes, observe_all, observe_lags


def _samples(series: Histogram) -> dict[str, float]:
    return {
        f"{s.name}{s.labels}": s.value for metric in series.collect() for s in metric.samples if "created" not in s.name
    }


def test_several_values_at_once_are_observed_as_one_by_one() -> None:
    bounds = (0.1, 1.0, 10.0)
    chosen = random.Random(7)
    values = [0.0, 0.1, 1.0, 10.0, 11.0, *(chosen.uniform(0, 12) for _ in range(200))]
    together, each = (Histogram("test_values", "h", buckets=bounds, registry=None) for _ in range(2))
    observe_all(together, values)
    for value in values:
        each.observe(value)
    found, wanted = _samples(together), _samples(each)
    assert found.pop("test_values_sum{}") - wanted.pop("test_values_sum{}") < 1e-9
    assert found == wanted
    observe_all(each, [])
    assert _samples(each) | found == _samples(each)


def test_records_are_counted_by_service_and_status() -> None:
    def value(service: str, status: str) -> float:
        return REGISTRY.get_sample_value("datastorage_audit_traces_total", {"service": service, "status": status}) or 0

    kinds = [("execution", "success"), ("execution", "dlq_fallback"), ("workflow", "success")]
    before = [value(*kind) for kind in kinds]
    count_writes([("execution", "success")] * 3 + [("workflow", "success"), ("execution", "dlq_fallback")])
    assert [value(*kind) - old for kind, old in zip(kinds, before, strict=True)] == [3, 1, 1]


def test_a_service_is_counted_from_zero_so_that_its_first_failure_is_an_increase() -> None:
    announce_services(["announced"])
    values = [
        REGISTRY.get_sample_value("datastorage_audit_traces_total", {"service": "announced", "status": status})
        for status in ("success", "duplicate", "dlq_fallback", "failure")
    ]
    assert values == [0, 0, 0, 0]


def test_lags_are_observed_by_service() -> None:
    def count() -> float:
        return REGISTRY.get_sample_value("datastorage_audit_lag_seconds_count", {"service": "execution"}) or 0

    before = count()
    observe_lags("execution", [0.2, 0.3])
    observe_lags("execution", [40])
    assert count() == before + 3
