"""A stranger on the network, with authentication on: every route that the service has, asked without credentials."""

from __future__ import annotations

import re
from collections.abc import Iterator
from contextlib import ExitStack
from types import SimpleNamespace
from typing import cast
from uuid import uuid4

import httpx
import pytest

from access.keys import mint
from console.api import Api
from console.app import create_pages
from console.services import ConsoleServices
from console.streams import Streams
from datastorage.edge import load_spec
from datastorage.edge.contract import Contract
from datastorage.edge.pages import Pages
from dlq import Item
from tests.fixtures.awaiting import eventually_sync
from tests.fixtures.dead_letters import inject
from tests.fixtures.events import event_body
from tests.fixtures.service import Service

CONTRACT = Contract(load_spec()[1])
KEY = mint().text
OWN = {"Authorization": f"Bearer {KEY}"}
MARK = "for-readers-only"
EVENT, LETTER = str(uuid4()), "events-0-1"
METHODS = ("GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS", "TRACE")
OPEN = ("/health", "/health/live", "/health/ready")
FILLED = {
    "event_id": EVENT, "correlation_id": MARK, "notification_id": MARK, "workflow_name": MARK,
    "workflow_id": EVENT, "hold_id": EVENT, "dead_letter_id": LETTER, "letter_id": LETTER,
    "tile": "0/000", "filename": "console.css",
}  # fmt: skip
CREDENTIALS: list[dict[str, str]] = [
    {},
    {"Authorization": f"Bearer {mint().text}"},
    {"Authorization": "Bearer x"},
    {"Cookie": "datastorage_console=eyJ0b2tlbiI6IngifQ.aaaaaa.bbbbbbbbbbbbbbbbbbbbbbbbbbb"},
    {"X-Forwarded-For": "127.0.0.1", "X-Forwarded-User": "admin", "Forwarded": "for=127.0.0.1", "X-Real-IP": "::1"},
]


def routes() -> list[str]:
    """Every address, taken from the parts that answer: the contract, the fixed pages, the console."""
    services = cast("ConsoleServices", SimpleNamespace(grant_of=None, clock=None, shutting_down=None))
    pages = create_pages(services, Api(), secret=b"s" * 32)
    streams = Streams(pages, Api(), services)
    found = {operation.path for operation in CONTRACT.operations.values()}
    found |= {"/", "/ui/swagger-ui.css", *Pages(b"", load_spec()[1], start="/console/")._fixed}
    found |= {re.sub(r"<(?:\w+:)?(\w+)>", r"{\1}", rule.rule) for rule in pages.url_map.iter_rules()}
    found |= set(streams.by_path())
    return sorted(re.sub(r"{(\w+)}", lambda part: FILLED[part[1]], path) for path in found)


@pytest.fixture(scope="module")
def service(module_database_url: str, module_queue_url: str) -> Iterator[Service]:
    with ExitStack() as stack:
        made = Service(
            database_url=module_database_url,
            redis_url=module_queue_url,
            host="0.0.0.0",  # noqa: S104 - as the network reaches it
            settings={"bootstrap_key": KEY, "auth_failures": 1_000_000},
        )
        stack.callback(made.close)
        made.start()
        event = event_body({"event_id": EVENT, "correlation_id": MARK, "actor_id": MARK, "event_data": {"x": MARK}})
        assert made.client.post("/api/v1/audit/events", json=event, headers=OWN).status_code == 201
        inject(module_queue_url, Item(id=MARK, digest="d", payload=b"[]"))
        eventually_sync(lambda: MARK in made.client.get("/api/v1/dlq/dead-letters", headers=OWN).text)
        yield made


def test_the_walk_knows_every_route() -> None:
    found = routes()
    assert {"/metrics", "/openapi.json", "/ui/", "/docs", "/console/", "/console/live", "/console/export"} <= set(found)
    assert len(found) > 60


@pytest.mark.parametrize("path", [path for path in routes() if path not in OPEN])
def test_a_stranger_is_told_nothing(service: Service, path: str) -> None:
    for method in METHODS:
        for credentials in CREDENTIALS if method == "GET" else CREDENTIALS[:2]:
            answer = service.client.request(method, path, headers={**credentials, "Accept": "text/html,*/*"})
            where = f"{method} {path} {credentials}: {answer.status_code} {answer.text[:200]}"
            assert MARK not in answer.text.replace(f"/{MARK}", ""), where
            assert "redis" not in answer.text.lower(), where
            assert is_refused(answer, path), where


def is_refused(answer: httpx.Response, path: str) -> bool:
    if path == "/":  # a browser is led to the console, and from there to its form
        return answer.status_code in {307, 401, 404, 405}
    if path.startswith("/console"):
        return is_refused_by_the_console(answer, path)
    return answer.status_code in {401, 404, 405}


def is_refused_by_the_console(answer: httpx.Response, path: str) -> bool:
    if answer.status_code == 302:
        return answer.headers["location"].startswith("/console/sign-in")
    the_form = path.startswith(("/console/sign-in", "/console/static/")) or answer.request.method == "OPTIONS"
    return answer.status_code in {401, 403, 404, 405} or (the_form and answer.status_code in {200, 304, 400})


@pytest.mark.parametrize("path", OPEN)
def test_health_is_all_that_is_open(service: Service, path: str) -> None:
    assert service.client.get(path).status_code == 200
    for method in ("POST", "PUT", "PATCH", "DELETE", "TRACE"):
        assert service.client.request(method, path).status_code in {401, 404, 405}


def test_a_stranger_with_the_form_of_the_console_changes_nothing(service: Service) -> None:
    with httpx.Client(base_url=service.url, timeout=30) as browser:
        match = re.search(r'name="csrf" value="([^"]+)"', browser.get("/console/sign-in").text)
        assert match
        for path in [path for path in routes() if path.startswith("/console/") and "static" not in path]:
            answer = browser.post(path, data={"csrf": match[1], "reason": "mine", "token": "ds_x_y"})
            assert answer.status_code in {302, 303, 400, 401, 403, 404, 405}, path
            if answer.is_redirect:
                assert answer.headers["location"].startswith("/console/sign-in"), path
    assert MARK in service.client.get("/api/v1/dlq/dead-letters", headers=OWN).text


def test_pages_that_are_the_same_everywhere_are_opened_by_a_word(service: Service) -> None:
    for path in ("/openapi.json", "/ui/", "/docs", "/problems"):
        assert service.client.get(path, headers=OWN).status_code == 200
