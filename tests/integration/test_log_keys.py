"""The log's keys: made, shown, rotated with overlap; and what is said where there is none."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Mapping

import pytest

from evidence.checkpoint import open_checkpoint
from evidence.note import NoteError, Signer, Verifier
from tests.fixtures.awaiting import eventually_sync
from tests.fixtures.events import event_body
from tests.fixtures.service import Service, StartService, clean_environment

OLD, NEW = Signer.generate("example.com/audit"), Signer.generate("example.com/audit")


def log(*arguments: str, settings: Mapping[str, str] | None = None) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, "-m", "datastorage", "log", *arguments]
    environment = clean_environment(**(settings or {}))
    return subprocess.run(command, env=environment, capture_output=True, text=True, check=False)


def test_a_key_is_made_and_its_public_key_is_shown_again(tmp_path: object) -> None:
    made = log("keygen", "audit.example.com/production")
    secret = made.stdout.strip()
    assert secret.startswith("PRIVATE+KEY+audit.example.com/production+")
    public = log("pubkey", settings={"DATASTORAGE_LOG_KEY": secret})
    assert made.stderr.strip() == f"Public key: {public.stdout.strip()}"
    assert str(Verifier.parse(public.stdout)) == public.stdout.strip()
    assert secret.rpartition("+")[2] not in public.stdout + public.stderr


def test_each_of_two_keys_is_shown_a_missing_one_and_a_bad_name_are_told() -> None:
    both = log("pubkey", settings={"DATASTORAGE_LOG_KEY": f"{OLD.secret_text()}\n{NEW.secret_text()}"})
    assert both.stdout.split() == [str(OLD.verifier), str(NEW.verifier)]
    none = log("pubkey")
    assert (none.returncode, "checkpoints are unsigned" in none.stderr) == (2, True)
    assert log("keygen", "a name").returncode == 2


def post(service: Service, sealed: int) -> None:
    answer = service.client.post("/api/v1/audit/events", json=event_body({"correlation_id": "keys"}))
    assert answer.status_code == 201
    eventually_sync(lambda: service.client.get("/api/v1/log").json()["size"] >= sealed, timeout=60)


def note(service: Service) -> str:
    return service.client.get("/api/v1/log/checkpoint").text


@pytest.mark.timeout(400)
def test_a_key_is_rotated_with_overlap_and_the_log_goes_on(start_service: StartService) -> None:
    """Unsigned, the old key, both, the new one alone: each restart is one step, and the tree only grows."""
    service = start_service(settings={"log_origin": "example.com/audit", "seal_interval": 0.05, "shutdown_drain": 0})
    steps: list[list[Signer]] = [[], [OLD], [OLD, NEW], [NEW]]
    for number, keys in enumerate(steps, 1):
        if number > 1:
            service.stop()
            service.environment["DATASTORAGE_LOG_KEY"] = "\n".join(key.secret_text() for key in keys)
            service.start()
        post(service, number)
        told = service.client.get("/health/ready").json().get("warnings", [])
        assert any("unsigned" in one for one in told) is not bool(keys)
        found, signed_by = open_checkpoint(note(service), [OLD.verifier, NEW.verifier])
        assert (found.origin, found.size) == ("example.com/audit", number)
        assert [one.key_id for one in signed_by] == [key.verifier.key_id for key in keys]
        assert service.client.get("/api/v1/log").json()["keys"] == [str(key.verifier) for key in keys]
    forged = note(service).replace("\n4\n", "\n5\n")
    with pytest.raises(NoteError):
        open_checkpoint(forged, [NEW.verifier])
