"""Authentication over the real service: keys from the command line, tokens, and what each refusal looks like."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path
from typing import Any

import httpx
import pytest

from access.keys import mint
from datastorage.embedded import free_port
from tests.fixtures.awaiting import eventually_sync
from tests.fixtures.controlled import Controlled
from tests.fixtures.credentials import AUDIENCE, ISSUER, Signer, jwks
from tests.fixtures.events import event_body
from tests.fixtures.service import Service, StartService, clean_environment

EVENTS = "/api/v1/audit/events"


def body() -> dict[str, Any]:
    return event_body({"correlation_id": "c"})


def bearer(text: str) -> dict[str, str]:
    return {"Authorization": f"Bearer {text}"}


def statuses(service: Service, text: str, *, connections: int = 24) -> set[int]:
    """The answers to a read on new connections, which the kernel spreads over the workers."""
    found = set()
    for _ in range(connections):
        with httpx.Client(base_url=service.url, timeout=30, headers=bearer(text)) as client:
            found.add(client.get(EVENTS, params={"limit": 1}).status_code)
    return found


def cli(service: Service, *arguments: str, **environment: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-m", "datastorage", *arguments],
        capture_output=True,
        text=True,
        check=False,
        timeout=150,
        env={**service.environment, "COLUMNS": "160", **environment},
    )


def made(service: Service, *arguments: str) -> str:
    """The key that a command printed."""
    ended = cli(service, "keys", *arguments)
    assert ended.returncode == 0, ended.stderr
    return ended.stdout.strip()


def test_every_worker_knows_within_a_second_of_keys_made_rotated_and_revoked(start_service: StartService) -> None:
    service = start_service(workers=2, settings={"auth": "on"})
    text = made(service, "create", "reader", "--scope", "audit:read")
    eventually_sync(lambda: statuses(service, text) == {200}, timeout=30)
    assert statuses(service, mint().text) == {401}
    written = service.client.post(EVENTS, json=body(), headers=bearer(text))
    assert (written.status_code, written.json()["type"].rpartition("/")[2]) == (403, "forbidden")

    refused = cli(service, "keys", "create", "reader", "--scope", "audit:read")
    assert refused.returncode == 2
    assert "keys rotate reader" in refused.stderr
    successor = made(service, "rotate", "reader", "--overlap", "1h")
    eventually_sync(lambda: statuses(service, successor) == {200}, timeout=30)
    assert statuses(service, text) == {200}, "the old key is valid during the overlap"
    listed = cli(service, "keys", "list", COLUMNS="80").stdout
    assert listed.count("reader") == 2
    assert "until" in listed
    assert text.split("_")[1] in listed, "what `revoke` takes is shown whole"

    assert cli(service, "keys", "revoke", text.split("_")[1]).returncode == 0
    eventually_sync(lambda: statuses(service, text) == {401}, timeout=30)
    assert statuses(service, successor) == {200}
    assert cli(service, "keys", "revoke", "reader").returncode == 0
    eventually_sync(lambda: statuses(service, successor) == {401}, timeout=30)
    assert cli(service, "keys", "revoke", "reader").returncode == 2
    everything = text + successor
    shown = cli(service, "keys", "list", "--all").stdout + service.log()
    assert not [secret for secret in everything.split("_") if len(secret) > 20 and secret in shown]


def test_the_command_line_says_how_credentials_are_given(start_service: StartService, tmp_path: Path) -> None:
    service = start_service(settings={"auth": "on"})
    text = made(service, "create", "writer", "--scope", "audit:write")
    anonymous = cli(service, "events", "--url", service.url)
    assert (anonymous.returncode, "DATASTORAGE_TOKEN or with --token" in anonymous.stderr) == (2, True)
    other = cli(service, "events", "--url", service.url, DATASTORAGE_TOKEN=text)
    assert "needs the scope audit:read. Give another key" in other.stderr
    checked = cli(service, "check", "--url", service.url)
    assert checked.returncode == 1
    assert "DATASTORAGE_TOKEN" in checked.stdout
    bundled = cli(service, "bundle", "--url", service.url, "--output", str(tmp_path / "bundle.tar.gz"))
    assert bundled.returncode == 0
    assert "metrics.txt holds only the refusal 401. Give an API key" in bundled.stderr


def test_a_key_goes_on_while_postgresql_is_away(start_service: StartService, own_postgres: Controlled) -> None:
    service = start_service(database_url=own_postgres.url, settings={"auth": "on"})
    text = made(service, "create", "writer", "--scope", "audit:write")
    post = lambda key: service.client.post(EVENTS, json=body(), headers=bearer(key)).status_code  # noqa: E731
    eventually_sync(lambda: post(text) == 201)
    own_postgres.kill()
    eventually_sync(lambda: post(text) == 202)
    assert post(mint().text) == 401
    own_postgres.start()
    later = made(service, "create", "later", "--scope", "audit:write")
    eventually_sync(lambda: post(later) in {201, 202})


def test_the_bootstrap_key_works_before_any_key_is_made(start_service: StartService, tmp_path: Path) -> None:
    text = mint().text
    path = tmp_path / "bootstrap"
    path.write_text(text + "\n")
    service = start_service(environment={"DATASTORAGE_BOOTSTRAP_KEY_FILE": str(path)})
    assert service.client.get(EVENTS).status_code == 401
    assert service.client.get(EVENTS, headers=bearer(text)).status_code == 200
    assert service.client.get("/metrics", headers=bearer(text)).status_code == 200
    assert service.client.get("/health").status_code == 200


def test_the_line_of_a_request_names_who_sent_it_and_shows_no_key(start_service: StartService) -> None:
    text = mint().text
    service = start_service(environment={"DATASTORAGE_BOOTSTRAP_KEY": text}, settings={"access_log_sample": 1})
    assert service.client.post(EVENTS, json=body(), headers=bearer(text)).status_code == 201
    assert service.client.get(EVENTS).status_code == 401

    def requests() -> dict[int, dict[str, Any]]:
        lines = [json.loads(line) for line in service.log().splitlines()]
        return {line["status"]: line for line in lines if line["event"] == "request" and line["path"] == EVENTS}

    eventually_sync(lambda: requests().keys() == {201, 401})
    assert requests()[201]["subject"] == "key:bootstrap"
    assert "subject" not in requests()[401]
    assert text not in service.log()


def test_tokens_of_a_jwks_file_are_taken_and_a_new_signer_is_noticed(
    start_service: StartService, tmp_path: Path
) -> None:
    signer, published, access = Signer("RS256"), tmp_path / "jwks.json", tmp_path / "access.yaml"
    published.write_bytes(jwks(signer))
    account = "system:serviceaccount:payments:gateway"
    access.write_text(
        f"issuers: [{{issuer: {ISSUER}, audience: {AUDIENCE}, jwks: '{published}'}}]\n"
        f"grants: [{{subjects: ['{account}'], scopes: ['audit:write']}}]\n"
    )
    service = start_service(settings={"access_path": access})
    token = signer.token(sub=account)
    assert service.client.post(EVENTS, json=body(), headers=bearer(token)).status_code == 201
    assert service.client.get(EVENTS, headers=bearer(token)).status_code == 403
    access.write_text(access.read_text().replace("'audit:write'", "'audit:write', 'audit:read'"))
    eventually_sync(lambda: service.client.get(EVENTS, headers=bearer(token)).status_code == 200)


def test_failures_of_an_address_are_limited_and_counted_for_all_workers_together(start_service: StartService) -> None:
    text = mint().text
    service = start_service(workers=2, settings={"auth_failures": 10, "bootstrap_key": text})
    answers = []
    for _ in range(40):
        with httpx.Client(base_url=service.url, timeout=30) as client:
            answers.append(client.get(EVENTS, headers=bearer(mint().text)))
    refused = [answer for answer in answers if answer.status_code == 429]
    assert len([answer for answer in answers if answer.status_code == 401]) < 30
    assert refused
    assert int(refused[0].headers["retry-after"]) >= 1
    assert refused[0].headers["ratelimit-limit"] == "10"
    assert service.client.get(EVENTS, headers=bearer(text)).status_code == 200, "who proves who they are is let through"
    scraped = service.client.get("/metrics", headers=bearer(text)).text
    assert 'datastorage_authentication_failures_total{reason="unknown"} 40.0' in scraped
    assert 'datastorage_rate_limited_total{bucket="failures"}' in scraped


def test_a_limited_key_gets_429_with_how_long_to_wait_and_others_do_not(start_service: StartService) -> None:
    service = start_service(workers=2, settings={"auth": "on"})
    limited = made(service, "create", "limited", "--scope", "audit:read", "--rate", "1", "--burst", "5")
    free = made(service, "create", "free", "--scope", "audit:read")
    eventually_sync(lambda: statuses(service, free) == {200}, timeout=30)
    answers = [service.client.get(EVENTS, headers=bearer(limited)) for _ in range(30)]
    assert {answer.status_code for answer in answers} == {200, 429}
    assert answers[0].headers["ratelimit-limit"] == "5"
    last = next(answer for answer in answers if answer.status_code == 429)
    assert last.json()["type"].endswith("/too-many-requests")
    assert (last.headers["ratelimit-remaining"], int(last.headers["retry-after"]) >= 1) == ("0", True)
    assert statuses(service, free) == {200}


@pytest.mark.parametrize(
    ("settings", "code"),
    [({}, 2), ({"DATASTORAGE_AUTH": "nonsense"}, 2), ({"DATASTORAGE_BOOTSTRAP_KEY": "hunter2-password"}, 2)],
)
def test_serve_does_not_start_open_to_the_network(settings: dict[str, str], code: int) -> None:
    addresses = {"DATABASE_URL": "postgresql://127.0.0.1:1/x", "REDIS_URL": "redis://127.0.0.1:1/0"}
    ended = subprocess.run(
        [sys.executable, "-m", "datastorage", "serve", "--host", "0.0.0.0", "--port", str(free_port())],  # noqa: S104
        capture_output=True,
        text=True,
        check=False,
        timeout=60,
        env=clean_environment(**addresses, **settings),
    )
    assert ended.returncode == code
    assert "DATASTORAGE_AUTH" in ended.stderr or "bootstrap_key" in ended.stderr
    assert "hunter2" not in ended.stderr


def test_serve_is_open_to_the_network_where_that_is_said_outright_and_warns(
    database_url: str, queue_url: str, start_service: StartService
) -> None:
    service = start_service(settings={"auth": "off"}, host="0.0.0.0")  # noqa: S104
    assert service.client.get(EVENTS).status_code == 200
    ready = service.client.get("/health/ready").json()
    assert any("authentication is off" in warning for warning in ready["warnings"])
    assert "authentication is off: everybody who can reach the service" in service.log()


def test_serve_without_a_word_is_open_on_loopback_only(start_service: StartService) -> None:
    service = start_service(host=None)
    assert service.client.get(EVENTS).status_code == 200
    assert not any("authentication" in one for one in service.client.get("/health/ready").json()["warnings"])
    assert '"host": "127.0.0.1"' in service.log()


def test_commands_take_a_token_from_the_option_the_variable_or_a_private_profile(
    start_service: StartService, tmp_path: Path
) -> None:
    text = mint().text
    service = start_service(settings={"bootstrap_key": text})
    command = ("events", "--since", "1h", "--url", service.url)
    home = {"XDG_CONFIG_HOME": str(tmp_path)}
    refused = cli(service, *command, **home)
    assert refused.returncode == 2
    assert "401" in refused.stderr
    assert cli(service, *command, "--token", text, **home).returncode == 0
    assert cli(service, *command, DATASTORAGE_TOKEN=text, **home).returncode == 0
    profile = tmp_path / "datastorage" / "profile.yaml"
    profile.parent.mkdir()
    profile.write_text(f"url: {service.url}\ntoken: {text}\n")
    profile.chmod(0o644)
    readable = cli(service, "dlq", **home)
    assert (readable.returncode, "chmod 600" in readable.stderr, text in readable.stderr) == (2, True, False)
    profile.chmod(0o600)
    assert cli(service, "dlq", **home).returncode == 0
    assert cli(service, "demo", **home).returncode == 0
    profile.write_text(f"url: http://127.0.0.1:1\ntoken: {text}\n")
    assert cli(service, *command, **home).returncode == 2, "a profile's token goes to the profile's service only"


def test_swagger_ui_offers_to_authorize(start_service: StartService) -> None:
    service = start_service(settings={"bootstrap_key": mint().text})
    assert service.client.get("/ui/").status_code == 200
    document = service.client.get("/openapi.json").json()
    schemes = document["components"]["securitySchemes"]
    assert {(one["type"], one["scheme"]) for one in schemes.values()} == {("http", "bearer")}
    assert document["paths"][EVENTS]["post"]["security"] == [{"ApiKey": []}, {"Token": []}]
