"""The data directory: its layout, its lock, its password, and the description of what runs in it.

<data-dir>/lock        held while an instance works here
<data-dir>/secret      the servers' password, 0600
<data-dir>/run.json    addresses and process ids of the running instance, 0600
<data-dir>/pg18/       PostgreSQL's files, named by major version
<data-dir>/valkey/     the queue's append-only file
<data-dir>/*.log       what the servers said
"""

from __future__ import annotations

import fcntl
import json
import os
import secrets
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from datastorage.embedded.errors import DirectoryInUseError, UnreachableDirectoryError, WrongMajorError
from datastorage.embedded.privileges import Account, can_execute

__all__ = ["DataDirectory", "default_data_dir", "read_run_file"]

_RUN_FILE = "run.json"


def default_data_dir() -> Path:
    """Where data goes when nobody says: not below /root, which the servers' account cannot enter."""
    if os.geteuid() == 0:
        return Path("/var/lib/datastorage")
    return Path.home() / ".local" / "share" / "datastorage"


def read_run_file(data_dir: Path) -> dict[str, Any] | None:
    """What runs in the directory, None if nothing has been started there or its instance has ended."""
    try:
        run: dict[str, Any] = json.loads((data_dir / _RUN_FILE).read_text(encoding="utf-8"))
    except (OSError, ValueError):
        return None
    return run


class DataDirectory:
    """One directory, used by one instance at a time. Create with `open`, end with `close`."""

    def __init__(self, path: Path, account: Account | None) -> None:
        self.path = path.expanduser().resolve()
        self.account = account
        self._lock: int | None = None

    def open(self) -> None:
        """Create and lock the directory.

        Raises DirectoryInUseError, UnreachableDirectoryError.
        """
        try:
            self.path.mkdir(parents=True, exist_ok=True)
            # The servers' account must pass through, but has no business reading here.
            self.path.chmod(0o711 if self.account else 0o700)
        except OSError as error:
            raise UnreachableDirectoryError(
                f"the data directory {self.path} cannot be used ({error.strerror}): choose another with --data-dir"
            ) from None
        if not can_execute(self.account, self.path):
            name = self.account.name if self.account else "you"
            raise UnreachableDirectoryError(
                f"the account {name}, which runs the servers, cannot enter {self.path}: "
                "choose a --data-dir below a directory that is open to it, such as /var/lib"
            )
        self._take_lock()

    def _take_lock(self) -> None:
        descriptor = os.open(self.path / "lock", os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
        try:
            fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except OSError:
            owner = os.read(descriptor, 20).decode() or "unknown"
            os.close(descriptor)
            raise DirectoryInUseError(
                f"another instance (process {owner}) works in {self.path}: stop it, or choose another --data-dir"
            ) from None
        os.ftruncate(descriptor, 0)
        os.write(descriptor, str(os.getpid()).encode())
        self._lock = descriptor

    def close(self) -> None:
        """Withdraw the run file and let the next instance in."""
        (self.path / _RUN_FILE).unlink(missing_ok=True)
        if self._lock is not None:
            os.close(self._lock)
            self._lock = None

    def secret(self) -> str:
        """The servers' password: made once, then kept, since the data knows it."""
        path = self.path / "secret"
        if not path.exists():
            write_private(path, secrets.token_urlsafe(24))
        return path.read_text(encoding="ascii")

    def folder(self, name: str) -> Path:
        """A folder of the directory that belongs to the servers' account alone."""
        folder = self.path / name
        folder.mkdir(mode=0o700, exist_ok=True)
        self.give(folder)
        return folder

    def give(self, path: Path) -> None:
        """Hand a file or folder to the servers' account."""
        if self.account:
            os.chown(path, self.account.uid, self.account.gid)

    def has_cluster(self) -> bool:
        """Whether PostgreSQL's files are here, of whatever version."""
        return any(self.path.glob("pg*/PG_VERSION"))

    def require_major(self, major: int) -> None:
        """Refuse data of another major version, rather than start empty beside it or fail in the server's words.

        Raises WrongMajorError.
        """
        for version_file in sorted(self.path.glob("pg*/PG_VERSION")):
            written_by = version_file.read_text(encoding="ascii").strip()
            if written_by != str(major):
                raise WrongMajorError(
                    f"the data in {version_file.parent} was written by PostgreSQL {written_by}, but the PostgreSQL "
                    f"found is {major}: install PostgreSQL {written_by}, or choose another --data-dir"
                )

    def write_run_file(self, run: Mapping[str, Any]) -> None:
        """Tell other tools what runs here; it holds passwords, so only we may read it."""
        write_private(self.path / _RUN_FILE, json.dumps(run, indent=2) + "\n")


def write_private(path: Path, text: str) -> None:
    """Write a file that nobody else can read at any moment; a reader sees the old or the new text."""
    draft = path.with_name(path.name + ".new")
    draft.unlink(missing_ok=True)
    descriptor = os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    with os.fdopen(descriptor, "w", encoding="utf-8") as file:
        file.write(text)
    draft.replace(path)
