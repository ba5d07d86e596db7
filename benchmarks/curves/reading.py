"""Curves of reading: what a read costs in CPU as rows and months grow. Rows are made in PostgreSQL, not by HTTP."""

from __future__ import annotations

import random
from collections import defaultdict
from collections.abc import Mapping, Sequence
from datetime import UTC, datetime

from benchmarks.cpu import CpuMeter
from benchmarks.curves import Axis, Extent, Series, curve
from benchmarks.events import EVENTS, only
from benchmarks.generate import generate
from benchmarks.harness import PATIENT, Stage
from benchmarks.traffic import drive, get_bytes

_ROWS = (100_000, 300_000, 1_000_000, 3_000_000, 10_000_000)
_MONTHS = (1, 3, 6, 12, 24, 48, 85)
_ROWS_OF_MONTHS = 100_000
_READS = 100


def _questions(rows: int, reads: int) -> Mapping[str, Sequence[bytes]]:
    rng = random.Random(7)
    return {
        "timeline": [get_bytes(f"{EVENTS}?correlation_id=corr-{rng.randrange(rows // 27)}") for _ in range(reads)],
        "event_data": [
            get_bytes(f"{EVENTS}?data=%7B%22decade%22:{rng.randrange(rows // 10)}%7D") for _ in range(reads)
        ],
        "one category": [get_bytes(f"{EVENTS}?event_category=gateway")] * reads,
        "newest": [get_bytes(EVENTS)] * reads,
    }


def _costs(stage: Stage, rows: int, months: int, reads: int) -> dict[str, float]:
    """Milliseconds of CPU, of workers and PostgreSQL, for each read of 50 events, by kind."""
    costs: dict[str, float] = {}
    with stage.database() as url:
        generate(url, events=rows, end=datetime.now(UTC), months=months, report=lambda _: None)
        with stage.service(workers=2, database=url, sealing="off", **PATIENT) as service:
            meter = CpuMeter(service)
            for name, requests in _questions(rows, reads).items():
                only(drive(service.url, requests[: max(8, reads // 4)], connections=4), 200)
                used = meter.microseconds(lambda: only(drive(service.url, requests, connections=4), 200), reads)  # noqa: B023
                costs[name] = (used["workers"] + used["postgres"]) / 1000
    stage.say(f"{rows:,} rows in {months} months: " + ", ".join(f"{name} {ms:.2f} ms" for name, ms in costs.items()))
    return costs


@curve(
    "rows",
    title="CPU of a page of 50 against rows: 12 months, workers and PostgreSQL",
    x=Axis(title="million rows", log=True),
    y=Axis(title="ms of CPU", log=True),
)
def rows(stage: Stage, extent: Extent) -> Series:
    series: defaultdict[str, list[tuple[float, float]]] = defaultdict(list)
    for count in _ROWS:
        if count <= extent.largest:
            for name, cost in _costs(stage, count, 12, extent.of(_READS, least=8)).items():
                series[name].append((count / 1e6, cost))
    return series


@curve(
    "months",
    title=f"CPU of a page of 50 against attached months: {_ROWS_OF_MONTHS:,} rows, workers and PostgreSQL",
    x=Axis(title="months", log=True),
    y=Axis(title="ms of CPU", log=True),
)
def months(stage: Stage, extent: Extent) -> Series:
    series: defaultdict[str, list[tuple[float, float]]] = defaultdict(list)
    for count in _MONTHS:
        costs = _costs(stage, min(_ROWS_OF_MONTHS, extent.largest), count, extent.of(_READS, least=8))
        for name, cost in costs.items():
            series[name].append((count, cost))
    return series
