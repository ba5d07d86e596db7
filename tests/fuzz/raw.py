"""A fuzzer that knows no schema: bytes that look like HTTP, more or less, sent to a running service.

    python -m tests.fuzz.raw --url http://127.0.0.1:8080 --cases 1000000 --seed 1

Whatever comes, the service answers with 2xx, 3xx or 4xx, or closes; it never says 5xx, and it answers /health/live
afterwards. A case that breaks this is printed with its seed and number: `--only NUMBER` sends it alone.
"""

from __future__ import annotations

import argparse
import asyncio
import json
import random
import re
import sys
import time
import zlib
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, field
from urllib.parse import urlsplit

__all__ = ["Report", "case", "fuzz"]

#: Seconds without a byte after which the client leaves, and within which a case must be over.
_QUIET, _OVER = 0.3, 30.0
_STATUS = re.compile(rb"HTTP/1\.1 ([0-9]{3}) ")
_PATHS = (
    b"/api/v1/audit/events",
    b"/api/v1/audit/events/batch",
    b"/api/v1/audit/notifications",
    b"/api/v1/workflows",
    b"/api/v1/workflows/search",
    b"/api/v1/workflows/bulk",
    b"/api/v1/dlq/dead-letters",
    b"/health",
    b"/metrics",
    b"/ui/",
    b"/api/v1/audit/correlations/%ff%00/timeline",
    b"/api/v1/audit/events/01939f5e-7f3c-7d2a-8c3e-0b6f1a2b3c4d",
    b"/api/v1/audit/events?cursor=AAAA&since=1e9d&until=%00&limit=-1",
    b"/api/v1/audit/events?data={%22a%22:[[[[1e999]]]]}",
    b"//",
    b"/%2e%2e/%2e%2e/etc/passwd",
    b"*",
    b"http://evil/",
    b"/problems/validation-error",
)
_HEADERS = (
    b"Accept: text/csv;q=0.0001, */*;q=x",
    b"Accept: " + b"a/b;q=1," * 200,
    b"traceparent: 00-" + b"f" * 32 + b"-0-zz",
    b"traceparent: \xff\xfe",
    b"X-Request-ID: \x01\x02",
    b"Expect: 100-continue",
    b"Transfer-Encoding: chunked",
    b"Transfer-Encoding: gzip, chunked",
    b"Transfer-Encoding : chunked",
    b"Transfer-Encoding: xchunked",
    b"Content-Length: 5",
    b"Content-Length: -1",
    b"Content-Length: 5, 6",
    b"Content-Length: 99999999999999999999999",
    b"Content-Encoding: gzip",
    b"Content-Encoding: br",
    b"Content-Type: text/plain",
    b"Content-Type: application/json",
    b"Content-Type: application/json; charset=utf-16",
    b"Upgrade: websocket",
    b"Connection: Upgrade",
    b"Host: evil.example",
    b"Host: localhost, localhost",
    b'If-Match: "',
    b"Prefer: handling=lenient",
    b"Idempotency-Key: k",
    b"Range: bytes=0-",
    b"Cookie: " + b"c" * 5000,
    b" folded: value",
    b"Name-Without-Colon",
    b"Origin: null",
    b"Sec-Fetch-Site: cross-site",
    b"Authorization: Bearer \xe9",
    b"Authorization: Basic Og==",
    b'If-None-Match: W/""',
)
_BODIES = (
    b"",
    b"{}",
    b"[]",
    b"null",
    b"[[[[[[[[",
    b'{"a":' * 400,
    b"\xff\xfe{\x00}\x00",
    b"\xef\xbb\xbf{}",
    b'{"\\ud800":"\\u0000"}',
    b"1e400",
    b"-0.0e-0",
    b"9" * 1200,
    b'{"event_data":{"n":1e131071}}',
    b"NaN",
    b"[1,]",
    b'"' + b"\\u0000" * 50 + b'"',
    json.dumps(
        {"filters": {"signal_type": "a", "severity": "low", "component": "*", "environment": "*", "priority": "*"}}
    ).encode(),
    json.dumps([{"version": "1.0", "event_type": "t", "event_data": {}}] * 3).encode(),
    zlib.compress(b"x" * 1000),
    b"\x1f\x8b\x08\x00" + b"\x00" * 16,
)
_METHODS = (
    b"GET",
    b"POST",
    b"PATCH",
    b"DELETE",
    b"HEAD",
    b"PUT",
    b"OPTIONS",
    b"TRACE",
    b"CONNECT",
    b"get",
    b"PRI",
    b"\x00",
)
_ENDS = (b"\r\n", b"\r\n", b"\r\n", b"\n", b"\r", b"\r\n\r\n")


@dataclass
class Report:
    """What came of a run. failures: number of the case and what was wrong."""

    statuses: Counter[str] = field(default_factory=Counter)
    failures: list[tuple[int, str]] = field(default_factory=list)


def case(seed: int, number: int) -> bytes:
    """The bytes of one case: the same for the same numbers."""
    chance = random.Random(f"{seed}/{number}")
    if chance.random() < 0.05:
        return chance.randbytes(chance.randrange(1, 2000))
    sent = b"".join(_request(chance) for _ in range(chance.choice((1, 1, 1, 2, 3))))
    for _ in range(chance.choice((0, 0, 1, 2, 8))):
        sent = _mutated(chance, sent)
    return sent


def _request(chance: random.Random) -> bytes:
    body = chance.choice(_BODIES)
    end = b"\r\n" if chance.random() < 0.9 else chance.choice(_ENDS)
    version = b"HTTP/1.1" if chance.random() < 0.9 else chance.choice((b"HTTP/1.0", b"HTTP/2.0", b"HTTP/9", b""))
    lines = [b" ".join((chance.choice(_METHODS), chance.choice(_PATHS), version))]
    if chance.random() < 0.9:
        lines.append(b"Host: localhost")
    lines += chance.sample(_HEADERS, chance.randrange(5))
    if chance.random() < 0.8:
        lines += [b"Content-Type: application/json", b"Content-Length: %d" % len(body)]
    if chance.random() < 0.3:
        size = chance.choice((b"%x" % len(body), b"ffffffffffffffffff", b"-1", b"0x5", b"5;ext=" + b"e" * 50))
        body = size + end + body + end + b"0" + end + end
    return end.join([*lines, b"", body])


def _mutated(chance: random.Random, sent: bytes) -> bytes:
    at = chance.randrange(len(sent) + 1)
    how = chance.randrange(5)
    if how == 0:
        return sent[:at]
    if how == 1:
        return sent[:at] + chance.randbytes(chance.randrange(1, 9)) + sent[at:]
    if how == 2:
        return sent[:at] + sent[at + chance.randrange(1, 9) :]
    if how == 3:
        return sent[:at] + sent[max(0, at - 20) : at] * chance.randrange(1, 50) + sent[at:]
    return sent[:at] + bytes([chance.randrange(256)]) + sent[at + 1 :]


async def fuzz(url: str, *, seed: int, numbers: Iterator[int], at_once: int = 32) -> Report:
    """Send the cases; their numbers come from one iterator that all senders share."""
    report = Report()
    address = urlsplit(url)

    async def send_some() -> None:
        for number in numbers:
            try:
                async with asyncio.timeout(_OVER):
                    answer = await _exchange(address.hostname or "", address.port or 80, case(seed, number))
            except TimeoutError:
                report.failures.append((number, "the service neither answered nor closed"))
                continue
            found = [status.decode() for status in _STATUS.findall(answer)] or ["closed"]
            report.statuses.update(found)
            if wrong := [status for status in found if status.startswith("5")]:
                report.failures.append((number, f"answered {', '.join(wrong)}"))

    await asyncio.gather(*(send_some() for _ in range(at_once)))
    return report


async def _exchange(host: str, port: int, sent: bytes) -> bytes:
    reader, writer = await asyncio.open_connection(host, port)
    answer = b""
    try:
        writer.write(sent)
        await writer.drain()
        while part := await asyncio.wait_for(reader.read(65536), _QUIET):
            answer += part
    except (TimeoutError, ConnectionError):
        pass
    finally:
        writer.transport.abort()
    return answer


def main() -> int:
    """Fuzz and say what was found."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--url", required=True)
    parser.add_argument("--cases", type=int, default=10_000)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--only", type=int)
    options = parser.parse_args()
    numbers = iter(range(options.cases) if options.only is None else (options.only,))
    began = time.monotonic()
    report = asyncio.run(fuzz(options.url, seed=options.seed, numbers=numbers))
    print(f"seed {options.seed}, {options.cases} cases in {time.monotonic() - began:.0f} s: {dict(report.statuses)}")
    for number, wrong in report.failures[:20]:
        print(f"case {number}: {wrong}: {case(options.seed, number)[:300]!r}")
    return bool(report.failures)


if __name__ == "__main__":
    sys.exit(main())
