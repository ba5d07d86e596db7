"""clients/typescript: generated from the contract of today, its invariants, and a live service."""

from __future__ import annotations

import os
import re
import subprocess
from pathlib import Path

import pytest

from tests.fixtures.service import Service

#: npm fetches packages, and a store is killed and started again: seconds that are not ours to bound tightly.
pytestmark = pytest.mark.timeout(600)

CLIENT = Path(__file__).parents[2] / "clients" / "typescript"


def npm(*arguments: str, **environment: str) -> str:
    """Run npm in the client's folder; what it printed. Fails the test where npm fails."""
    ended = subprocess.run(
        ["npm", *arguments], cwd=CLIENT, env={**os.environ, **environment}, capture_output=True, text=True, check=False
    )
    assert ended.returncode == 0, ended.stdout + ended.stderr
    return ended.stdout


@pytest.fixture(scope="module", autouse=True)
def packages() -> None:
    npm("ci", "--silent")


def test_the_generated_types_are_those_of_the_contract() -> None:
    npm("run", "--silent", "check")


def test_the_buffered_store_delivers_each_event_once_or_reports_it() -> None:
    assert "# fail 0" in npm("test")


def test_a_live_service_is_used_with_types_and_through_the_buffer(service: Service) -> None:
    assert "# pass 3" in npm("run", "test:live", DATASTORAGE_URL=service.url)


def test_the_blocks_of_the_readme_compile_and_run(service: Service, tmp_path: Path) -> None:
    """Against the built package, as its users import it; the first block asks for events, the second stores one."""
    npm("run", "--silent", "build")
    blocks = re.findall(r"```ts\n(.*?)```", (CLIENT / "README.md").read_text(), flags=re.DOTALL)
    assert len(blocks) == 2
    folder = CLIENT / "build" / "readme"
    folder.mkdir(parents=True, exist_ok=True)
    for number, block in enumerate(blocks):
        here = block.replace("http://localhost:8080", service.url).replace("/var/lib/my-service", str(tmp_path))
        (folder / f"block{number}.ts").write_text(here)
    options = ["--strict", "--target", "ES2022", "--module", "NodeNext", "--skipLibCheck", "--types", "node"]
    npm("exec", "--", "tsc", *options, *(f"build/readme/block{number}.ts" for number in range(len(blocks))))
    for number in reversed(range(len(blocks))):  # what the second stored is there when the first asks
        ended = subprocess.run(
            ["node", folder / f"block{number}.js"], capture_output=True, text=True, check=False, timeout=60
        )
        assert ended.returncode == 0, ended.stdout + ended.stderr
    page = service.client.get("/api/v1/audit/events", params={"correlation_id": "rr-2025-001"}).json()
    assert [event["event_type"] for event in page["data"]] == ["gateway.signal.received"]
    assert ended.stdout == "gateway.signal.received\n"


def test_the_package_builds_and_stays_small() -> None:
    """The README says how large what a browser loads is; more than a tenth above it is news."""
    npm("run", "--silent", "build")
    (line,) = (line for line in npm("run", "--silent", "size").splitlines() if line.startswith("BufferedAuditStore"))
    assert int(line.split()[1]) < 7700
