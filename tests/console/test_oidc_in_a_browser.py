"""Signing in at a provider of another site in a real browser, which holds a SameSite=Strict cookie back on the way."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import BrowserContext, Page, expect

from tests.fixtures.oidc import CLIENT_ID, CLIENT_SECRET, OidcProvider, oidc_provider
from tests.fixtures.service import Service, StartService


@pytest.fixture
def provider() -> Iterator[OidcProvider]:
    with oidc_provider() as made:
        yield made


@pytest.fixture
def guarded(start_service: StartService, provider: OidcProvider, tmp_path: Path) -> Service:
    access = tmp_path / "access.yaml"
    access.write_text(
        f"issuers: [{{issuer: '{provider.issuer}', audience: {CLIENT_ID}, jwks: '{provider.issuer}/jwks'}}]\n"
        f"grants: [{{subjects: ['{provider.subject}'], scopes: ['ops:read']}}]\n"
    )
    return start_service(
        settings={
            "access_path": access,
            "console_oidc_issuer": provider.issuer,
            "console_oidc_client_id": CLIENT_ID,
            "console_oidc_client_secret": CLIENT_SECRET,
        }
    )


@pytest.fixture
def page(chromium: BrowserContext) -> Iterator[Page]:
    page = chromium.new_page()
    faults: list[str] = []
    page.on("pageerror", lambda error: faults.append(str(error)))
    page.on("console", lambda one: faults.append(one.text) if "Content Security Policy" in one.text else None)
    yield page
    page.close()
    assert not faults


def test_a_reader_is_led_to_the_provider_and_back_to_the_page_that_they_wanted(
    page: Page, guarded: Service, axe: str
) -> None:
    page.goto(f"{guarded.url}/console/months")
    expect(page).to_have_url(re.compile("/console/sign-in"))
    page.evaluate(axe)
    assert page.evaluate("axe.run().then(found => found.violations.map(one => one.id))") == []
    page.locator("#at-provider").click()
    expect(page).to_have_url(f"{guarded.url}/console/months")
    expect(page.locator("h1")).to_contain_text("Months")
    page.get_by_role("button", name="Sign out").click()
    expect(page).to_have_url(re.compile("/console/sign-in"))
    page.goto(f"{guarded.url}/console/months")
    expect(page).to_have_url(re.compile("/console/sign-in"))
