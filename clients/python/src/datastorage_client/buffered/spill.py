"""The spill directory: a file for each process, and the files that dead processes left."""

from __future__ import annotations

import logging
from itertools import count
from pathlib import Path

from datastorage_client.buffered.journal import Journal
from datastorage_client.buffered.memory import Entry
from datastorage_client.errors import SpillError

__all__ = ["SpillBuffer"]

_log = logging.getLogger("datastorage_client")
_PATTERN = "events-*.spill"


class SpillBuffer:
    """Events in files of `directory`, in order: those of dead processes first, then our own. Implements Buffer.

    Every file is locked by the process that uses it. Raises SpillError where the directory cannot be used.
    """

    def __init__(self, directory: Path, size: int) -> None:
        try:
            directory.mkdir(parents=True, exist_ok=True, mode=0o700)
            self._left = [journal for path in sorted(directory.glob(_PATTERN)) if (journal := _free(path, size))]
            self._own = self._own_of_the_left(size) or _new(directory, size)
        except OSError as error:
            raise SpillError(f"{directory} cannot be used for spill files: {error.strerror}") from None
        #: Events that are missing from the files of dead processes.
        self.lost = sum(journal.lost for journal in (*self._left, self._own))
        self._drop_drained()
        if found := self.unsettled():
            _log.info("%d audit events of an earlier process are in %s and will be delivered", found, directory)

    def _own_of_the_left(self, size: int) -> Journal | None:
        for journal in self._left:
            if abs(journal.size - size) < 1 << 16:
                self._left.remove(journal)
                return journal
        return None

    def _drop_drained(self) -> None:
        for journal in [journal for journal in self._left if not journal.unsettled()]:
            self._left.remove(journal)
            journal.close()

    def append(self, payload: bytes) -> bool:
        """See Buffer."""
        return self._own.append(payload)

    def take(self, most: int, most_bytes: int) -> list[Entry]:
        """See Buffer."""
        for journal in (*self._left, self._own):
            if entries := journal.take(most, most_bytes):
                return entries
        return []

    def waiting(self) -> int:
        """See Buffer."""
        self._drop_drained()
        return sum(journal.waiting() for journal in (*self._left, self._own))

    def unsettled(self) -> int:
        """See Buffer."""
        return sum(journal.unsettled() for journal in (*self._left, self._own))

    def fill(self) -> float:
        """See Buffer."""
        return self._own.fill()

    def close(self) -> None:
        """See Buffer."""
        for journal in (*self._left, self._own):
            journal.close()

    def abandon(self) -> None:
        """Close without a change: in a forked child."""
        for journal in (*self._left, self._own):
            journal.abandon()


def _free(path: Path, size: int) -> Journal | None:
    try:
        return Journal(path, size)
    except BlockingIOError:
        return None  # its process lives


def _new(directory: Path, size: int) -> Journal:
    for number in count():
        if made := _free(directory / f"events-{number}.spill", size):
            return made
    raise AssertionError
