"""What counting and tracing cost: CPU of the worker for each single POST, with and without, in turns."""

from __future__ import annotations

import json
import statistics
import threading
from collections.abc import Iterator, Mapping
from contextlib import ExitStack, contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

from benchmarks.events import make_event
from benchmarks.harness import Mark, Measured, Stage, row
from benchmarks.traffic import drive, post_bytes
from tests.fixtures.service import Service

_EVENTS = "/api/v1/audit/events"
_POSTS = 250
#: Short turns of both in a round, so that whatever else the machine does hits both.
_TURNS = 12
_UNCOUNTED = Path(__file__).parents[1] / "uncounted"
_TRACED = f"traceparent: 00-{'a' * 32}-{'b' * 16}-01"


def _cpu(service: Service) -> float:
    """Seconds of CPU that the workers of a service have used."""
    children = Path(f"/proc/{service.pid}/task/{service.pid}/children").read_text().split()
    return sum(int(Path(f"/proc/{child}/schedstat").read_text().split()[0]) for child in children) / 1e9


def _cost(service: Service, *headers: str) -> float:
    """Microseconds of CPU for each POST."""
    requests = [post_bytes(_EVENTS, json.dumps(make_event(n, 512)).encode(), *headers) for n in range(_POSTS)]
    before = _cpu(service)
    statuses = set(drive(service.url, requests, connections=8).statuses)
    if statuses != {201}:
        raise AssertionError(f"expected only 201: {statuses}")
    return (_cpu(service) - before) / _POSTS * 1e6


def _compared(stage: Stage, with_: Service, without: Service, *headers: str) -> Measured:
    """What a POST costs `with_`, and `without` as its floor: medians of many short turns."""
    _cost(with_, *headers), _cost(without, *headers)
    pairs = []
    for number in range(stage.rounds):
        pairs += [(_cost(with_, *headers), _cost(without, *headers)) for _ in range(_TURNS)]
        cost, floor = (statistics.median(column) for column in zip(*pairs, strict=True))
        stage.say(f"round {number + 1}/{stage.rounds}: {cost:.0f} us, without {floor:.0f} us")
    notes = {"more_percent": round((cost / floor - 1) * 100, 1)}
    return Measured(value=cost, unit="us of CPU", better="lower", floor=floor, notes=notes)


@contextmanager
def _pair(stage: Stage, settings: Mapping[str, object], environment: Mapping[str, str]) -> Iterator[list[Service]]:
    """A service with these settings, and one as it comes with this environment; one worker each, none seals."""
    with ExitStack() as stack:
        made = []
        for more, changed in ((settings, {}), ({}, environment)):
            service = Service(
                database_url=stack.enter_context(stage.database()),
                redis_url=stage.servers.redis_url,
                settings={"log_level": "warning", "sealing": "off", **more},
                environment=changed,
            )
            made.append(stack.enter_context(service))
        yield made


@contextmanager
def _sink() -> Iterator[str]:
    """The address of a collector that takes everything and keeps nothing."""

    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            self.rfile.read(int(self.headers["Content-Length"]))
            self.send_response(200)
            self.end_headers()

        def log_message(self, *_: object) -> None: ...

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    yield f"http://127.0.0.1:{server.server_port}/v1/traces"
    server.shutdown()
    server.server_close()


@row(
    "counting",
    title="metrics: CPU of a single POST more than without any",
    marks=[Mark(of="more_percent", at_most=4, unit="%", against="without any")],
)
def counting(stage: Stage) -> Measured:
    """The same service, and one whose metrics do nothing."""
    with _pair(stage, {}, {"PYTHONPATH": str(_UNCOUNTED)}) as (counted, uncounted):
        return _compared(stage, counted, uncounted)


@row(
    "traces",
    title="traces on, default share: CPU of a single POST more than with traces off",
    marks=[Mark(of="more_percent", at_most=10, unit="%", against="without")],
)
def traces(stage: Stage) -> Measured:
    """Callers send no traceparent."""
    with _sink() as address, _pair(stage, {"traces_endpoint": address}, {}) as (traced, untraced):
        return _compared(stage, traced, untraced)


@row("traces-all", title="traces on, every request sampled by its caller: CPU more than with traces off", mark="told")
def traces_all(stage: Stage) -> Measured:
    """Four spans a POST."""
    with _sink() as address, _pair(stage, {"traces_endpoint": address}, {}) as (traced, untraced):
        return _compared(stage, traced, untraced, _TRACED)
