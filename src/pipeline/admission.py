"""How much may wait for a commit, in rows and in bytes; who finds no room waits in order of arrival."""

from __future__ import annotations

import asyncio

__all__ = ["Admission"]


class Admission:
    """rows, bytes_: what may be admitted at a time. One request larger than that is admitted when nothing else is."""

    def __init__(self, *, rows: int, bytes_: int) -> None:
        self._max_rows = rows
        self._max_bytes = bytes_
        self._rows = self._bytes = 0
        self._turn = asyncio.Lock()  # fair: those who wait pass in order
        self._waiters = 0
        self._released = asyncio.Event()

    async def acquire(self, rows: int, bytes_: int) -> None:
        """Wait until there is room, then take it."""
        if self._waiters or self._is_full(rows, bytes_):
            self._waiters += 1
            try:
                async with self._turn:
                    while self._is_full(rows, bytes_):
                        self._released.clear()
                        await self._released.wait()
            finally:
                self._waiters -= 1
        self._rows += rows
        self._bytes += bytes_

    def release(self, rows: int, bytes_: int) -> None:
        """Give room back."""
        self._rows -= rows
        self._bytes -= bytes_
        self._released.set()

    def _is_full(self, rows: int, bytes_: int) -> bool:
        return self._rows > 0 and (self._rows + rows > self._max_rows or self._bytes + bytes_ > self._max_bytes)
