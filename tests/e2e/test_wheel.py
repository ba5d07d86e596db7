"""The wheel carries the repository's contract and migrations; no second copy is kept."""

import os
import subprocess
import sys
import zipfile
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]


@pytest.fixture(scope="module")
def wheel(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A wheel built from a clean copy, so that the checkout's own build folders are neither used nor left."""
    clone, built = tmp_path_factory.mktemp("clone"), tmp_path_factory.mktemp("wheel")
    listed = subprocess.run(["git", "ls-files", "-z"], cwd=ROOT, check=True, capture_output=True).stdout
    for name in filter(None, listed.decode().split("\0")):
        if name.startswith(("src/", "openapi/", "migrations/")) or "/" not in name:
            (clone / name).parent.mkdir(parents=True, exist_ok=True)
            (clone / name).write_bytes((ROOT / name).read_bytes())
    command = [
        sys.executable,
        "-m",
        "pip",
        "wheel",
        "--quiet",
        "--no-deps",
        "--no-build-isolation",
        "-w",
        str(built),
        ".",
    ]
    subprocess.run(command, cwd=clone, check=True)
    return next(built.glob("datastorage-*.whl"))


def test_a_wheel_prints_the_repositorys_contract(wheel: Path, tmp_path: Path) -> None:
    zipfile.ZipFile(wheel).extractall(tmp_path)
    printed = subprocess.run(
        [sys.executable, "-m", "datastorage", "openapi"],
        env={**os.environ, "PYTHONPATH": str(tmp_path)},
        cwd=tmp_path,
        check=True,
        capture_output=True,
    ).stdout
    assert printed == (ROOT / "openapi" / "data-storage-v1.yaml").read_bytes()


def test_a_wheel_carries_every_migration_and_every_file_beside_a_module(wheel: Path) -> None:
    carried = set(zipfile.ZipFile(wheel).namelist())
    migrations = {f"repository/schema/{path.name}" for path in (ROOT / "migrations").glob("*")}
    beside = {
        str(path.relative_to(ROOT / "src"))
        for pattern in ("*.sql", "*.lua", "*.json", "*.html", "*.js", "*.css", "*.svg", "*.LICENSE", "py.typed")
        for path in (ROOT / "src").rglob(pattern)
        if ".egg-info" not in str(path)
    }
    assert migrations | beside <= carried
