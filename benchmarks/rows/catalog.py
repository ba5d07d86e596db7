"""The workflow catalog: searches under load, and bringing workflows in."""

from __future__ import annotations

import hashlib
import json
import random
import statistics
import threading
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from typing import Any

import httpx

from benchmarks.harness import Measured, Stage, row
from benchmarks.traffic import drive, post_bytes
from tests.fixtures.service import Service

_PATH = "/api/v1/workflows"
_SIGNALS = ("OOMKilled", "CrashLoopBackOff", "NodeNotReady", "HighCPU", "DiskPressure")
_SEVERITIES = ("critical", "high", "medium", "low")
_COMPONENTS = ("deployment", "statefulset", "node", "*")
_ENVIRONMENTS = ("production", "staging", "*")
_PRIORITIES = ("P0", "P1", "*")
_LIVE = b"GET /health/live HTTP/1.1\r\nHost: bench\r\n\r\n"
_SEARCHES = 1500
_OPEN_SECONDS = 10
_OPEN_RATE = 50


def _workflow(rng: random.Random, name: str, version: str) -> dict[str, Any]:
    content = f"kind: Workflow # {name} {version}"
    return {
        "workflow_name": name,
        "version": version,
        "name": f"Title of {name}",
        "description": "Raises the limit, restarts, and looks again. " * 4,
        "content": content,
        "content_hash": hashlib.sha256(content.encode()).hexdigest(),
        "labels": {
            "signal_type": rng.choice(_SIGNALS),
            "severity": rng.choice(_SEVERITIES),
            "component": rng.choice(_COMPONENTS),
            "environment": rng.choice(_ENVIRONMENTS),
            "priority": rng.choice(_PRIORITIES),
        },
        "detected_labels": {"gitOpsManaged": rng.random() < 0.5, "gitOpsTool": rng.choice(["argocd", "flux", "*"])},
        "custom_labels": {"team": [rng.choice("abcde")]},
        "execution_engine": "tekton",
    }


def _search(rng: random.Random) -> bytes:
    filters = {
        "signal_type": rng.choice(_SIGNALS),
        "severity": rng.choice(_SEVERITIES),
        "component": rng.choice(_COMPONENTS[:-1]),
        "environment": rng.choice(_ENVIRONMENTS[:-1]),
        "priority": rng.choice(_PRIORITIES[:-1]),
        "detected_labels": {"gitOpsManaged": True, "gitOpsTool": "argocd"},
        "custom_labels": {"team": [rng.choice("abcde")]},
    }
    return post_bytes(f"{_PATH}/search", json.dumps({"filters": filters}).encode())


@contextmanager
def _catalog(stage: Stage, workflows: int) -> Iterator[Service]:
    """A service over a catalog of so many workflows in three versions each."""
    rng = random.Random(1)
    with stage.service(workers=2) as service:
        bodies = [_workflow(rng, f"wf-{n}", f"1.{v}.0") for n in range(workflows) for v in range(3)]
        for first in range(0, len(bodies), 500):
            service.client.post(f"{_PATH}/bulk", json=bodies[first : first + 500]).raise_for_status()
        yield service


def _closed_loop(stage: Stage, workflows: int) -> Measured:
    rng = random.Random(2)
    with _catalog(stage, workflows) as service:
        tails, rates, floors = [], [], []
        for _ in range(stage.rounds + 1):
            traffic = drive(service.url, [_search(rng) for _ in range(_SEARCHES)], connections=20)
            if set(traffic.statuses) != {200}:
                raise AssertionError(f"expected only 200: {dict(traffic.statuses)}")
            tails.append(traffic.percentile(0.95) * 1000)
            rates.append(_SEARCHES / traffic.seconds)
            answers = drive(service.url, [_LIVE] * _SEARCHES, connections=20)
            floors.append(answers.percentile(0.95) * 1000)
    notes = {"searches_per_second": round(statistics.median(rates[1:]))}
    floor = statistics.median(floors[1:])
    return Measured(value=statistics.median(tails[1:]), unit="ms", better="lower", floor=floor, notes=notes)


def _open_loop(stage: Stage, workflows: int) -> Measured:
    """Searches at a fixed rate; each is measured from the moment at which it was due."""
    rng = random.Random(3)
    with _catalog(stage, workflows) as service:
        requests = [_search(rng) for _ in range(_OPEN_RATE * _OPEN_SECONDS)]
        drive(service.url, requests[:200], connections=4)
        latencies = _at_rate(service, requests)
    ordered = sorted(latencies)
    return Measured(value=ordered[int(0.95 * len(ordered))] * 1000, unit="ms", better="lower")


def _at_rate(service: Service, requests: Sequence[bytes]) -> list[float]:
    latencies: list[float] = []
    began = time.perf_counter() + 0.05
    due = iter([(began + number / _OPEN_RATE, request) for number, request in enumerate(requests)])
    lock = threading.Lock()

    def send() -> None:
        with httpx.Client(base_url=service.url) as client:
            while True:
                with lock:
                    moment, request = next(due, (0.0, b""))
                if not request:
                    return
                time.sleep(max(0.0, moment - time.perf_counter()))
                body = request.partition(b"\r\n\r\n")[2]
                headers = {"Content-Type": "application/json"}
                client.post(f"{_PATH}/search", content=body, headers=headers).raise_for_status()
                latencies.append(time.perf_counter() - moment)

    threads = [threading.Thread(target=send) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return latencies


@row("search-200", title="label search p95, 20 concurrent, 200 workflows x 3", mark="<= 20 ms")
def search_small(stage: Stage) -> Measured:
    """Closed loop; the floor is the same loop over /health/live, which the service answers without work."""
    return _closed_loop(stage, 200)


@row("search-10000", title="label search p95, 20 concurrent, 10,000 workflows x 3", mark="<= 50 ms")
def search_large(stage: Stage) -> Measured:
    """Closed loop."""
    return _closed_loop(stage, 10_000)


@row("search-open-200", title="label search p95, 50 a second, 200 workflows x 3", mark="<= 8 ms")
def search_open_small(stage: Stage) -> Measured:
    """Open loop."""
    return _open_loop(stage, 200)


@row("search-open-10000", title="label search p95, 50 a second, 10,000 workflows x 3", mark="<= 15 ms")
def search_open_large(stage: Stage) -> Measured:
    """Open loop."""
    return _open_loop(stage, 10_000)


@row("catalog-import", title="200 sequential creates", mark="<= 2 s in all; search after it <= 10 ms")
def catalog_import(stage: Stage) -> Measured:
    """One client, one create after the other; then one search."""
    rng = random.Random(4)
    with stage.service(workers=2) as service:
        times, searches = [], []
        for turn in range(stage.rounds + 1):
            bodies = [_workflow(rng, f"turn-{turn}-{number}", "1.0.0") for number in range(200)]
            began = time.perf_counter()
            for body in bodies:
                service.client.post(_PATH, json=body).raise_for_status()
            times.append(time.perf_counter() - began)
            began = time.perf_counter()
            drive(service.url, [_search(rng)], connections=1)
            searches.append((time.perf_counter() - began) * 1000)
    notes = {"search_after_ms": round(statistics.median(searches[1:]), 2)}
    return Measured(value=statistics.median(times[1:]), unit="s", better="lower", notes=notes)
