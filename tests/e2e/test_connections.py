"""One client's connections against a running service: none is held for ever, none starves the others."""

from __future__ import annotations

import gzip
import json
import re
import socket
import time
from collections.abc import Iterator
from contextlib import ExitStack

import pytest

from tests.fixtures.awaiting import eventually_sync
from tests.fixtures.events import event_body
from tests.fixtures.service import Service

EVENTS = "/api/v1/audit/events"
GET = b"GET /health/live HTTP/1.1\r\nHost: localhost\r\n"
POST = b"POST /api/v1/audit/events HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/json\r\n"
SETTINGS = {"connections_max": 20, "headers_timeout": 1, "body_timeout": 1}


@pytest.fixture(scope="module")
def service(module_database_url: str, module_queue_url: str) -> Iterator[Service]:
    with Service(database_url=module_database_url, redis_url=module_queue_url, settings=SETTINGS) as running:
        yield running


def connect(service: Service) -> socket.socket:
    return socket.create_connection(("127.0.0.1", service.port), timeout=30)


def answer_to(service: Service, sent: bytes) -> bytes:
    """All that comes until the service closes."""
    with connect(service) as client:
        client.sendall(sent)
        return read_all(client)


def read_all(client: socket.socket) -> bytes:
    parts = []
    while part := client.recv(65536):
        parts.append(part)
    return b"".join(parts)


def refused(service: Service, reason: str) -> float:
    found = re.search(rf'refused_total{{reason="{reason}"}} ([0-9.]+)', service.client.get("/metrics").text)
    return float(found[1]) if found else 0.0


@pytest.mark.parametrize(
    ("sent", "status", "slug"),
    [
        pytest.param(GET + b"X-A: 1\r\n" * 101 + b"\r\n", 431, "headers-too-large", id="101 headers"),
        pytest.param(GET + b"X-A: " + b"a" * 40_000 + b"\r\n\r\n", 431, "headers-too-large", id="a long header"),
        pytest.param(GET + b"X-A: " + b"a" * 100_000, 431, "headers-too-large", id="a header without an end"),
        pytest.param(b"GET /" + b"a" * 100_000, 431, "headers-too-large", id="an address without an end"),
        pytest.param(GET + b"X-A", 408, "request-timeout", id="half a header"),
        pytest.param(POST + b"Content-Length: 100\r\n\r\n{", 408, "request-timeout", id="half a body"),
        pytest.param(POST + b"Transfer-Encoding: chunked\r\n\r\n5\r\n{", 408, "request-timeout", id="half a chunk"),
        pytest.param(b"\x16\x03\x01\x02\x00\x01\x00\x01", 400, "malformed-request", id="TLS"),
        pytest.param(
            POST + b"Content-Length: 3\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n",
            400,
            "malformed-request",
            id="both",
        ),
    ],
)
def test_what_is_beyond_the_bounds_is_refused_with_a_problem(
    service: Service, sent: bytes, status: int, slug: str
) -> None:
    head, _, body = answer_to(service, sent).partition(b"\r\n\r\n")
    assert head.startswith(b"HTTP/1.1 %d " % status), head
    assert b"connection: close" in head.lower()
    problem = json.loads(body)
    assert problem["type"].endswith(f"/{slug}")
    assert problem["request_id"].encode() in head


def test_a_connection_that_says_nothing_is_closed(service: Service) -> None:
    assert answer_to(service, b"") == b""


def test_a_hundred_headers_are_taken(service: Service) -> None:
    sent = GET + b"X-A: 1\r\n" * 98 + b"Connection: close\r\n\r\n"
    assert answer_to(service, sent).startswith(b"HTTP/1.1 200 ")


def test_beyond_the_cap_the_answer_is_503_at_once_and_afterwards_all_is_well(service: Service) -> None:
    service.client.close()
    service.client = type(service.client)(base_url=service.url, timeout=30)
    with ExitStack() as stack:
        held = [stack.enter_context(connect(service)) for _ in range(20)]
        for one in held:
            one.sendall(GET)  # half a request: not idle
        began = time.monotonic()
        turned_away = read_all(stack.enter_context(connect(service)))
        assert turned_away.startswith(b"HTTP/1.1 503 ")
        assert b"retry-after: 1" in turned_away.lower()
        assert time.monotonic() - began < 20
        eventually_sync(lambda: service.client.get("/health/live").status_code == 200)
    assert refused(service, "too_many") >= 1


def test_idle_connections_make_room_for_new_ones(service: Service) -> None:
    with ExitStack() as stack:
        for _ in range(60):
            client = stack.enter_context(connect(service))
            client.sendall(GET + b"\r\n")
            assert client.recv(65536).startswith(b"HTTP/1.1 200 ")


def test_a_request_behind_which_nonsense_follows_still_has_its_answer(service: Service) -> None:
    body = json.dumps(event_body({"correlation_id": "pipelined"})).encode()
    sent = POST + b"Content-Length: %d\r\n\r\n" % len(body) + body + b"\x00nonsense\r\n\r\n"
    assert answer_to(service, sent).startswith(b"HTTP/1.1 201 ")


@pytest.mark.parametrize(
    "broken",
    [
        pytest.param(b"Transfer-Encoding: chunked\r\n\r\n5\r\n{}   \r\nzz\r\n", id="a chunk"),
        pytest.param(b"Transfer-Encoding: xchunked\r\n\r\n0\r\n\r\n", id="an encoding"),
    ],
)
@pytest.mark.parametrize("before", [1, 2, 3])
def test_requests_before_a_broken_one_are_answered_and_nothing_is_written_after_them(
    service: Service, broken: bytes, before: int
) -> None:
    sent = b"GET /api/v1/audit/events HTTP/1.1\r\nHost: localhost\r\n\r\n" * before + POST + broken
    answers = answer_to(service, sent)
    assert answers.count(b"HTTP/1.1 200 ") == before
    assert answers.count(b"HTTP/1.1 ") == before
    assert service.client.get("/health/live").status_code == 200
    assert "write_eof" not in service.log()


def test_nobody_is_asked_for_the_rest_of_what_was_refused(service: Service) -> None:
    sent = POST + b"Expect: 100-continue\r\nTransfer-Encoding: chunked\r\n\r\nzz\r\n"
    assert answer_to(service, sent).startswith(b"HTTP/1.1 400 ")
    assert service.client.get("/health/live").status_code == 200  # the request that was refused has run by now
    assert "write_eof" not in service.log()


def test_who_does_not_read_the_answer_is_given_up(service: Service) -> None:
    before = refused(service, "reader_slow")
    with connect(service) as client:
        client.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4096)
        # Answers of a megabyte each, none of which is read.
        client.sendall((b"GET /ui/swagger-ui-bundle.js HTTP/1.1\r\nHost: localhost\r\n\r\n") * 20)
        eventually_sync(lambda: refused(service, "reader_slow") > before, timeout=60)


def test_many_gzip_members_cost_no_more_than_one(service: Service) -> None:
    headers = {"Content-Type": "application/json", "Content-Encoding": "gzip"}
    flood = gzip.compress(b"") * 150_000
    answer = service.client.post(EVENTS, content=flood, headers=headers)
    assert answer.status_code == 400
    assert "gzip members" in answer.json()["detail"]
    some = b"".join(gzip.compress(part) for part in (json.dumps(event_body({"correlation_id": "gz"})).encode(), b" "))
    assert service.client.post(EVENTS, content=some, headers=headers).status_code == 201
