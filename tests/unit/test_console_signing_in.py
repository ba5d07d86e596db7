"""A reader signs in with a token where the API asks for one; an API that asks for one stands in for the real one."""

from __future__ import annotations

import re
from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from typing import Any

import httpx
import msgspec
import pytest

from access.errors import AccessUnavailableError, InvalidCredentialsError
from access.grants import ANONYMOUS, Grant
from audit.activity import Activities
from console.api import Caller
from console.app import create_console
from console.history import QueueHistory
from console.services import ConsoleServices, Upkeep
from dlq import QueueState
from repository.activity import ActivityRow
from repository.errors import DatabaseUnavailableError

NOW = datetime(2026, 3, 1, tzinfo=UTC)


async def _no_queues() -> Sequence[QueueState]:
    return ()


async def _grant_of(caller: Caller) -> Grant:
    """What the API below says: who holds the token `good` may read events."""
    sent = dict(caller.headers).get(b"authorization", b"")
    if sent == b"Bearer unchecked":
        raise AccessUnavailableError("the keys are not known")
    if sent != b"Bearer good":
        raise InvalidCredentialsError("unknown")
    return Grant(subject="reader", scopes=frozenset({"audit:read"}))


async def _everything(_caller: Caller) -> Grant:
    return ANONYMOUS


def services() -> ConsoleServices:
    nothing: Any = None
    return ConsoleServices(
        activities=Activities(nothing, lambda: NOW, monotonic=lambda: 0.0),
        history=QueueHistory(_no_queues, lambda: NOW),
        clock=lambda: NOW,
        settings=lambda: {"redis_url": "redis://here"},
        variable_of=str.upper,
        upkeep=lambda: Upkeep(ahead=3, interval=60),
        grant_of=_grant_of,
        provider=None,
        address="",
        shutting_down=lambda: False,
        versions={"DataStorage": "1"},
    )


async def guarded(scope: Any, _receive: Any, send: Any) -> None:
    """An API that takes the token `good`, and for whose holder queues are forbidden to look at."""
    sent = dict(scope["headers"]).get(b"authorization", b"")
    status = {b"Bearer good": 403, b"Bearer often": 429, b"Bearer unchecked": 503}.get(sent, 401)
    problem = {"title": "Forbidden" if status == 403 else "Unauthorized", "detail": "ops:read is needed"}
    await send({"type": "http.response.start", "status": status, "headers": []})
    await send({"type": "http.response.body", "body": msgspec.json.encode(problem)})


@pytest.fixture
def client() -> httpx.AsyncClient:
    console, api = create_console(services(), secret=b"s" * 32)
    api.connect(guarded)
    return httpx.AsyncClient(transport=httpx.ASGITransport(console), base_url="http://console")


async def form_token(client: httpx.AsyncClient) -> str:
    match = re.search(r'name="csrf" value="([^"]+)"', (await client.get("/console/sign-in")).text)
    assert match
    return match[1]


async def test_who_is_not_signed_in_is_led_to_the_form_and_back(client: httpx.AsyncClient) -> None:
    led = await client.get("/console/queue?cursor=7")
    assert led.status_code == 302
    assert led.headers["location"] == "/console/sign-in?next=/console/queue?cursor%3D7"
    sent = {"csrf": await form_token(client), "token": "good", "next": "/console/queue?cursor=7"}
    answer = await client.post("/console/sign-in", data=sent)
    assert (answer.status_code, answer.headers["location"]) == (303, "/console/queue?cursor=7")
    assert "ops:read is needed" in (await client.get("/console/queue")).text


async def test_a_part_of_a_page_leads_the_whole_page_to_the_form(client: httpx.AsyncClient) -> None:
    answer = await client.get("/console/queue", headers={"HX-Request": "true"})
    assert answer.headers["hx-redirect"] == "/console/sign-in"


@pytest.mark.parametrize(
    ("token", "told"),
    [("wrong", "not accepted"), ("often", "Too many"), ("", "Paste"), ("a\nb", "Paste"), ("unchecked", "Try again")],
)
async def test_a_token_that_the_api_does_not_take_signs_nobody_in(
    client: httpx.AsyncClient, token: str, told: str
) -> None:
    answer = await client.post("/console/sign-in", data={"csrf": await form_token(client), "token": token})
    assert answer.status_code == 400
    assert told in answer.text
    assert (await client.get("/console/queue")).status_code == 302


async def test_signing_in_needs_the_token_of_the_form(client: httpx.AsyncClient) -> None:
    assert (await client.post("/console/sign-in", data={"token": "good"})).status_code == 403


async def test_signing_out_ends_the_session(client: httpx.AsyncClient) -> None:
    await client.post("/console/sign-in", data={"csrf": await form_token(client), "token": "good"})
    page = (await client.get("/console/queue")).text
    match = re.search(r'name="csrf" value="([^"]+)"', page)
    assert match
    assert (await client.post("/console/sign-out", data={"csrf": match[1]})).status_code == 303
    assert (await client.get("/console/queue")).status_code == 302


async def test_settings_are_for_those_who_may_look_at_operation(client: httpx.AsyncClient) -> None:
    await client.post("/console/sign-in", data={"csrf": await form_token(client), "token": "good"})
    assert "redis_url" not in (await client.get("/console/about")).text


async def test_no_refusal_of_the_api_stands_for_a_reader(client: httpx.AsyncClient) -> None:
    """429 and 503 say nothing about who asks: what the console knows by itself is not shown for them."""
    console, api = create_console(services(), secret=b"s" * 32)
    for status in (429, 503):

        async def refusing(_scope: Any, _receive: Any, send: Any, status: int = status) -> None:
            await send({"type": "http.response.start", "status": status, "headers": []})
            await send({"type": "http.response.body", "body": b'{"title": "Refused"}'})

        api.connect(refusing)
        async with httpx.AsyncClient(transport=httpx.ASGITransport(console), base_url="http://console") as stranger:
            for page in ("about", "months", "queue", "search", "find", "", "workflows/explore", "nothing"):
                answer = await stranger.get(f"/console/{page}")
                assert (answer.status_code, answer.headers["location"][:16]) == (302, "/console/sign-in")


async def test_a_session_that_others_made_counts_for_nothing(client: httpx.AsyncClient) -> None:
    other, api = create_console(services(), secret=b"other" * 8)
    api.connect(guarded)
    await client.post("/console/sign-in", data={"csrf": await form_token(client), "token": "good"})
    cookies = client.cookies
    transport = httpx.ASGITransport(other)
    async with httpx.AsyncClient(transport=transport, base_url="http://console", cookies=cookies) as stranger:
        assert (await stranger.get("/console/queue")).status_code == 302


async def test_what_a_reader_may_not_see_is_not_told_to_be_well(client: httpx.AsyncClient) -> None:
    await client.post("/console/sign-in", data={"csrf": await form_token(client), "token": "good"})
    page = (await client.get("/console/")).text
    assert "The failures cannot be shown: Forbidden" in page
    assert "The dead letters cannot be shown: Forbidden" in page
    assert "Nothing failed" not in page
    assert "<span>Queue</span>" not in page
    assert "<span>Dead letters</span>" not in page


async def test_a_search_does_without_completion_while_counts_cannot_be_had() -> None:
    class Away:
        async def since(self, since: datetime, step: timedelta) -> Sequence[ActivityRow]:
            raise DatabaseUnavailableError

    async def empty(scope: Any, _receive: Any, send: Any) -> None:
        page = {"data": [], "pagination": {"has_more": False, "next_cursor": None}}
        status = 503 if scope["path"] == "/api/v1/log" else 200
        await send({"type": "http.response.start", "status": status, "headers": []})
        await send({"type": "http.response.body", "body": msgspec.json.encode(page)})

    away = Activities(Away(), lambda: NOW, monotonic=lambda: 0.0)
    console, api = create_console(
        msgspec.structs.replace(services(), activities=away, grant_of=_everything), secret=b"s" * 32
    )
    api.connect(empty)
    async with httpx.AsyncClient(transport=httpx.ASGITransport(console), base_url="http://console") as client:
        assert "Nothing passes these filters" in (await client.get("/console/search?event_type=x")).text
        assert "The counts cannot be had now" in (await client.get("/console/")).text
