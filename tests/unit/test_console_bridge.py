"""The console beside the API: bounded, cancellable, and with the reader's own credentials only."""

from __future__ import annotations

import asyncio
from typing import Any

import pytest
from flask import Flask, request

from console.api import Api, Call, CallEndedError, Caller
from console.bridge import CALL_KEY, ConsoleApp, CpuBudget
from console.reader import caller_of
from tests.fixtures.awaiting import eventually


def scope(path: str = "/console/", **more: Any) -> dict[str, Any]:
    plain = {
        "type": "http",
        "http_version": "1.1",
        "method": "GET",
        "path": path,
        "query_string": b"",
        "headers": [(b"host", b"here")],
        "scheme": "http",
        "server": ("127.0.0.1", 80),
        "client": ("127.0.0.1", 1234),
    }
    return plain | more


class Exchange:
    """One request to an ASGI application; `leave` is a client that goes away."""

    def __init__(self) -> None:
        self.sent: list[Any] = []
        self._gone = asyncio.Event()
        self._asked = False

    async def receive(self) -> Any:
        if not self._asked:
            self._asked = True
            return {"type": "http.request", "body": b"", "more_body": False}
        await self._gone.wait()
        return {"type": "http.disconnect"}

    async def send(self, message: Any) -> None:
        self.sent.append(message)

    def leave(self) -> None:
        self._gone.set()

    @property
    def status(self) -> int:
        return int(self.sent[0]["status"])

    @property
    def body(self) -> bytes:
        return b"".join(message.get("body", b"") for message in self.sent[1:])


def pages(view: Any) -> Flask:
    app = Flask("pages")
    app.add_url_rule("/console/", view_func=view)
    return app


async def test_a_reader_who_leaves_cancels_the_query_of_his_page() -> None:
    began, ended = asyncio.Event(), asyncio.Event()

    async def query() -> None:
        began.set()
        try:
            await asyncio.Event().wait()
        finally:
            ended.set()

    def view() -> str:
        try:
            request.environ["asgi.scope"][CALL_KEY].run(query())
        except CallEndedError:
            return "ended"
        return "answered"

    exchange = Exchange()
    asking = asyncio.create_task(ConsoleApp(pages(view), {})(scope(), exchange.receive, exchange.send))
    await began.wait()
    exchange.leave()
    await asking
    assert ended.is_set()
    assert exchange.body == b"ended"


async def test_more_readers_than_may_wait_are_told_to_come_again() -> None:
    release = asyncio.Event()

    def view() -> str:
        request.environ["asgi.scope"][CALL_KEY].run(release.wait())
        return "shown"

    app = ConsoleApp(pages(view), {})
    exchanges = [Exchange() for _ in range(40)]
    asking = [asyncio.create_task(app(scope(), one.receive, one.send)) for one in exchanges]
    await eventually(lambda: sum(bool(one.sent) for one in exchanges) == 8)
    assert {one.status for one in exchanges if one.sent} == {503}
    release.set()
    await asyncio.gather(*asking)
    assert sorted(one.status for one in exchanges) == [200] * 32 + [503] * 8


async def test_a_query_behind_its_deadline_is_cancelled() -> None:
    ended = asyncio.Event()

    async def query() -> None:
        try:
            await asyncio.Event().wait()
        finally:
            ended.set()

    call = Call(asyncio.get_running_loop(), 0.01)
    with pytest.raises(TimeoutError):
        await asyncio.to_thread(call.run, query())
    assert ended.is_set()


def test_pages_wait_once_the_budget_is_spent_and_go_on_when_it_has_grown() -> None:
    now = [0.0]
    budget = CpuBudget(share=0.1, burst=1.0, monotonic=lambda: now[0])
    budget.spend(0.9)
    assert budget.wait() == 0
    budget.spend(0.15)
    assert budget.wait() == pytest.approx(0.5)
    now[0] += 0.5
    assert budget.wait() == pytest.approx(0, abs=1e-9)
    now[0] += 3600
    budget.spend(5)
    assert budget.wait() == pytest.approx(40)


async def test_whoever_reloads_without_a_pause_is_told_when_to_come_again() -> None:
    now = [0.0]
    budget = CpuBudget(share=0.1, burst=1.0, monotonic=lambda: now[0])
    app = ConsoleApp(pages(lambda: "shown"), {}, budget)
    budget.spend(2.5)
    early, later = Exchange(), Exchange()
    await app(scope(), early.receive, early.send)
    assert (early.status, dict(early.sent[0]["headers"])[b"retry-after"]) == (503, b"15")
    now[0] += 15
    await app(scope(), later.receive, later.send)
    assert (later.status, later.body) == (200, b"shown")


async def test_an_address_that_is_not_ascii_is_refused() -> None:
    exchange = Exchange()
    await ConsoleApp(pages(lambda: ""), {})(scope(query_string=b"q=\xff"), exchange.receive, exchange.send)
    assert exchange.status == 400


def test_only_the_session_is_credentials() -> None:
    sent = scope(headers=[(b"host", b"here"), (b"authorization", b"Bearer stolen"), (b"cookie", b"a=b")])
    assert caller_of(sent, {}).headers == ((b"host", b"here"),)
    assert (b"authorization", b"Bearer mine") in caller_of(sent, {"token": "mine"}).headers


async def test_an_operation_is_asked_as_a_client_would_and_its_answer_read() -> None:
    seen: list[Any] = []

    async def app(asked: Any, receive: Any, send: Any) -> None:
        seen.append((asked["method"], asked["path"], asked["query_string"], (await receive())["body"]))
        await send({"type": "http.response.start", "status": 201, "headers": [(b"x-a", b"b")]})
        await send({"type": "http.response.body", "body": b'{"a"', "more_body": True})
        await send({"type": "http.response.body", "body": b": 1}"})

    api = Api()
    api.connect(app)
    answer = await api.request(
        Caller(scope()), "POST", "/x", query={"a": "ü&", "none": None, "empty": "", "yes": True}, body={"n": 1}
    )
    assert (answer.status, answer.headers, answer.problem) == (201, {"x-a": "b"}, {"a": 1})
    assert seen == [("POST", "/x", b"a=%C3%BC%26&yes=true", b'{"n":1}')]


async def test_an_answer_that_nobody_reads_to_its_end_is_ended() -> None:
    ended = asyncio.Event()

    async def app(_scope: Any, _receive: Any, send: Any) -> None:
        try:
            await send({"type": "http.response.start", "status": 200, "headers": []})
            while True:
                await send({"type": "http.response.body", "body": b"x", "more_body": True})
        finally:
            ended.set()

    api = Api()
    api.connect(app)
    stream = api.stream(Caller(scope()), "GET", "/x", head={})
    assert await anext(stream) == b"x"
    await stream.aclose()
    assert ended.is_set()
