"""Every operation of the contract x every scope x {no, wrong, expired, right} credentials, in both forms."""

from __future__ import annotations

import time
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any, cast

import httpx
import pytest
from redis.asyncio import Redis

from access.authenticator import Authenticator
from access.keyring import KeyRing
from access.keys import mint
from access.rate_limits import RateLimits
from access.scopes import ALL_SCOPES, SCOPES
from datastorage.edge import build_asgi_app, load_spec
from datastorage.edge.contract import Contract, Operation
from datastorage.edge.gate import Guard, Refusal
from datastorage.embedded import free_port
from datastorage.settings import load_settings
from handlers.dependencies import Dependencies
from repository.access_keys import AccessKeyTable
from telemetry.clock import utc_now
from tests.fixtures.credentials import AUDIENCE, ISSUER, Signer, jwks, stored
from web.messages import Request, Response, json_response

CONTRACT = Contract(load_spec()[1])
OPERATIONS = [pytest.param(operation, id=name) for name, operation in CONTRACT.operations.items()]
GUARDED = [pytest.param(operation, id=name) for name, operation in CONTRACT.operations.items() if operation.required]
OPEN = {"get_health", "get_health_live", "get_health_ready"}
ADMIN = {"replay_dead_letter", "replay_dead_letters", "discard_dead_letter", "place_legal_hold", "release_legal_hold"}

SIGNER = Signer()
FULL_TEXT, FULL_KEY = stored(ALL_SCOPES)
EXPIRED_TEXT, EXPIRED_KEY = stored(ALL_SCOPES, expires_at=datetime.now(UTC) - timedelta(hours=1))
REVOKED_TEXT, REVOKED_KEY = stored(ALL_SCOPES, revoked_at=datetime.now(UTC))
BY_SCOPE = {scope: stored([scope], name=scope.replace(":", "-")) for scope in SCOPES}
ALL = " ".join(sorted(ALL_SCOPES))

WRONG = {
    "a key of nobody": f"Bearer {mint().text}",
    "a key with another secret": f"Bearer ds_{FULL_KEY.key_id}_{mint().text.split('_', 2)[2]}",
    "a revoked key": f"Bearer {REVOKED_TEXT.text}",
    "an expired key": f"Bearer {EXPIRED_TEXT.text}",
    "an expired token": f"Bearer {SIGNER.token(scope=ALL, exp=int(time.time()) - 60)}",
    "a token of another signer": f"Bearer {Signer().token(scope=ALL)}",
    "a token for another audience": f"Bearer {SIGNER.token(scope=ALL, aud='elsewhere')}",
    "a password": "Basic YWRtaW46YWRtaW4=",
    "an empty token": "Bearer ",
    "two": f"Bearer {FULL_TEXT.text}, Bearer {FULL_TEXT.text}",
}
_refusals: list[Refusal] = []


async def _reached(_request: Request, _deps: Dependencies) -> Response:
    return json_response({"reached": True})


@asynccontextmanager
async def _no_lifespan(_app: Any) -> AsyncIterator[None]:
    yield


@pytest.fixture(scope="module")
def app(tmp_path_factory: pytest.TempPathFactory) -> Any:
    """The edge with its gate over handlers that say that they were reached."""
    path: Path = tmp_path_factory.mktemp("access") / "access.yaml"
    path.write_text(f"issuers: [{{issuer: {ISSUER}, audience: {AUDIENCE}, jwks: unused, scopes_claim: scope}}]")
    keys = [FULL_KEY, EXPIRED_KEY, REVOKED_KEY, *(key for _, key in BY_SCOPE.values())]
    ring = KeyRing(cast("AccessKeyTable", None), clock=utc_now, settled={key.key_id: key for key in keys})
    ring._keys = {}

    async def published() -> bytes:
        return jwks(SIGNER)

    guard = Guard(
        Authenticator(ring, path, fetch_of=lambda _rule: published),
        RateLimits(Redis(port=free_port(), socket_timeout=0.2)),
        failures=1_000_000,
        refused=_refusals.append,
    )
    found = dict.fromkeys(CONTRACT.operations, _reached)
    return build_asgi_app(
        load_settings(auth="on"), cast("Dependencies", None), lifespan=_no_lifespan, apps={}, guard=guard, found=found
    )


@pytest.fixture
async def client(app: Any) -> AsyncIterator[httpx.AsyncClient]:
    async with httpx.AsyncClient(transport=httpx.ASGITransport(app), base_url="http://service") as made:
        yield made


@pytest.fixture
def refusals() -> list[Refusal]:
    _refusals.clear()
    return _refusals


async def ask(client: httpx.AsyncClient, operation: Operation, credentials: str | None) -> httpx.Response:
    """Call the operation with nothing but credentials: neither its parameters nor its body are right."""
    path = operation.path
    for parameter in operation.parameters:
        if parameter.place == "path":
            path = path.replace(f"{{{parameter.name}}}", "01939f5e-7f3c-7d2a-8c3e-0b6f1a2b3c4d")
    headers = {"Authorization": credentials} if credentials is not None else {}
    return await client.request(operation.method, path, headers=headers)


def expect_problem(response: httpx.Response, status: int, slug: str) -> dict[str, Any]:
    assert response.status_code == status, response.text
    assert response.headers["content-type"] == "application/problem+json"
    assert response.headers["www-authenticate"].startswith('Bearer realm="datastorage"')
    problem: dict[str, Any] = response.json()
    assert problem["type"].endswith(f"/{slug}")
    assert problem["request_id"] == response.headers["x-request-id"]
    return problem


def expect_let_through(response: httpx.Response) -> None:
    """It reached the handler, or the check of parameters and body, which comes after the gate."""
    if response.status_code == 400:
        assert response.json()["type"].endswith("/validation-error")
    else:
        assert (response.status_code, response.json()) == (200, {"reached": True})


def test_everything_but_health_declares_scopes() -> None:
    assert {name for name, operation in CONTRACT.operations.items() if operation.required is None} == OPEN


@pytest.mark.parametrize("operation", GUARDED)
async def test_without_credentials_nothing_but_health_is_told(client: httpx.AsyncClient, operation: Operation) -> None:
    expect_problem(await ask(client, operation, None), 401, "unauthorized")


@pytest.mark.parametrize("operation", GUARDED)
async def test_wrong_credentials_are_401_and_nothing_says_why(client: httpx.AsyncClient, operation: Operation) -> None:
    for credentials in WRONG.values():
        problem = expect_problem(await ask(client, operation, credentials), 401, "unauthorized")
        assert problem["detail"] == "The credentials are not valid."
        assert set(problem) == {"type", "title", "status", "detail", "instance", "request_id"}


@pytest.mark.parametrize("operation", GUARDED)
async def test_a_scope_opens_exactly_the_operations_that_name_it(
    client: httpx.AsyncClient, operation: Operation
) -> None:
    required = operation.required
    assert required is not None
    for scope in SCOPES:
        for text in (BY_SCOPE[scope][0].text, SIGNER.token(scope=scope)):
            response = await ask(client, operation, f"Bearer {text}")
            if required.satisfied_by({scope}):
                expect_let_through(response)
            else:
                problem = expect_problem(response, 403, "forbidden")
                assert str(required) in problem["detail"]
                assert f'scope="{required.names}"' in response.headers["www-authenticate"]


@pytest.mark.parametrize("operation", OPERATIONS)
async def test_all_scopes_open_everything(client: httpx.AsyncClient, operation: Operation) -> None:
    for text in (FULL_TEXT.text, SIGNER.token(scope=ALL)):
        expect_let_through(await ask(client, operation, f"bearer {text}"))


async def test_health_is_open_to_everybody(client: httpx.AsyncClient) -> None:
    for name in OPEN:
        response = await ask(client, CONTRACT.operations[name], None)
        assert response.json() == {"reached": True}


async def test_every_refused_administrative_call_is_told_and_no_other(
    client: httpx.AsyncClient, refusals: list[Refusal]
) -> None:
    reader, token = BY_SCOPE["audit:read"][0].text, SIGNER.token(sub="someone")
    for operation in CONTRACT.operations.values():
        for credentials in (None, f"Bearer {reader}", f"Bearer {token}", f"Bearer {FULL_TEXT.text}"):
            await ask(client, operation, credentials)
    expected = [
        (name, who, why)
        for name in ADMIN
        for who, why in [("", "missing"), ("key:audit-read", "scope"), ("someone", "scope")]
    ]
    assert sorted((one.operation_id, one.subject, one.reason) for one in refusals) == sorted(expected)


async def test_a_gate_that_cannot_ask_says_503_and_not_401() -> None:
    ring = KeyRing(cast("AccessKeyTable", None), clock=utc_now)
    ring._tried.set()
    guard = Guard(Authenticator(ring), RateLimits(Redis(port=free_port(), socket_timeout=0.2)))
    app = build_asgi_app(
        load_settings(auth="on"),
        cast("Dependencies", None),
        lifespan=_no_lifespan,
        apps={},
        guard=guard,
        found=dict.fromkeys(CONTRACT.operations, _reached),
    )
    async with httpx.AsyncClient(transport=httpx.ASGITransport(app), base_url="http://service") as client:
        response = await ask(client, CONTRACT.operations["get_dlq"], f"Bearer {FULL_TEXT.text}")
    assert response.status_code == 503
    assert response.headers["retry-after"] == "1"


@pytest.mark.parametrize(("public", "status"), [(True, 200), (False, 401)])
async def test_pages_are_for_everybody_or_for_callers_with_credentials(public: bool, status: int) -> None:
    ring = KeyRing(cast("AccessKeyTable", None), clock=utc_now, settled={FULL_KEY.key_id: FULL_KEY})
    guard = Guard(Authenticator(ring), RateLimits(Redis(port=free_port(), socket_timeout=0.2)))
    app = build_asgi_app(
        load_settings(auth="on", public_pages=public),
        cast("Dependencies", None),
        lifespan=_no_lifespan,
        apps={},
        guard=guard,
        found=dict.fromkeys(CONTRACT.operations, _reached),
    )
    async with httpx.AsyncClient(transport=httpx.ASGITransport(app), base_url="http://service") as client:
        for page in ("/openapi.json", "/ui/", "/problems"):
            assert (await client.get(page)).status_code == status
            admitted = await client.get(page, headers={"Authorization": f"Bearer {FULL_TEXT.text}"})
            assert admitted.status_code == 200
        assert (await client.get("/health/live")).status_code == 200
