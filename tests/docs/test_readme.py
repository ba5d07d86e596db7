"""README's commands do what README says."""

import json
import re
import subprocess
from pathlib import Path

import pytest

from tests.fixtures.service import Service

ROOT = Path(__file__).parents[2]
BLOCKS = re.findall(r"<!-- tested -->\n```sh\n(.*?)```", (ROOT / "README.md").read_text(), flags=re.DOTALL)
COMMANDS = [command for block in BLOCKS for command in block.strip().split("\n\n")]


@pytest.fixture(scope="module")
def readme_service(module_database_url, module_queue_url):
    with Service(database_url=module_database_url, redis_url=module_queue_url) as service:
        yield service


def test_the_readme_has_commands_to_test():
    assert any("POST" in command for command in COMMANDS)


@pytest.mark.parametrize("command", COMMANDS, ids=range(len(COMMANDS)))
def test_a_command_of_the_readme_is_answered(command, readme_service):
    here = command.replace("localhost:8080", f"127.0.0.1:{readme_service.port}").replace(
        "curl -s", "curl -s --fail-with-body"
    )
    ended = subprocess.run(["bash", "-c", here], capture_output=True, text=True, check=False, timeout=30)
    assert ended.returncode == 0, ended.stdout
    answer = json.loads(ended.stdout)
    assert answer
    if "data" in answer:
        assert answer["pagination"]["total"] == 1
