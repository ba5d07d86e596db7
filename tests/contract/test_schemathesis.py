"""Schemathesis against the real service: examples, coverage and fuzzing of every operation in the contract."""

import os
import subprocess
import sys
from pathlib import Path

from tests.fixtures.service import Service

ROOT = Path(__file__).parents[2]
#: Cases for each operation in the fuzzing phase; raise it for a long run.
EXAMPLES = os.environ.get("DATASTORAGE_TEST_FUZZ_EXAMPLES", "25")


def test_the_service_keeps_its_contract_whatever_it_is_sent(service: Service) -> None:
    command = [str(Path(sys.executable).with_name("st")), "--config-file", str(ROOT / "schemathesis.toml"), "run"]
    options = ["--url", service.url, "--max-examples", EXAMPLES, "--phases", "examples,coverage,fuzzing", "--no-color"]
    contract = str(ROOT / "openapi" / "data-storage-v1.yaml")
    ended = subprocess.run([*command, contract, *options], capture_output=True, text=True, check=False, timeout=110)
    assert ended.returncode == 0, ended.stdout + ended.stderr
