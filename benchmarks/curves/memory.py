"""The curve of memory: each process' own, over time, under a steady load of batches."""

from __future__ import annotations

import time
from collections import defaultdict

import psutil

from benchmarks.curves import Axis, Extent, Series, curve
from benchmarks.events import batch_request, only
from benchmarks.harness import PATIENT, Stage
from benchmarks.traffic import drive

_SECONDS, _EVERY = 120, 2.0
_BATCH = 500


@curve(
    "memory",
    title="Memory over time, 1 worker, batches of 500 without a pause",
    x=Axis(title="seconds"),
    y=Axis(title="MiB resident"),
)
def memory(stage: Stage, extent: Extent) -> Series:
    series: defaultdict[str, list[tuple[float, float]]] = defaultdict(list)
    events = 0
    with stage.service(workers=1, **PATIENT) as service:
        master = psutil.Process(service.pid)
        worker, sealer = sorted(master.children(), key=lambda child: child.pid)
        began = time.monotonic()
        requests = [batch_request(number, _BATCH) for number in range(4)]
        while (now := time.monotonic() - began) < extent.of(_SECONDS, least=4):
            for name, process in (("worker", worker), ("sealer", sealer), ("parent", master)):
                series[name].append((round(now, 1), process.memory_info().rss / (1 << 20)))
            until = time.monotonic() + _EVERY
            while time.monotonic() < until:
                only(drive(service.url, requests, connections=2), 201)
                events += len(requests) * _BATCH
        stage.say(f"{events:,} events in {now:.0f} s; worker {series['worker'][-1][1]:.0f} MiB")
    return series
