"""The directory in which the workers of one instance share their metrics."""

from __future__ import annotations

import fcntl
import os
import shutil
import tempfile
from contextlib import suppress
from pathlib import Path

__all__ = ["claim_metrics_dir"]

_PREFIX = "datastorage-prometheus-"


def claim_metrics_dir() -> Path:
    """Make a directory for this instance, and remove those of instances that were killed.

    An instance holds a lock (flock(2)) on its directory as long as one of its processes lives; process ids would say
    nothing where containers share /tmp. A directory gets its name when it is locked, so that nobody takes a new one for
    one that was left. Where the file system knows no locks, none is removed.
    """
    home = Path(tempfile.gettempdir())
    for found in home.glob(f"{_PREFIX}*"):
        _remove_if_left(found)
    made = Path(tempfile.mkdtemp(prefix=f"new-{_PREFIX}{os.getpid()}-"))
    with suppress(OSError):
        fcntl.flock(os.open(made, os.O_RDONLY), fcntl.LOCK_EX)  # never closed: it ends with the last process
    return made.rename(home / made.name.removeprefix("new-"))


def _remove_if_left(directory: Path) -> None:
    try:
        descriptor = os.open(directory, os.O_RDONLY | os.O_DIRECTORY)
    except OSError:  # another user's, or gone
        return
    try:
        fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except OSError:  # its instance lives
        return
    else:
        shutil.rmtree(directory, ignore_errors=True)
    finally:
        os.close(descriptor)
