"""Tails of single writes at a steady rate, beside pgbench's own at the same rate on the same table.

DATASTORAGE_BENCH_TAIL_SECONDS=600 measures for ten minutes, by hand; DATASTORAGE_BENCH_TAIL_RATE is 2000 a second.
"""

from __future__ import annotations

import os
import statistics

from benchmarks.events import only, post_request
from benchmarks.harness import PATIENT, Mark, Measured, Stage, row
from benchmarks.pgbench import pgbench_inserts
from benchmarks.traffic import drive, percentile, steady

_SECONDS = float(os.environ.get("DATASTORAGE_BENCH_TAIL_SECONDS") or 30)
_RATE = float(os.environ.get("DATASTORAGE_BENCH_TAIL_RATE") or 2000)
_CONNECTIONS = 32
#: Service and floor take turns of this length, so that what the disk does hits both.
_TURN_SECONDS = 10
_CLOSED = 8_000


@row(
    "tails",
    title=f"single POST at steady {_RATE:,.0f} events/s for {_SECONDS:,.0f} s, p99",
    marks=[
        Mark(of="ratio", at_most=1.3, against="p99 of pgbench at the same rate, in turns"),
        Mark(of="p999_ratio", at_most=1.5, against="p99.9 of pgbench at the same rate, in turns"),
    ],
)
def tails(stage: Stage) -> Measured:
    """Due at random moments (Poisson), 32 connections; a latency counts from when its request was due."""
    with stage.service(workers=2, **PATIENT) as service:
        address = service.environment["DATABASE_URL"]
        drive(service.url, [post_request(number) for number in range(1000)], connections=_CONNECTIONS)
        ours: list[float] = []
        floors: list[float] = []
        turns = max(1, round(_SECONDS / _TURN_SECONDS))
        for turn in range(turns):
            seconds = _SECONDS / turns
            requests = [post_request(number) for number in range(round(_RATE * seconds))]
            traffic = only(steady(service.url, requests, rate=_RATE, connections=_CONNECTIONS, seed=turn), 201)
            ours += traffic.latencies
            floors += pgbench_inserts(address, clients=_CONNECTIONS, seconds=seconds, rate=_RATE).latencies
            stage.say(f"turn {turn + 1}/{turns}: p99 {_p99(ours):.1f} ms, floor {_p99(floors):.1f} ms")
    notes = {
        f"{name}_{of}_ms": round(percentile(values, share) * 1000, 2)
        for name, share in (("p50", 0.5), ("p99", 0.99), ("p999", 0.999))
        for of, values in (("ours", ours), ("floor", floors))
    }
    ratio = round(notes["p999_ours_ms"] / notes["p999_floor_ms"], 3)
    return Measured(
        value=_p99(ours), unit="ms", better="lower", floor=_p99(floors), notes=notes | {"p999_ratio": ratio}
    )


def _p99(latencies: list[float]) -> float:
    return percentile(latencies, 0.99) * 1000


@row(
    "tails-unsynced",
    title="single POST, 32 connections in a closed loop, synchronous_commit off: p99",
    marks=[Mark(of="p99_to_p50", at_most=2.5, against="p50 of the same run (3.2 before)")],
)
def tails_unsynced(stage: Stage) -> Measured:
    """What remains of the tail without the disk; floor: p99 of pgbench's 32 clients on the same database."""
    with (
        stage.database(synchronous_commit="off") as address,
        stage.service(workers=2, database=address, **PATIENT) as service,
    ):
        middles, lates, floors = [], [], []
        for _ in range(stage.rounds + 1):
            requests = [post_request(number) for number in range(_CLOSED)]
            traffic = only(drive(service.url, requests, connections=_CONNECTIONS), 201)
            middles.append(traffic.percentile(0.5) * 1000)
            lates.append(_p99(traffic.latencies))
            floors.append(_p99(pgbench_inserts(address, clients=_CONNECTIONS, seconds=3).latencies))
    shape = statistics.median(late / middle for late, middle in zip(lates[1:], middles[1:], strict=True))
    return Measured(
        value=statistics.median(lates[1:]),
        unit="ms",
        better="lower",
        floor=statistics.median(floors[1:]),
        notes={"p50_ms": round(statistics.median(middles[1:]), 2), "p99_to_p50": round(shape, 2)},
    )
