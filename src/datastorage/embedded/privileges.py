"""Who runs the servers. PostgreSQL refuses to run as root, so root lends it an account that has fewer rights."""

from __future__ import annotations

import os
import pwd
import shutil
import subprocess
import tempfile
from dataclasses import dataclass
from pathlib import Path

from datastorage.embedded.binaries import Binary
from datastorage.embedded.errors import AccountError

__all__ = ["Account", "can_execute", "reachable", "server_account"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Account:
    """The user that the servers run as."""

    name: str
    uid: int
    gid: int


def server_account() -> Account | None:
    """The account for the servers; None means our own user.

    Raises AccountError where initdb would fail for want of an account.
    """
    uid = os.geteuid()
    if uid != 0:
        _require_passwd_entry(uid)
        return None
    for name in ("postgres", "nobody"):  # nobody exists everywhere: no useradd is ever needed
        try:
            entry = pwd.getpwnam(name)
        except KeyError:
            continue
        return Account(name=name, uid=entry.pw_uid, gid=entry.pw_gid)
    raise AccountError("PostgreSQL does not run as root and there is neither an account postgres nor nobody: add one")


def _require_passwd_entry(uid: int) -> None:
    try:
        pwd.getpwuid(uid)
    except KeyError:
        raise AccountError(
            f"user id {uid} has no entry in the passwd database, which PostgreSQL's initdb needs: "
            "run as a user that has one, or set DATABASE_URL to a server of yours"
        ) from None


def can_execute(account: Account | None, path: Path) -> bool:
    """Whether the account may run the file, or enter the directory."""
    if account is None:
        return os.access(path, os.X_OK)
    test = subprocess.run(  # noqa: S603 - constant program
        ["/usr/bin/env", "test", "-x", str(path)],
        user=account.uid,
        group=account.gid,
        extra_groups=[],
        cwd="/",
        env={"PATH": os.defpath},
        check=False,
    )
    return test.returncode == 0


def reachable(binary: Binary, account: Account | None, shelf: Path) -> Path:
    """The program's path for the account; a copy on the `shelf` if it cannot reach the original.

    The case: a virtual environment below root's home, which is closed to others. Permissions are never changed.
    """
    if can_execute(account, binary.path):
        return binary.path
    if binary.tree is None:
        raise AccountError(f"{account.name if account else 'you'} may not run {binary.path}: open it, or name another")
    return _copy(binary, binary.tree, shelf)


def _copy(binary: Binary, tree: Path, shelf: Path) -> Path:
    """Copy tree and libraries side by side, as their relative run path asks; complete or not at all."""
    place = shelf / f"{tree.parent.name}-{'.'.join(map(str, binary.version))}"
    target = place / tree.parent.name / tree.name
    if not place.exists():
        shelf.mkdir(parents=True, exist_ok=True)
        shelf.chmod(0o755)
        building = Path(tempfile.mkdtemp(dir=shelf))
        _fill(binary, tree, building)
        building.chmod(0o755)
        try:
            building.rename(place)
        except OSError:  # another instance was faster
            shutil.rmtree(building)
    return target / binary.path.relative_to(tree) if tree.is_dir() else target


def _fill(binary: Binary, tree: Path, building: Path) -> None:
    target = building / tree.parent.name / tree.name
    if tree.is_dir():
        shutil.copytree(tree, target, symlinks=True)
    else:
        target.parent.mkdir(parents=True)
        shutil.copy2(tree, target)
    if binary.libraries:
        shutil.copytree(binary.libraries, building / binary.libraries.name, symlinks=True)
