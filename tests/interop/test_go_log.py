"""Somebody else's program finds the log good, and finds it bad when it is."""

import subprocess
from pathlib import Path
from uuid import uuid4

import pytest

from evidence.note import Signer
from tests.fixtures.awaiting import eventually_sync
from tests.fixtures.events import event_body

SOURCE = Path(__file__).parent / "golog"
SIGNER = Signer.generate("example.com/audit")


@pytest.fixture(scope="module")
def golog(tmp_path_factory):
    program = tmp_path_factory.mktemp("golog") / "golog"
    built = subprocess.run(["go", "build", "-o", program, "."], cwd=SOURCE, capture_output=True, text=True, check=False)
    assert built.returncode == 0, built.stderr
    return program


def test_gos_own_log_code_verifies_every_entry_and_every_step(golog, start_service, tmp_path):
    service = start_service(settings={"log_key": SIGNER.secret_text(), "seal_interval": 0.05})
    kept = []
    size = 0
    for count in (1, 254, 2, 300, 700):
        events = [event_body({"correlation_id": str(uuid4())}) for _ in range(count)]
        assert service.client.post("/api/v1/audit/events/batch", json=events).status_code == 201
        size += count
        eventually_sync(lambda: service.client.get("/api/v1/log").json()["size"] == size, timeout=30)  # noqa: B023
        kept.append(tmp_path / f"checkpoint-{size}")
        kept[-1].write_bytes(service.client.get("/api/v1/log/checkpoint").content)
    command = [str(golog), f"{service.url}/api/v1/log/", str(SIGNER.verifier), *map(str, kept)]
    ended = subprocess.run(command, capture_output=True, text=True, check=False)
    assert (ended.returncode, ended.stdout) == (0, "1257 entries, 5 earlier checkpoints\n"), ended.stderr
    stranger = [*command[:2], str(Signer.generate("example.com/audit").verifier)]
    assert subprocess.run(stranger, capture_output=True, check=False).returncode == 1
    forked = kept[2].read_bytes().replace(b"\n257\n", b"\n258\n")
    kept[2].write_bytes(forked)
    assert subprocess.run(command, capture_output=True, check=False).returncode == 1
