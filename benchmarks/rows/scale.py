"""One, two and four workers over one PostgreSQL, and what an event costs each of the two."""

from __future__ import annotations

import os
import statistics
from collections.abc import Callable, Mapping
from contextlib import ExitStack

from benchmarks.cpu import CpuMeter
from benchmarks.events import batch_request, only, post_request
from benchmarks.harness import PATIENT, Mark, Measured, Stage, row
from benchmarks.traffic import drive
from tests.fixtures.service import Service

_WORKERS = (1, 2, 4)
_BATCH, _BATCHES, _CLIENTS = 500, 40, 4
_SINGLES, _CONNECTIONS = 6_000, 32

Load = Callable[[Service], float]


@row(
    "workers-batch",
    title="batches of 500, 4 clients: 1 worker beside 2 (and 4)",
    marks=[
        Mark(of="ratio", at_least=0.85, against="2 workers; it was 0.5, so 1.7 times that"),
    ],
)
def workers_batch(stage: Stage) -> Measured:
    """Events a second of one worker; floor: of two, in the same run by turns."""

    def load(service: Service) -> float:
        requests = [batch_request(place * _BATCH, _BATCH) for place in range(_BATCHES)]
        return _BATCHES * _BATCH / only(drive(service.url, requests, connections=_CLIENTS), 201).seconds

    return _scaled(stage, load, _BATCHES * _BATCH)


@row("workers-single", title="single POSTs, 32 connections: 1 worker beside 2 (and 4)", mark="told")
def workers_single(stage: Stage) -> Measured:
    """Events a second of one worker; floor: of two, in the same run by turns."""

    def load(service: Service) -> float:
        requests = [post_request(number) for number in range(_SINGLES)]
        return _SINGLES / only(drive(service.url, requests, connections=_CONNECTIONS), 201).seconds

    return _scaled(stage, load, _SINGLES)


def _scaled(stage: Stage, load: Load, events: int) -> Measured:
    with ExitStack() as stack:
        services = {
            workers: stack.enter_context(stage.service(workers=workers, sealing="off", **PATIENT))
            for workers in _WORKERS
        }
        rates: dict[int, list[float]] = {workers: [] for workers in _WORKERS}
        costs: dict[int, list[Mapping[str, float]]] = {workers: [] for workers in _WORKERS}
        for number in range(stage.rounds + 1):
            for workers, service in services.items():
                costs[workers].append(
                    CpuMeter(service).microseconds(lambda: rates[workers].append(load(service)), events)  # noqa: B023
                )
            stage.say(f"round {number}: " + ", ".join(f"{n} workers {rates[n][-1]:,.0f}/s" for n in _WORKERS))
    turns = zip(rates[1][1:], rates[2][1:], strict=True)
    middle = {workers: statistics.median(seen[1:]) for workers, seen in rates.items()}
    return Measured(
        value=middle[1],
        unit="events/s",
        better="higher",
        floor=middle[2],
        ratio_of_turns=statistics.median(one / two for one, two in turns),
        notes={"cores": os.cpu_count(), "four_workers": round(middle[4])} | _shares(costs),
    )


def _shares(costs: Mapping[int, list[Mapping[str, float]]]) -> dict[str, float]:
    """CPU of an event, and how many cores of workers keep one core of PostgreSQL busy."""
    notes: dict[str, float] = {}
    for workers, seen in costs.items():
        python, postgres = (statistics.median(one[of] for one in seen[1:]) for of in ("workers", "postgres"))
        notes[f"workers_us_{workers}"] = round(python, 1)
        notes[f"postgres_us_{workers}"] = round(postgres, 1)
        notes[f"cores_a_postgres_core_{workers}"] = round(python / postgres, 2)
    return notes
