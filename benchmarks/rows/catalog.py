"""The workflow catalog: searches under load, and bringing workflows in."""

from __future__ import annotations

import hashlib
import itertools
import json
import random
import statistics
import time
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any
from uuid import uuid4

import psycopg

from benchmarks.events import only
from benchmarks.harness import Mark, Measured, Stage, in_turns, row
from benchmarks.traffic import drive, get_bytes, post_bytes, steady
from repository.sql import load
from tests.fixtures.service import Service

_PATH = "/api/v1/workflows"
_SIGNALS = ("OOMKilled", "CrashLoopBackOff", "NodeNotReady", "HighCPU", "DiskPressure")
_SEVERITIES = ("critical", "high", "medium", "low")
_COMPONENTS = ("deployment", "statefulset", "node", "*")
_ENVIRONMENTS = ("production", "staging", "*")
_PRIORITIES = ("P0", "P1", "*")
_LIVE = get_bytes("/health/live")
_SEARCHES = 1500
_CREATES = 200
_CREATED_WITHIN = 0.3


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


def search_request(rng: random.Random) -> bytes:
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
def open_catalog(stage: Stage, workflows: int, **settings: object) -> Iterator[Service]:
    """A service over a catalog of so many workflows in three versions each."""
    rng = random.Random(1)
    with stage.service(workers=2, **settings) as service:
        bodies = [_workflow(rng, f"wf-{n}", f"1.{v}.0") for n in range(workflows) for v in range(3)]
        for first in range(0, len(bodies), 500):
            service.client.post(f"{_PATH}/bulk", json=bodies[first : first + 500]).raise_for_status()
        yield service


def _closed_loop(stage: Stage, workflows: int) -> Measured:
    rng = random.Random(2)
    with open_catalog(stage, workflows) as service:
        tails, rates, floors = [], [], []
        for _ in range(stage.rounds + 1):
            searches = [search_request(rng) for _ in range(_SEARCHES)]
            traffic = only(drive(service.url, searches, connections=20), 200)
            tails.append(traffic.percentile(0.95) * 1000)
            rates.append(_SEARCHES / traffic.seconds)
            answers = drive(service.url, [_LIVE] * _SEARCHES, connections=20)
            floors.append(answers.percentile(0.95) * 1000)
    notes = {"searches_per_second": round(statistics.median(rates[1:]))}
    floor = statistics.median(floors[1:])
    return Measured(value=statistics.median(tails[1:]), unit="ms", better="lower", floor=floor, notes=notes)


def _open_loop(stage: Stage, workflows: int, *, rate: float = 50, seconds: float = 10, share: float = 0.95) -> Measured:
    """Searches due at random moments, each measured from when it was due; floor: /health/live in the same way."""
    rng = random.Random(3)
    with open_catalog(stage, workflows) as service:
        requests = [search_request(rng) for _ in range(round(rate * seconds))]
        drive(service.url, requests[:200], connections=4)
        searches, floor = (
            only(steady(service.url, kind, rate=rate, connections=8), 200)
            for kind in (requests, [_LIVE] * len(requests))
        )
    notes = {f"p{round(100 * one)}_ms": round(1000 * searches.percentile(one), 2) for one in (0.5, 0.95, 0.99)}
    return Measured(
        value=searches.percentile(share) * 1000,
        unit="ms",
        better="lower",
        floor=floor.percentile(share) * 1000,
        notes=notes,
    )


@row(
    "search-200",
    title="label search p95, 20 concurrent, 200 workflows x 3",
    marks=[Mark(of="value", at_most=20, unit="ms", against="as promised")],
)
def search_small(stage: Stage) -> Measured:
    """Closed loop; the floor is the same loop over /health/live, which the service answers without work."""
    return _closed_loop(stage, 200)


@row(
    "search-10000",
    title="label search p95, 20 concurrent, 10,000 workflows x 3",
    marks=[Mark(of="value", at_most=50, unit="ms", against="as promised")],
)
def search_large(stage: Stage) -> Measured:
    """Closed loop."""
    return _closed_loop(stage, 10_000)


@row(
    "search-open-200",
    title="label search p95, 50 a second, 200 workflows x 3",
    marks=[Mark(of="value", at_most=8, unit="ms", against="as promised")],
)
def search_open_small(stage: Stage) -> Measured:
    """Open loop."""
    return _open_loop(stage, 200)


@row(
    "search-open-10000",
    title="label search p95, 50 a second, 10,000 workflows x 3",
    marks=[Mark(of="value", at_most=15, unit="ms", against="as promised")],
)
def search_open_large(stage: Stage) -> Measured:
    """Open loop."""
    return _open_loop(stage, 10_000)


@row(
    "search-minute",
    title="label search p99, 10 a second for 60 s, 200 workflows x 3",
    marks=[Mark(of="value", at_most=200, unit="ms", against="the p95 of the service that this replaces")],
)
def search_minute(stage: Stage) -> Measured:
    """Open loop, once."""
    return _open_loop(stage, 200, rate=10, seconds=60, share=0.99)


@row(
    "catalog-import",
    title="200 sequential creates",
    marks=[
        Mark(of="value", at_most=2, unit="s", against="in all"),
        Mark(of="within_300_ms", at_least=1, against="of the creates, all rounds"),
        Mark(of="search_after_ms", at_most=10, unit="ms", against="as promised"),
    ],
)
def catalog_import(stage: Stage) -> Measured:
    """One client, one create after the other, then one search; floor: the same INSERTs through psycopg."""
    rng = random.Random(4)
    with stage.service(workers=2) as service:
        created: list[float] = []
        searches: list[float] = []
        names = (f"turn-{turn}" for turn in itertools.count())

        def create() -> float:
            prefix = next(names)
            requests = [
                post_bytes(_PATH, json.dumps(_workflow(rng, f"{prefix}-{number}", "1.0.0")).encode())
                for number in range(_CREATES)
            ]
            traffic = only(drive(service.url, requests, connections=1), 201)
            created.extend(traffic.latencies)
            searches.append(drive(service.url, [search_request(rng)], connections=1).seconds * 1000)
            return traffic.seconds

        turns = in_turns(stage, create, lambda: _insert_all(service.environment["DATABASE_URL"], rng, next(names)))
    notes = {
        "within_300_ms": sum(one < _CREATED_WITHIN for one in created) / len(created),
        "slowest_ms": round(1000 * max(created), 1),
        "search_after_ms": round(statistics.median(searches[1:]), 2),
    }
    return Measured(unit="s", better="lower", notes=notes, **turns)


def _insert_all(url: str, rng: random.Random, prefix: str) -> float:
    rows = [
        {**_workflow(rng, f"{prefix}-{number}", "1.0.0"), "workflow_id": str(uuid4()), "status": "active"}
        for number in range(_CREATES)
    ]
    with psycopg.connect(url, autocommit=True) as connection:
        began = time.perf_counter()
        for one in rows:
            connection.execute(load("workflow_insert"), {"rows": json.dumps([one])})
        return time.perf_counter() - began
