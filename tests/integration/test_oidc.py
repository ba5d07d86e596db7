"""The console's sign-in at an OpenID Connect provider: the code flow against a real one, and what must not work."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs, urlsplit

import httpx
import pytest

from tests.fixtures.awaiting import eventually_sync
from tests.fixtures.oidc import CLIENT_ID, CLIENT_SECRET, OidcProvider, oidc_provider
from tests.fixtures.service import Service

WANTED = "/console/months"
LEAD = "/console/sign-in/provider"


@pytest.fixture(scope="module")
def provider() -> Iterator[OidcProvider]:
    with oidc_provider() as made:
        yield made


@pytest.fixture(scope="module")
def service(
    provider: OidcProvider, module_database_url: str, module_queue_url: str, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Service]:
    access: Path = tmp_path_factory.mktemp("access") / "access.yaml"
    access.write_text(
        f"issuers: [{{issuer: '{provider.issuer}', audience: {CLIENT_ID}, jwks: '{provider.issuer}/jwks'}}]\n"
        f"grants: [{{subjects: ['{provider.subject}'], scopes: ['ops:read']}}]\n"
    )
    settings = {
        "access_path": access,
        "console_oidc_issuer": provider.issuer,
        "console_oidc_client_id": CLIENT_ID,
        "console_oidc_client_secret": CLIENT_SECRET,
    }
    with Service(database_url=module_database_url, redis_url=module_queue_url, settings=settings, workers=2) as made:
        yield made


@pytest.fixture(autouse=True)
def _as_usual(provider: OidcProvider) -> None:
    provider.claims, provider.refuses = {}, False


@pytest.fixture
def browser(service: Service) -> Iterator[httpx.Client]:
    with httpx.Client(base_url=service.url, timeout=30) as client:
        yield client


def at_the_provider(browser: httpx.Client, following: str = WANTED) -> str:
    """The address with which the provider sends its reader back."""
    led = browser.get(LEAD, params={"next": following})
    assert led.status_code == 302, led.text
    return httpx.get(led.headers["location"]).headers["location"]


def test_a_reader_signs_in_at_the_provider_and_comes_to_the_page_that_they_wanted(
    service: Service, browser: httpx.Client, provider: OidcProvider
) -> None:
    form = browser.get(browser.get(WANTED).headers["location"])
    assert f"Sign in at {urlsplit(provider.issuer).netloc}" in form.text
    arrived = browser.get(at_the_provider(browser))
    assert (arrived.status_code, arrived.headers["location"]) == (303, WANTED)
    page = browser.get(WANTED)
    assert page.status_code == 200
    assert "Upkeep" in page.text, "the scopes are those that the access file gives the subject"
    assert "The failures cannot be shown" in browser.get("/console/").text
    cookie = arrived.headers["set-cookie"]
    assert all(word in cookie for word in ("HttpOnly", "SameSite=Strict", "Path=/console"))
    asked = provider.asked[-1]
    assert asked["redirect_uri"] == f"{service.url}{LEAD}/back"
    assert len(asked["state"]) >= 20
    assert len(asked["nonce"]) >= 20


def test_a_code_works_once_and_in_the_session_that_asked_for_it(service: Service, browser: httpx.Client) -> None:
    back = at_the_provider(browser)
    with httpx.Client(base_url=service.url, timeout=30) as other:
        assert other.get(back).status_code == 400, "nothing was begun there"
        at_the_provider(other)
        assert other.get(back).status_code == 400, "another state was begun there"
        assert other.get(WANTED).status_code == 302
    assert browser.get(back).status_code == 303
    assert browser.get(back).status_code == 400
    assert "was begun elsewhere" in browser.get(back).text


@pytest.mark.parametrize("changed", ["state", "code"])
def test_a_changed_answer_signs_nobody_in(browser: httpx.Client, changed: str) -> None:
    parts = urlsplit(at_the_provider(browser))
    query = {name: values[0] for name, values in parse_qs(parts.query).items()} | {changed: "another"}
    answer = browser.get(parts.path, params=query)
    assert (answer.status_code, "signed nobody in" in answer.text) == (400, True)
    assert browser.get(WANTED).status_code == 302


WRONG: dict[str, dict[str, Any]] = {
    "another nonce": {"nonce": "another"},
    "no nonce": {"nonce": None},
    "another issuer": {"iss": "https://issuer.example"},
    "another audience": {"aud": "somebody-else"},
    "an end that is past": {"exp": 1_700_000_000},
    "a subject of the service": {"sub": "key:admin"},
}


@pytest.mark.parametrize("claims", WRONG.values(), ids=WRONG.keys())
def test_a_token_that_is_not_right_signs_nobody_in(
    browser: httpx.Client, provider: OidcProvider, claims: dict[str, Any]
) -> None:
    provider.claims = claims
    assert browser.get(at_the_provider(browser)).status_code == 400
    assert browser.get(WANTED).status_code == 302


def test_what_the_provider_says_is_told(browser: httpx.Client, provider: OidcProvider) -> None:
    provider.refuses = True
    answer = browser.get(at_the_provider(browser))
    assert (answer.status_code, "access_denied" in answer.text) == (400, True)


def test_nobody_is_sent_to_another_site_afterwards(browser: httpx.Client) -> None:
    arrived = browser.get(at_the_provider(browser, "https://evil.example/console"))
    assert arrived.headers["location"] == "/console/"


def test_a_provider_that_is_away_is_said_and_a_token_still_signs_in(
    service: Service, module_database_url: str, module_queue_url: str, tmp_path: Path
) -> None:
    access = tmp_path / "access.yaml"
    access.write_text("grants: []")
    settings = {
        "access_path": access,
        "console_oidc_issuer": "http://127.0.0.1:1",
        "console_oidc_client_id": CLIENT_ID,
    }
    with Service(database_url=module_database_url, redis_url=module_queue_url, settings=settings) as away:
        answer = eventually_sync(lambda: away.client.get(LEAD))
        assert answer.status_code == 502
        assert "its configuration cannot be read" in answer.text
        assert 'name="token"' in answer.text
