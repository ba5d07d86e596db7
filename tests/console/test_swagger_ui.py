"""Swagger UI in a real browser, with authentication on: its Authorize button, and what it sends."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from playwright.sync_api import BrowserContext, Locator, Page, expect

from access.keys import mint
from tests.fixtures.service import Service, StartService

KEY = mint().text


@pytest.fixture
def guarded(start_service: StartService) -> Service:
    return start_service(settings={"bootstrap_key": KEY})


@pytest.fixture
def page(chromium: BrowserContext, guarded: Service) -> Iterator[Page]:
    """Swagger UI; it must end without a broken policy or a request to anywhere else."""
    page = chromium.new_page()
    elsewhere: list[str] = []
    refused: list[str] = []
    page.on(
        "request", lambda one: elsewhere.append(one.url) if not one.url.startswith((guarded.url, "data:")) else None
    )
    page.on("console", lambda one: refused.append(one.text) if "Content Security Policy" in one.text else None)
    page.goto(f"{guarded.url}/ui/")
    yield page
    page.close()
    assert (elsewhere, refused) == ([], [])


def execute(page: Page) -> str:
    """Ask for events; the status of the answer."""
    operation = page.locator("#operations-Audit-query_audit_events")
    if "is-open" not in (operation.get_attribute("class") or ""):
        operation.locator(".opblock-summary-control").click()
        operation.get_by_role("button", name="Try it out").click()
    with page.expect_response(lambda answer: "/api/v1/audit/events" in answer.url) as asked:
        operation.get_by_role("button", name="Execute").click()
    status = str(asked.value.status)
    expect(operation.locator(".live-responses-table .response .response-col_status")).to_contain_text(status)
    return status


@pytest.mark.parametrize("scheme", ["ApiKey", "Token"])
def test_the_authorize_button_lets_its_reader_try_operations(page: Page, scheme: str) -> None:
    assert execute(page) == "401"
    form = opened(page, scheme)
    form.locator("input").fill(KEY)
    form.locator("button.authorize").click()
    expect(form.get_by_text("Logout")).to_be_visible()
    page.locator(".modal-ux .close-modal").click()
    assert execute(page) == "200"
    opened(page, scheme).get_by_text("Logout").click()
    page.locator(".modal-ux .close-modal").click()
    assert execute(page) == "401"


def opened(page: Page, scheme: str) -> Locator:
    """The part of the dialog that belongs to one way of authorizing."""
    page.locator(".scheme-container button.authorize").click()
    return page.locator(".modal-ux .auth-container", has_text=f"{scheme} (http, Bearer)")
