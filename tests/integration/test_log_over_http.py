"""The log as its readers meet it: what the service serves is what its specifications say and what others can check."""

import base64
import json
import os
import signal
import subprocess
import sys
from pathlib import Path
from uuid import uuid4

import pytest

from evidence.checkpoint import open_checkpoint
from evidence.merkle import leaf_hash, perfect_root, verify_inclusion
from evidence.note import Signer
from evidence.tiles import entries_of, hashes_of
from tests.fixtures.awaiting import eventually_sync
from tests.fixtures.events import event_body

SIGNER = Signer.generate("example.com/audit")


@pytest.fixture
def service(start_service, tmp_path):
    return start_service(
        settings={"log_key": SIGNER.secret_text(), "log_directory": tmp_path / "log", "seal_interval": 0.05}
    )


def post(service, count):
    events = [event_body({"correlation_id": str(uuid4())}) for _ in range(count)]
    answer = service.client.post("/api/v1/audit/events/batch", json=events)
    assert answer.status_code == 201, answer.text
    return answer.json()["event_ids"]


def sealed(service, size):
    eventually_sync(lambda: service.client.get("/api/v1/log").json()["size"] >= size, timeout=30)


def checkpoint_of(service):
    checkpoint, signed_by = open_checkpoint(service.client.get("/api/v1/log/checkpoint").text, [SIGNER.verifier])
    assert [str(one) for one in signed_by] == [str(SIGNER.verifier)]
    return checkpoint


def test_every_event_has_a_proof_that_a_stranger_can_check(service):
    ids = post(service, 300)
    sealed(service, 300)
    for event_id in (ids[0], ids[150], ids[299]):
        proof = service.client.get(f"/api/v1/audit/events/{event_id}/proof").json()
        checkpoint, signed_by = open_checkpoint(proof["checkpoint"], [SIGNER.verifier])
        entry = base64.b64decode(proof["entry"])
        assert signed_by
        assert entry[1:17].hex() == event_id.replace("-", "")
        hashes = [base64.b64decode(one) for one in proof["hashes"]]
        assert verify_inclusion(leaf_hash(entry), proof["leaf_index"], checkpoint.size, hashes, checkpoint.root)
    text = service.client.get(f"/api/v1/audit/events/{ids[7]}/proof", headers={"Accept": "text/plain"})
    assert text.headers["content-type"].startswith("text/plain")
    assert text.text.startswith("c2sp.org/tlog-proof@v1\nextra ")


def test_tiles_and_bundles_are_served_and_published_alike(service, tmp_path):
    post(service, 300)
    sealed(service, 300)
    checkpoint = checkpoint_of(service)
    assert (checkpoint.origin, checkpoint.size) == ("example.com/audit", 300)
    full = service.client.get("/api/v1/log/tile/0/000")
    assert "immutable" in full.headers["cache-control"]
    leaves = hashes_of(full.content)
    entries = entries_of(service.client.get("/api/v1/log/tile/entries/000").content)
    assert list(map(leaf_hash, entries)) == leaves
    assert service.client.get("/api/v1/log/tile/1/000.p/1").content == perfect_root(leaves)
    directory = Path(tmp_path / "log")
    eventually_sync(lambda: (directory / "checkpoint").exists() and "\n300\n" in (directory / "checkpoint").read_text())
    for path in ("tile/0/000", "tile/0/001.p/44", "tile/1/000.p/1", "tile/entries/000", "tile/entries/001.p/44"):
        assert (directory / path).read_bytes() == service.client.get(f"/api/v1/log/{path}").content
    assert service.client.get("/api/v1/log/checkpoint").text == (directory / "checkpoint").read_text()


@pytest.mark.parametrize("path", ["0/001.p/45", "0/002", "7/000", "entries/000"])
def test_what_the_log_does_not_reach_is_not_there(service, path):
    answer = service.client.get(f"/api/v1/log/tile/{path}")
    assert (answer.status_code, answer.json()["title"]) == (404, "Not Found")


@pytest.mark.parametrize("path", ["9/000", "0/0", "0/../../health", "0/000.p/", "entries"])
def test_what_is_no_tile_is_refused(service, path):
    assert service.client.get(f"/api/v1/log/tile/{path}").status_code in {400, 404}


def test_an_event_that_is_not_there_has_no_proof(service):
    answer = service.client.get(f"/api/v1/audit/events/{uuid4()}/proof")
    assert answer.status_code == 404


def test_a_log_without_a_key_says_that_it_is_unsigned(start_service):
    service = start_service(settings={"seal_interval": 0.05})
    post(service, 3)
    sealed(service, 3)
    state = service.client.get("/api/v1/log").json()
    assert (state["keys"], state["pending"]) == ([], 0)
    assert open_checkpoint(service.client.get("/api/v1/log/checkpoint").text, [])[0].size == 3


def test_a_key_that_is_none_is_refused_without_being_shown(start_service):
    service = start_service(settings={"log_key": "PRIVATE+KEY+x+1234+c2VjcmV0c2VjcmV0"}, wait=False)
    assert service.wait() == 2
    assert "DATASTORAGE_LOG_KEY" in service.log()
    assert "c2VjcmV0" not in service.log()


def test_a_killed_sealer_is_replaced_and_nothing_is_passed_over(service):
    post(service, 5)
    sealed(service, 5)
    children = Path(f"/proc/{service.pid}/task/{service.pid}/children")
    sealer = children.read_text().split()[-1]
    post(service, 5)
    os.kill(int(sealer), signal.SIGKILL)
    post(service, 5)
    sealed(service, 15)
    assert service.client.get("/api/v1/log").json()["size"] == 15


def test_an_export_is_verified_with_a_mirror_and_no_database(service, tmp_path):
    """Every optional member set: the export has what the canonical form needs, digit for digit."""
    number = '{"n": 1.50, "big": 123456789012345678901234567890, "text": "\\u00e4\\ud83d\\ude00", "deep": [{}]}'
    body = event_body({"correlation_id": "c", "severity": "info", "namespace": "n", "cluster_name": "k"})
    body |= {"duration_ms": 7, "error_code": "E", "error_message": "m", "trace_id": "a" * 32, "span_id": "b" * 16}
    text = json.dumps(body | {"event_data": "@"}).replace('"@"', number)
    created = service.client.post("/api/v1/audit/events", content=text, headers={"Content-Type": "application/json"})
    assert created.status_code == 201, created.text
    post(service, 299)
    sealed(service, 300)
    directory = tmp_path / "log"
    eventually_sync(lambda: (directory / "checkpoint").exists() and "\n300\n" in (directory / "checkpoint").read_text())
    export = tmp_path / "events.ndjson"
    export.write_bytes(service.client.get("/api/v1/audit/events", headers={"Accept": "application/x-ndjson"}).content)
    verify = [sys.executable, "-m", "datastorage", "verify", "--log", str(directory), "--export", str(export)]
    whole = subprocess.run([*verify, "--key", str(SIGNER.verifier)], capture_output=True, text=True, check=False)
    assert (whole.returncode, whole.stdout.splitlines()[0]) == (
        0, "ok: 300 sealed events, 300 compared, 0 not sealed yet, 0 kept checkpoints",
    ), whole.stderr  # fmt: skip
    assert subprocess.run(verify, capture_output=True, check=False).returncode == 3, "no key was given"
    export.write_text(export.read_text().replace('"n": 1.50', '"n": 1.5'))
    altered = subprocess.run([*verify, "--json"], capture_output=True, text=True, check=False)
    assert altered.returncode == 1
    assert [one["event_id"] for one in json.loads(altered.stdout)["findings"] if one["kind"] == "altered"] == [
        created.json()["event_id"]
    ]
