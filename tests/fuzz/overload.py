"""What a service does at twice what it can take: throughput, latency, refusals.

    python -m tests.fuzz.overload --seconds 10 --rounds 3

Starts its own stores and service, finds the highest rate that `--connections` writers reach, then sends twice that
rate whether or not there is an answer, and prints both, round by round. The sender takes CPU from the service on a
small machine, and more at twice the rate; so throughput is compared by what the worker did in a second of its own CPU
time. Exit 1 where that falls below 90 % of the peak's in the middle round, or an answer is neither 201, 202 nor 503.
"""

from __future__ import annotations

import argparse
import asyncio
import json
import sys
import time
from collections import Counter
from collections.abc import AsyncIterator, Coroutine
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from statistics import median

import psutil

from tests.fixtures.database import fresh_database, migrate
from tests.fixtures.events import event_body
from tests.fixtures.servers import chosen_servers
from tests.fixtures.service import Service

__all__ = ["Load", "closed_loop", "open_loop"]

_PATH = "/api/v1/audit/events"


@dataclass
class Load:
    """What a load saw. latencies: seconds, of what was taken. without_retry: refusals without Retry-After."""

    seconds: float = 0.0
    statuses: Counter[int] = field(default_factory=Counter)
    latencies: list[float] = field(default_factory=list)
    without_retry: int = 0
    unsent: int = 0

    @property
    def taken(self) -> int:
        """Events that were stored, or queued because storing took too long."""
        return self.statuses[201] + self.statuses[202]

    @property
    def throughput(self) -> float:
        """Events taken in a second."""
        return self.taken / self.seconds

    def percentile(self, share: float) -> float:
        """The latency that `share` (0..1) of the events taken did not exceed, in seconds."""
        ordered = sorted(self.latencies)
        return ordered[min(len(ordered) - 1, int(share * len(ordered)))] if ordered else 0.0


def _request(correlation_id: str) -> bytes:
    body = json.dumps(event_body({"correlation_id": correlation_id})).encode()
    head = f"POST {_PATH} HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/json\r\nContent-Length: {len(body)}"
    return head.encode() + b"\r\n\r\n" + body


class _Writers:
    """Connections that send one request each at a time."""

    def __init__(self, load: Load, request: bytes) -> None:
        self._load = load
        self._request = request
        self.idle: asyncio.Queue[tuple[asyncio.StreamReader, asyncio.StreamWriter]] = asyncio.Queue()

    async def send(self, line: tuple[asyncio.StreamReader, asyncio.StreamWriter]) -> None:
        """One request and its answer."""
        reader, writer = line
        began = time.perf_counter()
        writer.write(self._request)
        head = (await reader.readuntil(b"\r\n\r\n")).lower()
        await reader.readexactly(int(head.partition(b"content-length: ")[2].partition(b"\r\n")[0]))
        status = int(head[9:12])
        self._load.statuses[status] += 1
        if status in {201, 202}:
            self._load.latencies.append(time.perf_counter() - began)
        elif b"retry-after: " not in head:
            self._load.without_retry += 1
        self.idle.put_nowait(line)


@asynccontextmanager
async def _writers(service: Service, connections: int, correlation_id: str) -> AsyncIterator[tuple[_Writers, Load]]:
    load = Load()
    writers = _Writers(load, _request(correlation_id))
    opened = [await asyncio.open_connection("127.0.0.1", service.port) for _ in range(connections)]
    for line in opened:
        writers.idle.put_nowait(line)
    began = time.perf_counter()
    try:
        yield writers, load
    finally:
        load.seconds = time.perf_counter() - began
        for _, writer in opened:
            writer.close()


async def closed_loop(service: Service, *, connections: int, seconds: float, correlation_id: str = "peak") -> Load:
    """Each connection sends its next event when its answer is there."""
    async with _writers(service, connections, correlation_id) as (writers, load):
        over = time.perf_counter() + seconds

        async def loop() -> None:
            line = await writers.idle.get()
            while time.perf_counter() < over:
                await writers.send(line)
                line = await writers.idle.get()

        await asyncio.gather(*(loop() for _ in range(connections)))
    return load


async def open_loop(
    service: Service, *, rate: float, connections: int, seconds: float, correlation_id: str = "overload"
) -> Load:
    """`rate` events a second, whether or not there are answers; unsent: those for which no connection was free."""
    async with _writers(service, connections, correlation_id) as (writers, load):
        began, sent = time.perf_counter(), 0
        async with asyncio.TaskGroup() as sending:
            while (now := time.perf_counter() - began) < seconds:
                for _ in range(int(now * rate) - sent):
                    sent += 1
                    if writers.idle.empty():
                        load.unsent += 1
                    else:
                        sending.create_task(writers.send(writers.idle.get_nowait()))
                await asyncio.sleep(0.002)
    return load


def worker_rss(service: Service) -> float:
    """Resident memory of the largest of the service's processes, in MB."""
    return max(child.memory_info().rss for child in psutil.Process(service.pid).children()) / 1e6


def worker_cpu(service: Service) -> float:
    """Seconds of CPU time that the service's processes have used."""
    return sum(sum(child.cpu_times()[:2]) for child in psutil.Process(service.pid).children())


def _measured(name: str, sending: Coroutine[None, None, Load], service: Service) -> tuple[Load, float]:
    """What a load saw, and how many events were taken in a second of the worker's CPU time."""
    ours, before = time.process_time(), worker_cpu(service)
    load = asyncio.run(sending)
    ours, theirs = time.process_time() - ours, worker_cpu(service) - before
    print(
        f"{name:9} {load.throughput:6.0f} events/s  {load.taken / theirs:6.0f} a CPU second  "
        f"p50 {load.percentile(0.5) * 1000:6.1f} ms  p99 {load.percentile(0.99) * 1000:6.1f} ms  "
        f"{dict(load.statuses)}  unsent {load.unsent}  worker {theirs / load.seconds:.0%} of a core, "
        f"sender {ours / load.seconds:.0%}  {worker_rss(service):.0f} MB",
        flush=True,
    )
    return load, load.taken / theirs


def _round(service: Service, connections: int, many: int, seconds: float) -> tuple[float, bool]:
    """The share of its peak that the service keeps at twice the load, and whether all answers are as they should be."""
    writers = closed_loop(service, connections=connections, seconds=seconds)
    peak, at_peak = _measured("peak", writers, service)
    excess = open_loop(service, rate=2 * peak.throughput, connections=many, seconds=seconds)
    over, at_twice = _measured("at twice", excess, service)
    return at_twice / at_peak, not set(over.statuses) - {201, 202, 503} and not over.without_retry


def main() -> int:
    """The command line above."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--seconds", type=float, default=10)
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--connections", type=int, default=64, help="writers at the peak")
    parser.add_argument("--many", type=int, default=512, help="connections at twice the load")
    parser.add_argument("--writes-max", type=int, default=64, help="writes that are worked on at once")
    options = parser.parse_args()
    with chosen_servers("embedded") as servers, fresh_database(servers.postgres_url) as url:
        migrate(url)
        settings = {"writes_max": options.writes_max}
        with Service(database_url=url, redis_url=servers.redis_url, settings=settings) as service:
            asyncio.run(closed_loop(service, connections=options.connections, seconds=2))
            rounds = [
                _round(service, options.connections, options.many, options.seconds) for _ in range(options.rounds)
            ]
    share = median(kept for kept, _ in rounds)
    print(f"kept at twice the load: {share:.0%} of the peak, by the worker's CPU time")
    return int(share < 0.9 or not all(right for _, right in rounds))


if __name__ == "__main__":
    sys.exit(main())
