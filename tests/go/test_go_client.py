"""Go: a client generated from the contract compiles and makes the round trip; oasdiff agrees with our gate."""

from __future__ import annotations

import json
import os
import subprocess
from pathlib import Path
from typing import Any

import pytest
import yaml

from tests.fixtures.service import Service

ROOT = Path(__file__).parents[2]
CONTRACT = ROOT / "openapi" / "data-storage-v1.yaml"
RELEASED = ROOT / "openapi" / "released"


def go(folder: Path, *arguments: str, **environment: str) -> str:
    """Run go in a folder; what it printed. Fails the test where go fails."""
    ended = subprocess.run(
        ["go", *arguments], cwd=folder, env={**os.environ, **environment}, capture_output=True, text=True, check=False
    )
    assert ended.returncode == 0, ended.stdout + ended.stderr
    return ended.stdout


@pytest.mark.timeout(900)
def test_a_generated_client_compiles_and_makes_the_round_trip(service: Service) -> None:
    client = ROOT / "clients" / "go"
    go(client, "generate", "./...")
    go(client, "vet", "./...")
    go(client, "test", "-count=1", "./...", DATASTORAGE_URL=service.url)


def test_the_readme_shows_lines_of_the_round_trip() -> None:
    folder = ROOT / "clients" / "go"
    shown = [line.strip() for line in (folder / "README.md").read_text().splitlines() if line.startswith("    ")]
    run = {line.strip() for line in (folder / "roundtrip_test.go").read_text().splitlines()}
    assert len(shown) > 4
    assert [line for line in shown[1:] if line not in run] == []


def oasdiff(old: Path, new: Path) -> list[dict[str, Any]]:
    """What oasdiff calls an error: it breaks clients."""
    folder = ROOT / "tools" / "oasdiff"
    found: list[dict[str, Any]] = json.loads(
        go(folder, "tool", "oasdiff", "breaking", "-f", "json", str(old), str(new))
    )
    return [one for one in found or [] if one["level"] == 3]


@pytest.mark.timeout(900)
def test_oasdiff_finds_nothing_that_was_not_decided_for() -> None:
    last = max(RELEASED.glob("[0-9]*.yaml"), key=lambda path: [int(part) for part in path.stem.split(".")])
    entries = yaml.safe_load((RELEASED / "accepted.yaml").read_text()) or []
    operations = {entry["change"].split(": ")[0] for entry in entries}
    found = oasdiff(last, CONTRACT)
    assert [one for one in found if f"{one['operation']} {one['path']}" not in operations] == []


@pytest.mark.timeout(900)
def test_oasdiff_is_asked_for_real(tmp_path: Path) -> None:
    document = yaml.safe_load(CONTRACT.read_text())
    del document["paths"]["/api/v1/audit/events"]["get"]
    changed = tmp_path / "changed.yaml"
    changed.write_text(yaml.safe_dump(document))
    assert [one["id"] for one in oasdiff(CONTRACT, changed)] == ["api-removed-without-deprecation"]
