"""Does one client hurt another? A normal load alone, and then beside every hostile case that we know.

    python -m tests.fuzz.beside --seconds 20 --rounds 3

Starts its own stores and service. The normal load writes and reads at a fixed rate; its latencies are printed alone
and beside the others, round by round, with the service's memory. Exit 1 where in the middle round the p99 beside them
is more than three times that alone.
"""

from __future__ import annotations

import argparse
import asyncio
import gzip
import itertools
import json
import multiprocessing
import os
import re
import sys
import time
from collections import Counter
from collections.abc import Awaitable, Callable
from statistics import median

from tests.fixtures.database import fresh_database, migrate
from tests.fixtures.events import event_body
from tests.fixtures.servers import chosen_servers
from tests.fixtures.service import Service
from tests.fuzz.overload import worker_rss
from tests.fuzz.raw import fuzz

_EVENTS = "/api/v1/audit/events"
#: Requests a second of the normal load, one of five of them a read.
_RATE = 40
_TIMES_AT_MOST = 3


def _post(path: str, body: bytes, *more: str) -> bytes:
    lines = [f"POST {path} HTTP/1.1", "Host: localhost", "Content-Type: application/json"]
    return "\r\n".join([*lines, f"Content-Length: {len(body)}", *more, "", ""]).encode() + body


def _get(path: str, *more: str) -> bytes:
    return "\r\n".join([f"GET {path} HTTP/1.1", "Host: localhost", *more, "", ""]).encode()


def _large_events() -> bytes:
    body = [event_body({"correlation_id": "large", "event_data": {"text": "x" * 200_000}})] * 20
    return _post(f"{_EVENTS}/batch", json.dumps(body).encode())


def _many_values() -> list[bytes]:
    """Bodies that are cheap to send and dear to parse: many numbers, members and arrays."""
    many = [[1.5] * 300_000, {f"k{number}": number for number in range(100_000)}, [[1]] * 200_000]
    events = [json.dumps(event_body({"event_data": {"many": one}})).encode() for one in many]
    batch = json.dumps([event_body({"correlation_id": "many", "event_data": {"many": [1.5] * 900}})] * 500).encode()
    return [*(_post(_EVENTS, one) for one in events), _post(f"{_EVENTS}/batch", batch + b" ")]


async def _asked(port: int, sent: bytes, *, patience: float = 60.0) -> int:
    """The status of the answer, read to its end; 0 where there was none."""
    try:
        async with asyncio.timeout(patience):
            reader, writer = await asyncio.open_connection("127.0.0.1", port)
            try:
                writer.write(sent.replace(b"Host: localhost\r\n", b"Host: localhost\r\nConnection: close\r\n", 1))
                answer = await reader.read()
            finally:
                writer.transport.abort()
    except (TimeoutError, ConnectionError):
        return 0
    return int(answer[9:12] or 0)


async def _held(port: int, sent: bytes) -> None:
    """A client that sends and then neither sends nor reads any more."""
    reader, writer = await asyncio.open_connection("127.0.0.1", port, limit=1)
    writer.write(sent)
    await asyncio.sleep(5)
    writer.transport.abort()
    del reader


def _hostile(port: int) -> list[Callable[[], Awaitable[object]]]:
    gz = "Content-Encoding: gzip"
    floods = [
        _post(f"{_EVENTS}/batch", b"[" + b",".join([b"{}"] * 50_000) + b"]"),
        _post(_EVENTS, json.dumps({"k" * 8000: ["\0"] * 2000}).encode()),
        _post(_EVENTS, gzip.compress(b"") * 100_000, gz),
        _post(_EVENTS, gzip.compress(b" " * 5_000_000), gz),
        _post(_EVENTS, b'{"a":' * 100_000),
        _post(_EVENTS, b'{"event_data":{"n":[' + b",".join([b"1e131071"] * 8000) + b"]}}"),
        _post("/api/v1/workflows/search", json.dumps({"filters": {"n": "x" * 1_000_000}}).encode()),
        _get(f"{_EVENTS}?limit=1000&correlation_id=large"),
        _get(_EVENTS + "?data=" + "%7B%22a%22%3A" * 300 + "1" + "%7D" * 300),
        _get(f"{_EVENTS}?cursor=" + "A" * 88),
        _get("/health/live", *["X-A: 1"] * 101),
        _large_events(),
        *_many_values(),
    ]
    half = _post(_EVENTS, b"{" * 10).replace(b"Content-Length: 10", b"Content-Length: 100000")
    unread = _get(f"{_EVENTS}?correlation_id=large", "Accept: application/x-ndjson")
    counter = itertools.count()
    asking = [lambda sent=sent: _asked(port, sent) for sent in floods]
    holding = [lambda sent=sent: _held(port, sent) for sent in (half, unread, b"GET / HTTP/1.1\r\nX", unread)]
    raw = [lambda: fuzz(f"http://127.0.0.1:{port}", seed=next(counter), numbers=iter(range(40)), at_once=4)]
    return [*asking, *holding, *raw]


def _attack(port: int) -> None:
    """Every hostile case again and again, one client each, in a process of its own."""
    os.nice(5)  # it is the service that is measured, not how it shares this machine with its attackers

    async def repeat(act: Callable[[], Awaitable[object]]) -> None:
        while True:
            await act()
            await asyncio.sleep(0.2)

    async def all_of_them() -> None:
        await asyncio.gather(*map(repeat, _hostile(port)))

    asyncio.run(all_of_them())


async def _normal(port: int, seconds: float) -> tuple[list[float], int]:
    """Latencies of a normal load in seconds, and how many of its requests failed."""
    write = _post(_EVENTS, json.dumps(event_body({"correlation_id": "normal"})).encode())
    read = _get(f"{_EVENTS}?correlation_id=normal&limit=20")
    latencies: list[float] = []
    failed = 0

    async def one(sent: bytes) -> None:
        nonlocal failed
        began = time.perf_counter()
        status = await _asked(port, sent)
        latencies.append(time.perf_counter() - began)
        failed += status not in {200, 201}

    began = time.perf_counter()
    async with asyncio.TaskGroup() as sending:
        for number in range(int(seconds * _RATE)):
            await asyncio.sleep(max(0.0, began + number / _RATE - time.perf_counter()))
            sending.create_task(one(read if number % 5 == 0 else write))
    return sorted(latencies), failed


def _told(name: str, service: Service, seconds: float) -> float:
    latencies, failed = asyncio.run(_normal(service.port, seconds))
    p50, p99 = (latencies[int(share * len(latencies))] * 1000 for share in (0.5, 0.99))
    print(
        f"{name:7} p50 {p50:6.1f} ms  p99 {p99:6.1f} ms  {len(latencies)} requests, {failed} failed  "
        f"{worker_rss(service):.0f} MB",
        flush=True,
    )
    return p99


def _answered(service: Service) -> Counter[str]:
    """Requests that reached the application, by status."""
    found: Counter[str] = Counter()
    for status, count in re.findall(
        r'requests_total\{.*status="([0-9]+)"\} ([0-9.]+)', service.client.get("/metrics").text
    ):
        found[status] += int(float(count))
    return found


def _round(service: Service, seconds: float) -> float:
    """How many times its p99 alone the normal load has beside the others."""
    alone = _told("alone", service, seconds)
    attacker = multiprocessing.get_context("spawn").Process(target=_attack, args=(service.port,), daemon=True)
    attacker.start()
    time.sleep(2)
    beside = _told("beside", service, seconds)
    assert attacker.is_alive(), "the hostile clients ended"
    attacker.terminate()
    attacker.join()
    return beside / alone


def main() -> int:
    """The command line above."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--seconds", type=float, default=20)
    parser.add_argument("--rounds", type=int, default=3)
    options = parser.parse_args()
    with chosen_servers("embedded") as servers, fresh_database(servers.postgres_url) as url:
        migrate(url)
        with Service(database_url=url, redis_url=servers.redis_url, workers=2) as service:
            asyncio.run(_normal(service.port, 2))
            times = median(_round(service, options.seconds) for _ in range(options.rounds))
            asked = _answered(service)
            failures = service.log().count("Traceback")
    print(f"all answers: {dict(asked)}")
    print(f"p99 beside the hostile cases: {times:.1f} times that alone; {failures} failures in the log")
    return int(times > _TIMES_AT_MOST or failures > 0)


if __name__ == "__main__":
    sys.exit(main())
