"""`datastorage dev` refuses in one line that says what to do, with exit code 2, as root and as an ordinary user."""

import os
import pwd
import shutil
import socket
import subprocess
import sys
import sysconfig
import tempfile
from collections.abc import Iterator
from pathlib import Path

import pytest

from datastorage.embedded import EmbeddedServers, free_port
from datastorage.embedded.privileges import Account, can_execute
from tests.fixtures.service import clean_environment

ROOT = Path(__file__).parents[2]


def _interpreters() -> dict[str, str]:
    """Who runs `dev`, with which interpreter. Ours may stand below root's home, closed to others: then the system's."""
    ours = {"self": sys.executable}
    if os.geteuid() != 0:
        return ours
    nobody = Account(name="nobody", uid=pwd.getpwnam("nobody").pw_uid, gid=pwd.getpwnam("nobody").pw_gid)
    same_version = Path(f"/usr/bin/python{sys.version_info.major}.{sys.version_info.minor}")
    for path in (Path(sys.executable), same_version):
        if path.exists() and can_execute(nobody, path.resolve()):
            return {**ours, "ordinary user": str(path)}
    return ours


@pytest.fixture(params=_interpreters())
def user(request: pytest.FixtureRequest) -> Iterator[dict[str, object]]:
    """Arguments of subprocess; where we are not root, both are us."""
    home = Path(tempfile.mkdtemp(prefix="datastorage-test-"))
    paths = os.pathsep.join([str(ROOT / "src"), sysconfig.get_path("purelib")])
    options: dict[str, object] = {
        "executable": _interpreters()[request.param],
        "cwd": home,
        "env": clean_environment(HOME=str(home), PYTHONPATH=paths, PYTHONDONTWRITEBYTECODE="1"),
    }
    if request.param != "self" and os.geteuid() == 0:
        nobody = pwd.getpwnam("nobody")
        os.chown(home, nobody.pw_uid, nobody.pw_gid)
        options |= {"user": nobody.pw_uid, "group": nobody.pw_gid, "extra_groups": []}
    else:
        home.chmod(0o711)
    yield options
    shutil.rmtree(home)


def _dev(user: dict[str, object], *arguments: object, **more: str) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, "-m", "datastorage", "dev", *map(str, arguments)]
    options = {**user, "env": {**user["env"], **more}}
    return subprocess.run(command, capture_output=True, text=True, check=False, timeout=60, **options)


def _one_line(refused: subprocess.CompletedProcess[str]) -> str:
    assert refused.returncode == 2, refused.stderr
    lines = refused.stderr.strip().splitlines()
    assert len(lines) == 1, refused.stderr
    return lines[0]


def test_a_port_in_use(user: dict[str, object]) -> None:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        port = taken.getsockname()[1]
        line = _one_line(_dev(user, "--port", port, "--data-dir", Path(user["cwd"]) / "data"))
    assert line.startswith(f"Error: the API cannot listen on 127.0.0.1:{port}: the port is in use")


def test_data_of_another_postgresql_major(user: dict[str, object]) -> None:
    cluster = Path(user["cwd"]) / "data" / "pg15"
    cluster.mkdir(parents=True)
    (cluster / "PG_VERSION").write_text("15\n")
    os.chown(cluster.parent, Path(user["cwd"]).stat().st_uid, Path(user["cwd"]).stat().st_gid)
    line = _one_line(_dev(user, "--port", free_port(), "--data-dir", cluster.parent))
    assert "was written by PostgreSQL 15" in line
    assert "choose another --data-dir" in line


def test_a_directory_that_cannot_be_used(user: dict[str, object]) -> None:
    (Path(user["cwd"]) / "file").touch()
    line = _one_line(_dev(user, "--port", free_port(), "--data-dir", Path(user["cwd"]) / "file" / "below"))
    assert "choose another with --data-dir" in line


def test_a_second_instance_on_the_same_directory() -> None:
    with tempfile.TemporaryDirectory(prefix="datastorage-test-") as path:
        us: dict[str, object] = {"cwd": path, "env": clean_environment()}
        with EmbeddedServers(Path(path), report=lambda _line: None, database_url="postgresql://elsewhere/db"):
            line = _one_line(_dev(us, "--port", free_port(), "--data-dir", path))
    assert f"another instance (process {os.getpid()}) works in" in line


def test_a_setting_that_is_wrong_names_its_variable(user: dict[str, object]) -> None:
    refused = _dev(user, DATASTORAGE_DLQ_MAX_LEN="0")
    assert refused.returncode == 2
    assert "DATASTORAGE_DLQ_MAX_LEN" in refused.stderr
