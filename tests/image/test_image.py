"""The image, built with buildah and run in a chroot against real servers: no container engine is needed, root is.

Its base is a Debian made with debootstrap, whose python stands in for that of python:3.13-slim.
"""

from __future__ import annotations

import json
import os
import re
import shutil
import subprocess
import tarfile
import tempfile
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import httpx
import pytest

from datastorage.embedded import free_port
from tests.fixtures.awaiting import eventually_sync
from tests.fixtures.events import event_body

pytestmark = pytest.mark.timeout(1800)
ROOT = Path(__file__).parents[2]
#: The base is kept between runs: it takes two minutes to make.
BASE = Path(os.environ.get("DATASTORAGE_TEST_IMAGE_BASE") or Path.home() / ".cache/datastorage/debian-bookworm.tar")
PACKAGES = "python3,python3-venv,ca-certificates"
UID = "10001"
#: MiB that the image may add to its base. What would make it more is worth a look.
ADDED_LIMIT = 91
#: Runs a command as the image's user on a read-only root with an empty /tmp, as `docker run --read-only --tmpfs /tmp`.
CONFINED = """
set -e
root=$1; shift
mount --make-rprivate /
mount --bind "$root" "$root"
mount --options remount,bind,ro "$root"
mount --types tmpfs tmpfs "$root/tmp"
mount --rbind /dev "$root/dev"
mount --types proc proc "$root/proc"
exec chroot --userspec="$IMAGE_UID:$IMAGE_UID" "$root" "$@"
"""


@dataclass(frozen=True)
class Image:
    root: Path
    config: dict[str, Any]

    def start(self, command: list[str], **environment: str) -> subprocess.Popen[str]:
        """Start a command in it; PATH and the like are those of the image."""
        own = dict(line.split("=", 1) for line in self.config["Env"])
        settings = [f"{name}={value}" for name, value in (own | environment).items()]
        return subprocess.Popen(
            [
                "unshare",
                "--mount",
                "bash",
                "-c",
                CONFINED,
                "confined",
                str(self.root),
                "/usr/bin/env",
                "-i",
                *settings,
                *command,
            ],
            env={**os.environ, "IMAGE_UID": self.config["User"].partition(":")[0]},
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
        )

    def run(self, command: list[str], **environment: str) -> tuple[int, str]:
        """Exit code and output."""
        with self.start(command, **environment) as process:
            output, _ = process.communicate(timeout=120)
        return process.returncode, output


def _mirror() -> str:
    """The Debian mirror that this machine's apt uses."""
    columns = "$(SITE)|$(CODENAME)|$(ORIGIN)|$(CREATED_BY)"
    listed = subprocess.run(
        ["apt-get", "indextargets", "--format", columns], check=True, capture_output=True, text=True
    )
    rows = [line.split("|") for line in listed.stdout.splitlines()]
    return next(
        site for site, codename, origin, by in rows if (codename, origin, by) == ("bookworm", "Debian", "Packages")
    )


def _make_base() -> None:
    BASE.parent.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(prefix="datastorage-base-") as directory:
        command = ["debootstrap", "--variant=minbase", f"--include={PACKAGES}", "bookworm", directory, _mirror()]
        subprocess.run(command, check=True, stdout=subprocess.DEVNULL)
        shutil.rmtree(f"{directory}/var/cache/apt/archives")
        with tarfile.open(BASE.with_suffix(".new"), "w") as archive:
            archive.add(directory, arcname=".")
    BASE.with_suffix(".new").rename(BASE)


class Buildah:
    """buildah with a store of its own: overlay where the kernel lets it, else vfs, which copies every layer."""

    def __init__(self, home: Path) -> None:
        self._options = [f"--root={home}/store", f"--runroot={home}/run", "--storage-driver=overlay"]
        if subprocess.run(["buildah", *self._options, "info"], check=False, capture_output=True).returncode:
            self._options[-1] = "--storage-driver=vfs"

    def __call__(self, command: str, *arguments: str) -> str:
        ended = subprocess.run(
            ["buildah", *self._options, command, *arguments], check=False, capture_output=True, text=True, cwd=ROOT
        )
        assert ended.returncode == 0, f"buildah {command}: {ended.stdout[-2000:]}{ended.stderr[-4000:]}"
        return ended.stdout.strip()


@pytest.fixture(scope="module")
def image() -> Iterator[Image]:
    if not BASE.exists():
        _make_base()
    home = Path(tempfile.mkdtemp(prefix="datastorage-image-"))
    buildah = Buildah(home)
    try:
        scratch = buildah("from", "scratch")
        buildah("add", "--quiet", scratch, str(BASE), "/")
        buildah("commit", "--quiet", "--rm", scratch, "localhost/base")
        # The build reaches the package index as this machine does.
        given = [path for path in ("/etc/ssl/certs", "/etc/pip.conf", "/etc/resolv.conf") if Path(path).exists()]
        buildah(
            "bud",
            "--isolation=chroot",
            "--format=docker",
            "--layers=false",
            "--build-arg=BASE_IMAGE=localhost/base",
            "--build-arg=REVISION=0123abc",
            *(f"--volume={path}:{path}:ro" for path in given),
            "--tag=localhost/datastorage",
            ".",
        )
        config = json.loads(buildah("inspect", "--type=image", "localhost/datastorage"))["Docker"]["config"]
        yield Image(Path(buildah("mount", buildah("from", "localhost/datastorage"))), config)
    finally:
        containers = buildah("containers", "--quiet", "--noheading").split()
        buildah("rm", *containers) if containers else None
        shutil.rmtree(home)


def _files(root: Path) -> set[str]:
    return {str(Path(home, name).relative_to(root)) for home, _, names in os.walk(root) for name in names}


def _base_files() -> set[str]:
    with tarfile.open(BASE) as archive:
        return {one.name.removeprefix("./") for one in archive if not one.isdir()}


def test_it_serves_by_default_as_a_user_that_need_not_exist(image: Image) -> None:
    config = image.config
    assert (config["Entrypoint"], config["Cmd"], config["User"]) == (["datastorage"], ["serve"], f"{UID}:{UID}")
    assert UID not in (image.root / "etc/passwd").read_text()
    assert list(config["ExposedPorts"]) == ["8080/tcp"]
    labels = {name.removeprefix("org.opencontainers.image."): value for name, value in config["Labels"].items()}
    assert (labels["licenses"], labels["version"], labels["revision"]) == ("Apache-2.0", "1.0.0", "0123abc")


def test_it_adds_the_program_to_its_base_and_no_tool_to_build_with(image: Image) -> None:
    added = _files(image.root) - _base_files()
    assert {path for path in added if not path.startswith("opt/datastorage/")} == set()
    forbidden = re.compile(r"(^|/)(pip3?|cc|gcc|g\+\+|ld|as|strip|make|uv|setuptools)$")
    assert [path for path in added if forbidden.search(path)] == []
    size = sum((image.root / path).lstat().st_size for path in added) / 2**20
    assert size < ADDED_LIMIT, f"{size:.0f} MiB"
    print(f"added to the base: {size:.0f} MiB in {len(added)} files")


def test_what_is_installed_is_what_is_locked(image: Image) -> None:
    program = """
import importlib.metadata, json
found = importlib.metadata.distributions()
print(json.dumps({one.name.lower().replace("_", "-"): one.version for one in found}))
"""
    code, output = image.run(["/opt/datastorage/bin/python", "-I", "-c", program])
    assert code == 0, output
    installed = json.loads(output)
    locked = dict(re.findall(r"^([a-z0-9-]+)==([^ ]+)", (ROOT / "requirements/serve.txt").read_text(), re.MULTILINE))
    assert {name: version for name, version in installed.items() if name in locked and version != locked[name]} == {}
    assert set(installed) - set(locked) == {"datastorage"}


def test_it_migrates_serves_is_healthy_and_stops_on_a_read_only_root(
    image: Image, empty_database_url: str, queue_url: str
) -> None:
    port = str(free_port())
    settings = {
        "DATASTORAGE_AUTH": "off",
        "DATABASE_URL": empty_database_url,
        "REDIS_URL": queue_url,
        "DATASTORAGE_PORT": port,
        "DATASTORAGE_SHUTDOWN_DRAIN": "0",
    }
    code, output = image.run([*image.config["Entrypoint"], "migrate"], **settings)
    assert code == 0, output
    code, _ = image.run(["touch", "/opt/datastorage/written"], **settings)
    assert code != 0
    check = image.config["Healthcheck"]["Test"]
    assert check[0] == "CMD"
    assert image.run(check[1:], **settings)[0] != 0
    service = image.start([*image.config["Entrypoint"], *image.config["Cmd"]], **settings)
    try:
        eventually_sync(lambda: image.run(check[1:], **settings)[0] == 0, timeout=60, every=0.5)
        with httpx.Client(base_url=f"http://127.0.0.1:{port}") as client:
            created = client.post("/api/v1/audit/events", json=event_body({"correlation_id": "image"}))
            assert created.status_code == 201, created.text
            assert client.get(created.headers["Location"]).status_code == 200
            assert "datastorage_" in client.get("/metrics").text
        status = Path(f"/proc/{service.pid}/status").read_text()
        assert re.search(r"^Uid:\s+(\d+)", status, re.MULTILINE)[1] == UID  # type: ignore[index]
        service.terminate()
        output, _ = service.communicate(timeout=60)
        assert service.returncode == 0, output
    finally:
        service.kill()
        service.wait()
