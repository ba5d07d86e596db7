"""Exemplars of all processes of an instance: the trace of one request for each bucket of a histogram.

prometheus_client keeps none where several processes share their metrics. Here each process writes its newest ones to a
file beside the library's, once a second, and whoever is scraped puts them to the samples of all.
"""

from __future__ import annotations

import asyncio
import json
import os
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Any

from prometheus_client import Metric
from prometheus_client.samples import Exemplar

__all__ = ["keep", "publish", "with_exemplars"]

#: Seconds between two writes of a process.
_PAUSE = 1.0
#: Those that are not written yet, and all of this process, by the keys of prometheus_client's files.
_fresh: dict[str, tuple[dict[str, str], float, float]] = {}
_all: dict[str, tuple[dict[str, str], float, float]] = {}


def keep(key: str, exemplar: Any) -> None:
    """Remember the exemplar of one bucket. key: of the bucket, as prometheus_client's files have it."""
    _fresh[key] = (dict(exemplar.labels), exemplar.value, exemplar.timestamp)


async def publish() -> None:
    """Write what is remembered once a second, until cancelled. One a process that traces."""
    place = Path(os.environ["PROMETHEUS_MULTIPROC_DIR"]) / f"exemplars_{os.getpid()}.json"
    while True:
        if _fresh:
            _all.update(_fresh)
            _fresh.clear()
            made = place.with_suffix(".new")
            made.write_text(json.dumps(_all))
            made.replace(place)
        await asyncio.sleep(_PAUSE)


def with_exemplars(metrics: Iterable[Metric], directory: Path) -> Iterator[Metric]:
    """The metrics, their samples with the newest exemplar that a process of the instance wrote for them."""
    found = _read(directory)
    for metric in metrics:
        if found and metric.type == "histogram":
            metric.samples = [
                one._replace(exemplar=found.get((one.name, frozenset(one.labels.items())))) for one in metric.samples
            ]
        yield metric


def _read(directory: Path) -> dict[tuple[str, frozenset[tuple[str, str]]], Exemplar]:
    found: dict[tuple[str, frozenset[tuple[str, str]]], Exemplar] = {}
    for file in directory.glob("exemplars_*.json"):
        for key, (labels, value, timestamp) in json.loads(file.read_text()).items():
            _, name, of_sample, _ = json.loads(key)
            place = (name, frozenset(of_sample.items()))
            if place not in found or (found[place].timestamp or 0) < timestamp:
                found[place] = Exemplar(labels, value, timestamp)
    return found
