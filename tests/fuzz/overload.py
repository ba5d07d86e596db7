"""What a service does at twice what it can take: throughput, latency, refusals.

    python -m tests.fuzz.overload --seconds 10

Starts its own stores and service, finds the highest rate that `--connections` writers reach, then sends twice that
rate whether or not there is an answer, and prints both. Exit 1 where throughput falls below 90 % of the highest, or an
answer is neither 201, 202 nor 503.
"""

from __future__ import annotations

import argparse
import asyncio
import json
import sys
import time
from collections import Counter
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from pathlib import Path

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
    children = Path(f"/proc/{service.pid}/task/{service.pid}/children").read_text().split()
    texts = [Path(f"/proc/{pid}/status").read_text() for pid in children]
    return max(int(text.partition("VmRSS:")[2].split()[0]) / 1024 for text in texts if "VmRSS:" in text)


def _told(name: str, load: Load, service: Service) -> None:
    print(
        f"{name:9} {load.throughput:7.0f} events/s  p50 {load.percentile(0.5) * 1000:6.1f} ms  "
        f"p99 {load.percentile(0.99) * 1000:6.1f} ms  {dict(load.statuses)}  unsent {load.unsent}  "
        f"{worker_rss(service):.0f} MB",
        flush=True,
    )


def main() -> int:
    """The command line above."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--seconds", type=float, default=10)
    parser.add_argument(
        "--connections", type=int, default=32, help="writers at the peak, and writes that are taken at once"
    )
    options = parser.parse_args()
    with chosen_servers("embedded") as servers, fresh_database(servers.postgres_url) as url:
        migrate(url)
        settings = {"writes_max": options.connections}
        with Service(database_url=url, redis_url=servers.redis_url, settings=settings) as service:
            asyncio.run(closed_loop(service, connections=options.connections, seconds=2))
            peak = asyncio.run(closed_loop(service, connections=options.connections, seconds=options.seconds))
            _told("peak", peak, service)
            rate, many = 2 * peak.throughput, 16 * options.connections
            over = asyncio.run(open_loop(service, rate=rate, connections=many, seconds=options.seconds))
            _told("at twice", over, service)
    share = over.throughput / peak.throughput
    print(f"throughput at twice the load: {share:.0%} of the peak")
    return int(share < 0.9 or bool(set(over.statuses) - {201, 202, 503}) or over.without_retry > 0)


if __name__ == "__main__":
    sys.exit(main())
