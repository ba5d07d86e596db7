"""A load generator that costs little: prebuilt HTTP/1.1 requests over keep-alive sockets, one thread, no parsing."""

from __future__ import annotations

import random
import selectors
import socket
import time
from collections import Counter, deque
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from urllib.parse import urlsplit

__all__ = ["Traffic", "drive", "get_bytes", "percentile", "post_bytes", "steady"]

_CHUNK = 1 << 18


@dataclass(kw_only=True)
class Traffic:
    """What one run of `drive` saw. seconds: of the whole run; latencies: of each request, in seconds."""

    seconds: float = 0.0
    latencies: list[float] = field(default_factory=list)
    statuses: Counter[int] = field(default_factory=Counter)

    def percentile(self, share: float) -> float:
        """The latency that `share` (0..1) of the requests did not exceed, in seconds."""
        return percentile(self.latencies, share)


def percentile(values: Sequence[float], share: float) -> float:
    """What `share` (0..1) of the values did not exceed."""
    ordered = sorted(values)
    return ordered[min(len(ordered) - 1, int(share * len(ordered)))]


def get_bytes(path: str) -> bytes:
    """A whole GET request."""
    return f"GET {path} HTTP/1.1\r\nHost: bench\r\n\r\n".encode()


def post_bytes(path: str, body: bytes, *headers: str) -> bytes:
    """A whole POST request with a JSON body."""
    lines = [f"POST {path} HTTP/1.1", "Host: bench", "Content-Type: application/json", f"Content-Length: {len(body)}"]
    return "\r\n".join([*lines, *headers, "", ""]).encode() + body


class _Line:
    """One connection: what it still has to send, and the answer as far as it is here."""

    def __init__(self, address: tuple[str, int]) -> None:
        self.socket = socket.create_connection(address)
        self.socket.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        self.began = 0.0
        self._head = b""
        self._missing = -1

    def send(self, request: bytes) -> None:
        self._head, self._missing = b"", -1
        self.began = time.perf_counter()
        self.socket.sendall(request)

    def receive(self) -> int | None:
        """Read what is there; the status once the whole answer has come."""
        chunk = self.socket.recv(_CHUNK)
        if not chunk:
            raise ConnectionError("the service closed a connection under load")
        if self._missing < 0:
            self._head += chunk
            end = self._head.find(b"\r\n\r\n")
            if end < 0:
                return None
            self._missing = _content_length(self._head[:end]) - (len(self._head) - end - 4)
        else:
            self._missing -= len(chunk)
        return int(self._head[9:12]) if self._missing <= 0 else None


def _content_length(head: bytes) -> int:
    for line in head.split(b"\r\n"):
        name, _, value = line.partition(b":")
        if name.lower() == b"content-length":
            return int(value)
    raise ValueError(f"an answer without Content-Length: {head!r}")


def _address(url: str) -> tuple[str, int]:
    parts = urlsplit(url)
    return parts.hostname or "127.0.0.1", parts.port or 80


def drive(url: str, requests: Iterable[bytes], *, connections: int) -> Traffic:
    """Send all requests in a closed loop: each connection sends its next one when its answer is here.

    Raises ConnectionError when the service closes a connection.
    """
    address = _address(url)
    waiting = deque(requests)
    traffic = Traffic()
    with selectors.DefaultSelector() as selector:
        lines = [_Line(address) for _ in range(min(connections, len(waiting)))]
        began = time.perf_counter()
        for line in lines:
            selector.register(line.socket, selectors.EVENT_READ, line)
            line.send(waiting.popleft())
        running = len(lines)
        while running:
            for key, _ in selector.select():
                line = key.data
                status = line.receive()
                if status is None:
                    continue
                traffic.latencies.append(time.perf_counter() - line.began)
                traffic.statuses[status] += 1
                if waiting:
                    line.send(waiting.popleft())
                else:
                    running -= 1
        traffic.seconds = time.perf_counter() - began
        for line in lines:
            line.socket.close()
    return traffic


def steady(url: str, requests: Sequence[bytes], *, rate: float, connections: int, seed: int = 1) -> Traffic:
    """Send the requests at random moments, `rate` a second on average (Poisson), as pgbench --rate does.

    A latency counts from when the request was due, waiting for one of the connections included.
    Raises ConnectionError when the service closes a connection.
    """
    rng = random.Random(seed)
    traffic, free = Traffic(), [_Line(_address(url)) for _ in range(connections)]
    lines, overdue = list(free), deque[tuple[float, bytes]]()
    with selectors.SelectSelector() as selector:  # epoll would round up to milliseconds
        for line in lines:
            selector.register(line.socket, selectors.EVENT_READ, line)
        began = due = time.perf_counter()
        coming = iter(requests)
        request = next(coming, None)
        while request is not None or len(free) < len(lines):
            now = time.perf_counter()
            while request is not None and due <= now:
                overdue.append((due, request))
                request, due = next(coming, None), due + rng.expovariate(rate)
            while overdue and free:
                line = free.pop()
                moment, body = overdue.popleft()
                line.send(body)
                line.began = moment
            for key, _ in selector.select(max(0.0, due - time.perf_counter()) if request is not None else None):
                status = key.data.receive()
                if status is not None:
                    traffic.latencies.append(time.perf_counter() - key.data.began)
                    traffic.statuses[status] += 1
                    free.append(key.data)
        traffic.seconds = time.perf_counter() - began
    for line in lines:
        line.socket.close()
    return traffic
