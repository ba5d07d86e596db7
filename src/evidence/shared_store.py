"""The log's data for several threads, over one connection."""

from __future__ import annotations

import threading
from collections.abc import Callable
from typing import TypeVar

from repository.sealing import Batch, SealingStore

__all__ = ["SharedStore"]

T = TypeVar("T")


class SharedStore:
    """One connection, opened when it is needed and again after it was lost; one thread at a time.

    Methods as in repository.sealing.SealingStore; each raises RepositoryError.
    """

    def __init__(self, connect: Callable[[], SealingStore]) -> None:
        self._connect = connect
        self._lock = threading.Lock()
        self._store: SealingStore | None = None

    def last_batch(self) -> Batch | None:
        """The newest batch."""
        return self._use(lambda store: store.last_batch())

    def root_at(self, size: int) -> bytes | None:
        """The root of the tree of `size` leaves, if a batch ended there."""
        return self._use(lambda store: store.root_at(size))

    def entries(self, first: int, end: int) -> bytes:
        """The entries of a range of leaves."""
        return self._use(lambda store: store.entries(first, end))

    def nodes(self, level: int, first: int, end: int) -> list[bytes]:
        """The hashes of a range of nodes of one level."""
        return self._use(lambda store: store.nodes(level, first, end))

    def keep_cosignature(self, witness: str, size: int, line: str) -> None:
        """Keep what a witness signed."""
        self._use(lambda store: store.keep_cosignature(witness, size, line))

    def release(self) -> None:
        """Close the connection, unless a thread is using it; the next use opens another."""
        if self._lock.acquire(blocking=False):
            try:
                self._close()
            finally:
                self._lock.release()

    def _use(self, work: Callable[[SealingStore], T]) -> T:
        with self._lock:
            if self._store is None:
                self._store = self._connect()
            try:
                return work(self._store)
            finally:
                if self._store.lost:
                    self._close()

    def _close(self) -> None:
        if self._store is not None:
            self._store.close()
            self._store = None
