"""The Python client as its users get it: a wheel in an environment of its own."""

import os
import subprocess
import sys
import venv
from collections.abc import Callable
from pathlib import Path

import pytest

from tests.fixtures.service import Service

CLIENT = Path(__file__).parents[2] / "clients" / "python"

Run = Callable[..., str]


@pytest.fixture(scope="session")
def wheel(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The wheel, built from a clean copy of what git knows."""
    clone, built = tmp_path_factory.mktemp("client"), tmp_path_factory.mktemp("wheel")
    command = ["git", "ls-files", "-z", "--cached", "--others", "--exclude-standard"]
    listed = subprocess.run(command, cwd=CLIENT, check=True, capture_output=True).stdout
    for name in filter(None, listed.decode().split("\0")):
        (clone / name).parent.mkdir(parents=True, exist_ok=True)
        (clone / name).write_bytes((CLIENT / name).read_bytes())
    pip = [sys.executable, "-m", "pip", "wheel", "--quiet", "--no-deps", "--no-build-isolation", "-w", str(built), "."]
    subprocess.run(pip, cwd=clone, check=True)
    return next(built.glob("datastorage_client-*.whl"))


@pytest.fixture(scope="session")
def installed(wheel: Path, tmp_path_factory: pytest.TempPathFactory) -> Run:
    """Runs a Python where nothing is installed but the wheel and what it declares; what it printed."""
    place = tmp_path_factory.mktemp("venv")
    venv.create(place, with_pip=True)
    python = str(place / "bin" / "python")
    environment = {name: value for name, value in os.environ.items() if name != "PYTHONPATH"}
    subprocess.run([python, "-m", "pip", "install", "--quiet", str(wheel)], env=environment, check=True)

    def run(*arguments: str) -> str:
        return _printed([python, *arguments], environment)

    return run


@pytest.fixture(scope="session")
def with_extras() -> Run:
    """Runs the tests' own Python, which has the optional dependencies too; what it printed."""
    environment = {**os.environ, "PYTHONPATH": str(CLIENT / "src")}

    def run(*arguments: str) -> str:
        return _printed([sys.executable, *arguments], environment)

    return run


def _printed(command: list[str], environment: dict[str, str]) -> str:
    ended = subprocess.run(command, env=environment, capture_output=True, text=True, check=False, timeout=300)
    assert ended.returncode == 0, ended.stdout + ended.stderr
    return ended.stdout


@pytest.fixture(scope="module")
def running(module_database_url: str, module_queue_url: str):
    with Service(database_url=module_database_url, redis_url=module_queue_url) as service:
        yield service
