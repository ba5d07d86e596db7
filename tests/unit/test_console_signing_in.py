"""A reader signs in with a token where the API asks for one; an API that asks for one stands in for the real one."""

from __future__ import annotations

import re
from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from typing import Any

import httpx
import msgspec
import pytest

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


async def _yes(_caller: Caller) -> bool:
    return True


def services() -> ConsoleServices:
    nothing: Any = None
    return ConsoleServices(
        activities=Activities(nothing, lambda: NOW, monotonic=lambda: 0.0),
        history=QueueHistory(_no_queues, lambda: NOW),
        clock=lambda: NOW,
        settings=lambda: {"redis_url": "redis://here"},
        variable_of=str.upper,
        upkeep=lambda: Upkeep(ahead=3, interval=60),
        reads_everything=_yes,
        shutting_down=lambda: False,
        versions={"DataStorage": "1"},
    )


async def guarded(scope: Any, _receive: Any, send: Any) -> None:
    """An API that takes the token `good`, and for whose holder queues are forbidden to look at."""
    sent = dict(scope["headers"]).get(b"authorization", b"")
    status = 403 if sent == b"Bearer good" else 429 if sent == b"Bearer often" else 401
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
    ("token", "told"), [("wrong", "not accepted"), ("often", "Too many"), ("", "Paste"), ("a\nb", "Paste")]
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

    async def empty(_scope: Any, _receive: Any, send: Any) -> None:
        page = {"data": [], "pagination": {"has_more": False, "next_cursor": None}}
        await send({"type": "http.response.start", "status": 200, "headers": []})
        await send({"type": "http.response.body", "body": msgspec.json.encode(page)})

    away = Activities(Away(), lambda: NOW, monotonic=lambda: 0.0)
    console, api = create_console(msgspec.structs.replace(services(), activities=away), secret=b"s" * 32)
    api.connect(empty)
    async with httpx.AsyncClient(transport=httpx.ASGITransport(console), base_url="http://console") as client:
        assert "Nothing passes these filters" in (await client.get("/console/search?event_type=x")).text
        assert "The counts cannot be had now" in (await client.get("/console/")).text
