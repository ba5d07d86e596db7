"""The console: how soon a page is there over a large table, and what readers cost the writers."""

from __future__ import annotations

import statistics
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from itertools import cycle

import httpx

from benchmarks.events import make_event, only
from benchmarks.harness import Mark, Measured, Stage, row
from benchmarks.rows.queries import _correlations, _filled
from benchmarks.traffic import drive, get_bytes, percentile
from tests.fixtures.service import Service

_VIEWS, _EVERY = 60, 0.25
_SLICE, _PAIRS = 4.0, 10
_WRITERS, _READERS = 4, 3


def _pages(correlations: list[str]) -> list[str]:
    timelines = [f"/console/timeline?correlation_id={one}" for one in correlations]
    return ["/console/", "/console/search", *timelines, "/console/queue", "/console/months"]


@row(
    "console-first-view",
    title="first view of a console page over 1,000,000 events, p95",
    marks=[Mark(of="value", at_most=300, unit="ms", against="as promised")],
)
def console_first_view(stage: Stage) -> Measured:
    """By a reader who clicks four times a second; floor: p95 of the API's first page of 50 over the same table."""
    with stage.service(workers=2, database=_filled(stage), log_level="error") as service:
        pages = cycle(_pages(_correlations(8)))
        for _ in range(24):  # imports, templates, pools
            service.client.get(next(pages)).raise_for_status()
        taken = []
        for _ in range(_VIEWS):
            began = time.perf_counter()
            service.client.get(next(pages)).raise_for_status()
            taken.append((time.perf_counter() - began) * 1000)
            time.sleep(max(0.0, _EVERY - taken[-1] / 1000))
        newest = [get_bytes("/api/v1/audit/events?limit=50")] * _VIEWS
        floor = only(drive(service.url, newest, connections=1), 200).percentile(0.95) * 1000
    notes = {"median": round(statistics.median(taken), 1), "views": len(taken)}
    return Measured(value=percentile(taken, 0.95), unit="ms", better="lower", floor=floor, notes=notes)


@row(
    "console-beside-ingest",
    title="POST/s while three readers reload the console without a pause",
    marks=[Mark(of="ratio", at_least=0.95, against="the same without readers")],
)
def console_beside_ingest(stage: Stage) -> Measured:
    """Singles a second while three readers reload without a pause, beside the same without readers, turn by turn."""
    with stage.service(workers=2, log_level="error") as service:
        service.client.get("/console/").raise_for_status()
        with_readers, alone = [], []
        for pair in range(_PAIRS):
            for reading in (True, False) if pair % 2 else (False, True):
                with _readers(service) if reading else _nobody():
                    (with_readers if reading else alone).append(_writes_per_second(service))
    value, floor = statistics.median(with_readers), statistics.median(alone)
    notes = {"slower_percent": round(100 * (1 - sum(with_readers) / sum(alone)), 1), "pairs": _PAIRS}
    return Measured(value=value, unit="events/s", better="higher", floor=floor, notes=notes)


@contextmanager
def _nobody() -> Iterator[None]:
    yield


@contextmanager
def _readers(service: Service) -> Iterator[None]:
    """Readers who ask for the next page as soon as they have one."""
    stop = threading.Event()
    threads = [threading.Thread(target=_read, args=(service.url, stop.is_set)) for _ in range(_READERS)]
    for thread in threads:
        thread.start()
    try:
        yield
    finally:
        stop.set()
        for thread in threads:
            thread.join()


def _read(url: str, stopped: Callable[[], bool]) -> None:
    with httpx.Client(base_url=url, timeout=30) as client:
        for page in cycle(["/console/", "/console/search", "/console/queue"]):
            if stopped():
                return
            with suppress(httpx.HTTPError):
                client.get(page)


def _writes_per_second(service: Service) -> float:
    """Single events, one after the other in each of four connections."""
    counts = [0] * _WRITERS
    until = time.perf_counter() + _SLICE

    def write(place: int) -> None:
        with httpx.Client(base_url=service.url, timeout=30) as client:
            while time.perf_counter() < until:
                client.post("/api/v1/audit/events", json=make_event(counts[place], 450)).raise_for_status()
                counts[place] += 1

    threads = [threading.Thread(target=write, args=(place,)) for place in range(_WRITERS)]
    began = time.perf_counter()
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return sum(counts) / (time.perf_counter() - began)
