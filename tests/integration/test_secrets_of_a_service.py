"""A service that was given every secret there is, used rightly, wrongly and hurt: none comes out of it anywhere."""

from __future__ import annotations

import base64
import os
import re
import signal
import subprocess
import sys
import tarfile
from pathlib import Path
from typing import Any
from urllib.parse import quote, urlsplit

import httpx
import psycopg
import pytest
import redis

from access.keys import mint
from evidence.note import Signer as LogSigner
from tests.fixtures.awaiting import eventually_sync
from tests.fixtures.controlled import Controlled
from tests.fixtures.credentials import AUDIENCE, ISSUER, Signer, jwks
from tests.fixtures.events import event_body
from tests.fixtures.service import Service, StartService

EVENTS = "/api/v1/audit/events"
CURSORS, SESSIONS = "cursor-hunter2-secret", "console-hunter2-secret"


class Told:
    """Everything that came out, by where it came from."""

    def __init__(self, service: Service) -> None:
        self.service = service
        self.texts: dict[str, str] = {}
        #: What must be in none of it, by name.
        self.secrets: dict[str, str] = {}
        #: Credentials that are taken (an API key that reads, the bootstrap key, a token), and such as are not.
        self.good: list[str] = []
        self.wrong: list[str] = []

    def ask(self, path: str, method: str = "GET", **more: Any) -> httpx.Response:
        """A request whose answer is kept; the cookie of a session is its reader's own."""
        answer = self.service.client.request(method, path, **more)
        headers = [f"{name}: {value}" for name, value in answer.headers.items() if name != "set-cookie"]
        self.texts[f"{method} {path} #{len(self.texts)}"] = "\n".join([*headers, answer.text])
        return answer

    def run(self, *arguments: str, **environment: str) -> subprocess.CompletedProcess[str]:
        ended = subprocess.run(
            [sys.executable, "-m", "datastorage", *arguments],
            capture_output=True,
            text=True,
            check=False,
            timeout=150,
            env={**self.service.environment, **environment},
        )
        self.texts[" ".join(arguments)] = ended.stdout + ended.stderr
        return ended

    def leaks(self) -> list[str]:
        return [
            f"{name} in {place}: {text[max(0, found.start() - 200) : found.end() + 50]}"
            for place, text in self.texts.items()
            for name, secret in self.secrets.items()
            for form in forms(secret)
            if (found := re.search(re.escape(form), text))
        ]


def forms(secret: str) -> set[str]:
    """How a secret may be written, cut so that its place in an encoding does not matter."""
    raw = secret.encode()
    encoded = {base64.b64encode(raw[start:]).decode()[:-4] for start in range(3)}
    return {secret, quote(secret, safe=""), raw.hex(), *encoded}


def bearer(text: str) -> dict[str, str]:
    return {"Authorization": f"Bearer {text}"}


@pytest.fixture
def told(start_service: StartService, own_postgres: Controlled, own_valkey: Controlled, tmp_path: Path) -> Told:
    signer, bootstrap, log_key = Signer("RS256"), mint().text, LogSigner.generate("tests").secret_text()
    (tmp_path / "jwks.json").write_bytes(jwks(signer))
    (tmp_path / "access.yaml").write_text(
        f"issuers: [{{issuer: {ISSUER}, audience: {AUDIENCE}, jwks: '{tmp_path}/jwks.json', scopes_claim: scope}}]"
    )
    database, queue = urlsplit(own_postgres.url), urlsplit(own_valkey.url)
    assert database.password
    assert queue.password
    (tmp_path / "redis-password").write_text(queue.password + "\n")
    (tmp_path / "log").mkdir()
    service = start_service(
        workers=2,
        database_url=f"postgresql://{database.username}@127.0.0.1:{database.port}{database.path}"
        f"?password={database.password}",
        redis_url=f"redis://127.0.0.1:{queue.port}/0",
        environment={"REDIS_PASSWORD_FILE": str(tmp_path / "redis-password")},
        settings={
            "access_path": tmp_path / "access.yaml",
            "bootstrap_key": bootstrap,
            "cursor_secret": CURSORS,
            "console_secret": SESSIONS,
            "log_key": log_key,
            "log_directory": tmp_path / "log",
            "log_level": "debug",
            "access_log_sample": 1,
            "shutdown_drain": 0,
            "startup_timeout": 2,
        },
    )
    told = Told(service)
    scopes = "audit:read audit:write catalog:read ops:read ops:admin"
    token, stranger = signer.token(scope=scopes), Signer("RS256").token(scope=scopes)
    told.secrets = {
        "PostgreSQL's password": database.password,
        "Redis' password": queue.password,
        "the bootstrap key": bootstrap.split("_", 2)[2],
        "an API key": "",
        "a wrong API key": mint().text.split("_", 2)[2],
        "a token": token.rpartition(".")[2],
        "a wrong token": stranger.rpartition(".")[2],
        "the key of cursors": CURSORS,
        "the key of sessions": SESSIONS,
        "the log's key": log_key.rpartition("+")[2],
    }
    key = told.run("keys", "create", "tests", "--scope", "audit:read")
    del told.texts["keys create tests --scope audit:read"]  # where it is to be seen, once
    told.secrets["an API key"] = key.stdout.strip().split("_", 2)[2]
    told.good = [key.stdout.strip(), bootstrap, token]
    told.wrong = [
        f"ds_{bootstrap.split('_')[1]}_{told.secrets['a wrong API key']}",
        f"ds_abc_{told.secrets['a wrong API key']}",
        stranger,
        f"{token}x",
        f"{bootstrap}~",
        f"Bearer {bootstrap}",
    ]
    return told


def use(told: Told) -> None:
    """Right and wrong credentials, in the right and in wrong places."""
    good, wrong = told.good, told.wrong
    for text in [*good, *wrong]:
        told.ask(EVENTS, headers=bearer(text))
        told.ask(EVENTS, "POST", json=event_body({"correlation_id": "c"}), headers=bearer(text))
        told.ask("/api/v1/dlq/dead-letters/replay", "POST", headers=bearer(text))
        told.ask(EVENTS, headers={"Authorization": text})
        told.ask(EVENTS, headers={"Authorization": "Basic " + base64.b64encode(f":{text}".encode()).decode()})
        told.ask(EVENTS, headers={"X-Api-Key": text, "Cookie": f"datastorage_console={text}"})
        told.ask(EVENTS, params={"access_token": text}, headers=bearer(good[-1]))
        told.ask(EVENTS, params={"cursor": text}, headers=bearer(good[-1]))
        sign_in(told, text)
    first = told.ask(EVENTS, params={"limit": 1}, headers=bearer(good[-1])).json()
    told.ask(EVENTS, params={"cursor": first["pagination"]["next_cursor"]}, headers=bearer(good[-1]))
    for page in ("/health", "/health/ready", "/health/live", "/openapi.json", "/ui/", "/nothing"):
        told.ask(page)
    told.ask("/metrics", headers=bearer(good[1]))


def sign_in(told: Told, text: str) -> None:
    told.service.client.cookies.clear()
    page = told.ask("/console/sign-in")
    csrf = re.search(r'name="csrf" content="([^"]+)"', page.text)
    assert csrf
    told.ask("/console/sign-in", "POST", data={"csrf": csrf[1], "token": text})
    for address in ("/console/", "/console/about", "/console/search"):
        told.ask(address)
    told.service.client.cookies.clear()


def run_commands(told: Told, folder: Path) -> None:
    good = told.good
    for command in ("config", "migrate --check", "keys list --all", "verify"):
        told.run(*command.split())
    told.run("check", "--url", told.service.url, DATASTORAGE_TOKEN=good[1])
    told.run("events", "--url", told.service.url, DATASTORAGE_TOKEN=told.wrong[0])
    log = folder / "service.log"
    log.write_text(told.service.log())
    output = folder / "bundle.tar.gz"
    made = told.run(
        "bundle", "--url", told.service.url, "--output", str(output), "--log", str(log), DATASTORAGE_TOKEN=good[1]
    )
    assert made.returncode == 0, made.stderr
    with tarfile.open(output) as archive:
        for member in archive:
            file = archive.extractfile(member)
            told.texts[f"bundle {member.name}"] = file.read().decode() if file else ""


def look_around(told: Told, folder: Path) -> None:
    """The log, what was published, and what everybody on the machine sees of the processes."""
    told.texts["log"] = told.service.log()
    for path in (folder / "log").rglob("*"):
        if path.is_file():
            told.texts[f"published {path.name}"] = path.read_text(errors="replace")
    for process in Path("/proc").glob("[0-9]*"):
        try:
            if os.getpgid(int(process.name)) == told.service.pid:
                told.texts[f"process {process.name}"] = (process / "cmdline").read_text()
        except (OSError, ProcessLookupError):
            continue


def change_passwords(postgres: Controlled, valkey: Controlled) -> None:
    """From now on the service's own passwords are wrong."""
    with psycopg.connect(postgres.url, autocommit=True) as connection:
        connection.execute("ALTER ROLE CURRENT_USER PASSWORD 'another'")
        connection.execute("SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE pid <> pg_backend_pid()")
    client = redis.Redis.from_url(valkey.url)
    client.config_set("requirepass", "another")
    client.close()


@pytest.mark.timeout(300)
def test_no_secret_comes_out_of_a_service(
    told: Told, own_postgres: Controlled, own_valkey: Controlled, tmp_path: Path
) -> None:
    good = told.good
    reads = lambda: told.service.client.get(EVENTS, headers=bearer(good[0])).status_code  # noqa: E731
    eventually_sync(lambda: reads() == 200, timeout=30)
    use(told)
    run_commands(told, tmp_path)
    change_passwords(own_postgres, own_valkey)
    eventually_sync(lambda: told.ask("/health").status_code == 503, timeout=30)
    own_valkey.kill()
    for _ in range(2):
        told.ask(EVENTS, "POST", json=event_body({"correlation_id": "c"}), headers=bearer(good[1]))
        told.ask(EVENTS, headers=bearer(good[1]))
        told.ask("/api/v1/dlq", headers=bearer(good[1]))
        told.ask("/health/ready")
    told.run("check", "--url", told.service.url, DATASTORAGE_TOKEN=good[1])
    for command in ("migrate", "keys list", "verify"):
        assert told.run(*command.split()).returncode != 0
    os.kill(told.service.pid, signal.SIGUSR1)
    look_around(told, tmp_path)
    assert "authentication failed" in told.texts["log"]
    assert len([place for place in told.texts if place.startswith("process")]) >= 3
    told.service.stop()
    told.service.start(wait=False)
    told.service.wait()
    told.texts["a start that fails"] = told.service.log()
    assert "password authentication failed" in told.texts["a start that fails"], "the wrong password was tried"
    leaks = told.leaks()
    assert not leaks, "\n".join(leaks)
