"""Requests that wait for their turn, over real sockets to a server in this process, and what clients do meanwhile."""

from __future__ import annotations

import asyncio
import json
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress
from contextvars import ContextVar
from typing import Any

import pytest
import uvicorn

from datastorage import turnstile
from datastorage.connections import ConnectionLimits, bounded
from datastorage.worker import DrainingServer
from telemetry.lifecycle import Lifecycle
from tests.fixtures.awaiting import eventually

LIMITS = ConnectionLimits(
    connections=50, reads=1, writes=1, headers=30, body=30, body_max_bytes=500_000, problem_base_url="https://x"
)
_leaked: ContextVar[str] = ContextVar("leaked", default="")


class App:
    """Reads the body, waits at /api/hold until it may go on, and tells how long the body was."""

    def __init__(self) -> None:
        self.begun: list[str] = []
        self.done: list[str] = []
        self.leaks: list[str] = []
        self.may_go_on = asyncio.Event()

    async def __call__(self, scope: Any, receive: Any, send: Any) -> None:
        path = scope["path"]
        self.begun.append(path)
        self.leaks.append(_leaked.get())
        _leaked.set(path)
        size, more = 0, True
        while more:
            message = await receive()
            if message["type"] == "http.disconnect":
                return
            size += len(message["body"])
            more = message["more_body"]
        if path == "/api/watch":
            while (await receive())["type"] != "http.disconnect":
                pass
            self.done.append(path)
            return
        if path == "/api/hold":
            await self.may_go_on.wait()
        body = b"%d" % size
        headers = [(b"content-length", b"%d" % len(body))]
        await send({"type": "http.response.start", "status": 200, "headers": headers})
        await send({"type": "http.response.body", "body": body})
        self.done.append(path)


class Client:
    def __init__(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self._reader, self._writer = reader, writer

    def send(self, sent: bytes) -> None:
        self._writer.write(sent)

    async def answer(self) -> tuple[int, dict[str, str], bytes]:
        lines = (await self._reader.readuntil(b"\r\n\r\n")).decode().split("\r\n")
        headers = dict(line.lower().split(": ", 1) for line in lines[1:] if line)
        body = await self._reader.readexactly(int(headers["content-length"]))
        return int(lines[0].split()[1]), headers, body

    async def rest(self) -> bytes:
        return await self._reader.read()

    async def leave(self) -> None:
        self._writer.close()
        with suppress(ConnectionError):
            await self._writer.wait_closed()


class Running:
    def __init__(self, server: DrainingServer, app: App, port: int) -> None:
        self.server, self.app, self._port = server, app, port
        self.clients: list[Client] = []

    async def client(self) -> Client:
        self.clients.append(Client(*await asyncio.open_connection("127.0.0.1", self._port)))
        return self.clients[-1]

    async def hold(self) -> Client:
        """A write that has the only place."""
        client = await self.client()
        client.send(post("/api/hold", b"{}"))
        await eventually(lambda: "/api/hold" in self.app.begun)
        return client

    def begun(self, path: str) -> int:
        return self.app.begun.count(path)


def post(path: str, body: bytes, *more: str, sent: int | None = None) -> bytes:
    head = "\r\n".join([f"POST {path} HTTP/1.1", "Host: x", f"Content-Length: {len(body)}", *more, "", ""])
    return head.encode() + body[:sent]


GET = b"GET /health/live HTTP/1.1\r\nHost: x\r\n\r\n"


@asynccontextmanager
async def serving(limits: ConnectionLimits = LIMITS) -> AsyncIterator[Running]:
    app = App()
    config = uvicorn.Config(app, port=0, host="127.0.0.1", log_config=None, lifespan="off", http=bounded(limits))
    config.timeout_graceful_shutdown = 20
    server = DrainingServer(config, Lifecycle(), drain=0)
    task = asyncio.create_task(server.serve())
    await eventually(lambda: server.started)
    port = server.servers[0].sockets[0].getsockname()[1]
    running = Running(server, app, port)
    try:
        yield running
    finally:
        app.may_go_on.set()
        for client in running.clients:
            await client.leave()
        server.should_exit = True
        await task


@pytest.fixture
def impatient(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(turnstile, "_PATIENCE", 0.05)
    monkeypatch.setattr(turnstile, "_PATIENCE_AT_FIRST", 0.05)


@pytest.fixture
def patient(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(turnstile, "_PATIENCE", 60.0)
    monkeypatch.setattr(turnstile, "_PATIENCE_AT_FIRST", 60.0)


CHUNKED = b"POST /api/a HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\n2\r\n{}\r\n0\r\n\r\n"


@pytest.mark.usefixtures("impatient")
@pytest.mark.parametrize("sent", [post("/api/a", b"{}"), post("/api/a", b""), CHUNKED], ids=["body", "none", "chunked"])
async def test_who_waits_in_vain_learns_why_and_may_go_on_with_the_same_connection(sent: bytes) -> None:
    async with serving() as running:
        held = await running.hold()
        client = await running.client()
        client.send(sent.replace(b"Host: x\r\n", b"Host: x\r\nX-Request-ID: mine\r\n"))
        status, headers, body = await client.answer()
        problem = json.loads(body)
        assert (status, headers["retry-after"], headers["content-type"]) == (503, "1", "application/problem+json")
        assert (problem["type"], problem["status"]) == ("https://x/service-unavailable", 503)
        assert (problem["request_id"], problem["instance"], headers["x-request-id"]) == ("mine", "/api/a", "mine")
        client.send(GET)
        assert (await client.answer())[0] == 200
        running.app.may_go_on.set()
        assert (await held.answer())[0] == 200
        client.send(sent)
        assert (await client.answer())[0] == 200
        assert running.begun("/api/a") == 1, "what was turned away was not worked on"


@pytest.mark.usefixtures("impatient")
async def test_the_rest_of_a_body_that_was_turned_away_is_no_request() -> None:
    async with serving() as running:
        await running.hold()
        client = await running.client()
        body = b"POST /api/b HTTP/1.1\r\n" * 9000
        client.send(post("/api/a", body, sent=100_000))
        assert (await client.answer())[0] == 503
        client.send(body[100_000:] + GET)
        assert (await client.answer())[0] == 200
        assert running.app.begun == ["/api/hold", "/health/live"]


@pytest.mark.usefixtures("impatient")
@pytest.mark.parametrize(
    "sent",
    [
        pytest.param(post("/api/a", b"{}", "Expect: 100-continue", sent=0), id="waits for 100"),
        pytest.param(post("/api/a", b"{}", "Connection: close"), id="asks to close"),
        pytest.param(post("/api/a", b"{}").replace(b"HTTP/1.1", b"HTTP/1.0"), id="HTTP/1.0"),
    ],
)
async def test_where_nothing_may_follow_the_refusal_closes(sent: bytes) -> None:
    async with serving() as running:
        await running.hold()
        client = await running.client()
        client.send(sent)
        status, headers, _ = await client.answer()
        assert (status, headers["connection"]) == (503, "close")
        assert await client.rest() == b""


@pytest.mark.usefixtures("impatient")
async def test_requests_in_a_row_are_turned_away_one_by_one() -> None:
    async with serving() as running:
        await running.hold()
        client = await running.client()
        client.send(b"".join(post(path, b"{}") for path in ("/api/a", "/api/b", "/api/c")) + GET)
        answers = [await client.answer() for _ in range(4)]
        assert [status for status, _, _ in answers] == [503, 503, 503, 200]
        assert [json.loads(body)["instance"] for _, _, body in answers[:3]] == ["/api/a", "/api/b", "/api/c"]


@pytest.mark.usefixtures("impatient")
async def test_an_answer_to_head_has_no_body() -> None:
    async with serving() as running:
        hold = await running.client()
        hold.send(b"GET /api/hold HTTP/1.1\r\nHost: x\r\n\r\n")
        await eventually(lambda: running.begun("/api/hold") == 1)
        client = await running.client()
        client.send(b"HEAD /api/a HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n")
        head, _, body = (await client.rest()).partition(b"\r\n\r\n")
        assert head.startswith(b"HTTP/1.1 503 ")
        assert body == b""


@pytest.mark.usefixtures("patient")
async def test_who_waits_is_begun_in_turn_and_as_a_request_of_its_own() -> None:
    async with serving() as running:
        held = await running.hold()
        clients = [await running.client() for _ in range(3)]
        for client in clients:
            client.send(post("/api/a", b"12345"))
        other = await running.client()
        other.send(GET + b"GET /api/read HTTP/1.1\r\nHost: x\r\n\r\n")
        assert [(await other.answer())[0] for _ in range(2)] == [200, 200], "health and reads do not wait for writes"
        assert running.begun("/api/a") == 0
        running.app.may_go_on.set()
        assert (await held.answer())[0] == 200
        assert [(await client.answer())[2] for client in clients] == [b"5"] * 3
        assert set(running.app.leaks) == {""}, "nothing of the request before it"


@pytest.mark.usefixtures("patient")
async def test_who_leaves_while_it_waits_is_not_worked_on_and_holds_no_place() -> None:
    async with serving() as running:
        await running.hold()
        gone, stays = await running.client(), await running.client()
        gone.send(post("/api/gone", b"{}"))
        stays.send(post("/api/stays", b"{}"))
        await eventually(lambda: len(running.server.server_state.connections) == 3)
        await gone.leave()
        await eventually(lambda: len(running.server.server_state.connections) == 2)
        running.app.may_go_on.set()
        assert (await stays.answer())[0] == 200
        stays.send(post("/api/stays", b"{}"))
        assert (await stays.answer())[0] == 200
        assert running.begun("/api/gone") == 0


async def test_a_request_before_others_hears_that_its_client_has_left() -> None:
    async with serving() as running:
        client = await running.client()
        client.send(post("/api/watch", b"{}") + post("/api/a", b"{}") * 2)
        await eventually(lambda: running.begun("/api/watch") == 1)
        await client.leave()
        await eventually(lambda: running.app.done == ["/api/watch"])
        assert running.begun("/api/a") == 0


@pytest.mark.usefixtures("patient")
@pytest.mark.parametrize("sent", [10, 100_000], ids=["a little", "much"])
async def test_a_slow_body_holds_no_place(sent: int) -> None:
    async with serving() as running:
        slow, other = await running.client(), await running.client()
        body = b"x" * 200_000
        slow.send(post("/api/slow", body, sent=sent))
        if sent > 65536:
            await eventually(lambda: running.begun("/api/slow") == 1)
        for _ in range(3):
            other.send(post("/api/other", b"{}"))
            assert (await other.answer())[0] == 200
        slow.send(body[sent:])
        assert (await slow.answer())[2] == b"200000"
        other.send(post("/api/other", b"{}"))
        assert (await other.answer())[0] == 200, "no place was given back twice or never"


@pytest.mark.usefixtures("patient")
async def test_a_body_that_is_too_large_by_its_own_word_is_not_waited_for() -> None:
    async with serving() as running:
        client = await running.client()
        client.send(post("/api/a", b"", "X: y").replace(b"Content-Length: 0", b"Content-Length: 500001"))
        await eventually(lambda: running.begun("/api/a") == 1)


@pytest.mark.usefixtures("patient")
async def test_who_waits_when_the_service_ends_still_has_an_answer() -> None:
    async with serving() as running:
        held, waits = await running.hold(), await running.client()
        waits.send(post("/api/a", b"{}"))
        await eventually(lambda: len(running.server.server_state.connections) == 2)
        running.server.should_exit = True
        await eventually(lambda: not running.server.servers[0].is_serving())
        running.app.may_go_on.set()
        assert [(await client.answer())[0] for client in (held, waits)] == [200, 200]
        assert await waits.rest() == b""
