"""Schemathesis against the real service: examples, coverage and fuzzing of every operation in the contract."""

import os
import subprocess
import sys
from pathlib import Path

from access.keys import mint
from tests.fixtures.service import StartService

ROOT = Path(__file__).parents[2]
#: Cases for each operation in the fuzzing phase; raise it for a long run.
EXAMPLES = os.environ.get("DATASTORAGE_TEST_FUZZ_EXAMPLES", "25")


def test_the_service_keeps_its_contract_whatever_it_is_sent(start_service: StartService) -> None:
    """With authentication on, so that what the contract says about it is checked too."""
    key = mint().text
    service = start_service(settings={"bootstrap_key": key, "auth_failures": 1_000_000})
    command = [str(Path(sys.executable).with_name("st")), "--config-file", str(ROOT / "schemathesis.toml"), "run"]
    options = [
        "--header",
        f"Authorization: Bearer {key}",
        "--url",
        service.url,
        "--max-examples",
        EXAMPLES,
        "--phases",
        "examples,coverage,fuzzing",
        "--no-color",
    ]
    contract = str(ROOT / "openapi" / "data-storage-v1.yaml")
    ended = subprocess.run([*command, contract, *options], capture_output=True, text=True, check=False, timeout=110)
    assert ended.returncode == 0, ended.stdout + ended.stderr
