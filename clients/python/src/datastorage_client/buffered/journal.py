"""One spill file: a ring of records in a shared memory mapping.

`append` copies into the mapping and makes no system call; what is copied belongs to the kernel's page cache, so it is
there after kill -9 of the process. Each record has a checksum and a number that is never used again: a record that was
being written when the process died is recognised and was never acknowledged to the caller of `store`.

    0      two slots, written in turn: magic, turn, offset and number of the oldest unsettled record, CRC-32
    4096   records: magic, CRC-32, number, length, payload, padding to 8 bytes; one that does not fit before the end of
           the file starts at 4096 again
"""

from __future__ import annotations

import mmap
import os
import struct
import zlib
from collections import deque
from collections.abc import Sequence
from contextlib import suppress
from pathlib import Path
from typing import NamedTuple

from datastorage_client.buffered.memory import Entry
from datastorage_client.errors import SpillError

try:
    import fcntl
except ImportError:  # pragma: no cover - not on POSIX
    fcntl = None  # type: ignore[assignment]

__all__ = ["Journal"]

_START = 4096
_SLOT_SIZE = 64
_SLOT = struct.Struct("<8sQQQI")
_SLOT_MAGIC = b"DSSPILL1"
_CRC = struct.Struct("<I")
_HEAD = struct.Struct("<4sIQI4x")
_MAGIC = b"\xa5DSr"


class _Place(NamedTuple):
    number: int
    offset: int
    length: int


class Journal:
    """An open and locked spill file. Not thread-safe. Implements Buffer and Holder.

    size: of a new file, in bytes; one that is there keeps its own.
    Raises BlockingIOError where another process has it, SpillError where it cannot be made or is something else.
    """

    def __init__(self, path: Path, size: int) -> None:
        self.path = path
        self._file = _locked(path)
        try:
            self.size = _sized(self._file, path, size - size % mmap.PAGESIZE)
            self._map = mmap.mmap(self._file, self.size)
        except BaseException:
            os.close(self._file)
            raise
        self._waiting: deque[_Place] = deque()
        self._taken: dict[int, int] = {}
        self._turn = 0
        self._write_at, self._next = _START, 1
        #: Records that something other than this package destroyed: missing when the file was opened.
        self.lost = 0
        self._recover()

    def append(self, payload: bytes) -> bool:
        """See Buffer."""
        offset = self._room(_HEAD.size + len(payload))
        if offset is None:
            return False
        number, body = self._next, offset + _HEAD.size
        self._next, self._write_at = number + 1, _padded(body + len(payload))
        self._map[body : body + len(payload)] = payload
        _HEAD.pack_into(self._map, offset, _MAGIC, _checksum(number, payload), number, len(payload))
        self._waiting.append(_Place(number, offset, len(payload)))
        return True

    def _room(self, need: int) -> int | None:
        """Where a record of `need` bytes fits. Not up to the oldest one itself: full and empty would look the same."""
        end = self._write_at + need
        if not self.unsettled():
            return self._write_at if end <= self.size else _START if _START + need <= self.size else None
        oldest = self._oldest().offset
        if self._write_at < oldest:
            return self._write_at if _padded(end) < oldest else None
        if end <= self.size:
            return self._write_at
        return _START if _padded(_START + need) < oldest else None

    def take(self, most: int, most_bytes: int) -> list[Entry]:
        """See Buffer."""
        entries: list[Entry] = []
        size = 0
        while self._waiting and len(entries) < most:
            number, offset, length = self._waiting[0]
            size += length + 1
            if entries and size > most_bytes:
                break
            self._waiting.popleft()
            self._taken[number] = offset
            body = offset + _HEAD.size
            entries.append(Entry(number, self._map[body : body + length], self))
        return entries

    def settle(self, numbers: Sequence[int]) -> None:
        """See Holder."""
        for number in numbers:
            self._taken.pop(number, None)
        oldest, turn = self._oldest(), self._turn + 1
        slot = _SLOT.pack(_SLOT_MAGIC, turn, oldest.offset, oldest.number, 0)[: -_CRC.size]
        at = turn % 2 * _SLOT_SIZE
        self._map[at : at + _SLOT.size] = slot + _CRC.pack(zlib.crc32(slot))
        self._turn = turn

    def _oldest(self) -> _Place:
        if self._taken:
            number, offset = next(iter(self._taken.items()))
            return _Place(number, offset, 0)
        return self._waiting[0] if self._waiting else _Place(self._next, self._write_at, 0)

    def waiting(self) -> int:
        """See Buffer."""
        return len(self._waiting)

    def unsettled(self) -> int:
        """See Buffer."""
        return len(self._waiting) + len(self._taken)

    def fill(self) -> float:
        """See Buffer."""
        if not self.unsettled():
            return 0.0
        used = self._write_at - self._oldest().offset
        return (used if used > 0 else used + self.size - _START) / (self.size - _START)

    def close(self) -> None:
        """See Buffer. A file without events is removed."""
        if not self.unsettled():
            with suppress(FileNotFoundError):
                self.path.unlink()
        self.abandon()

    def abandon(self) -> None:
        """Close without a change: in a forked child, whose parent goes on with the file."""
        self._map.close()
        os.close(self._file)

    # -- recovery -----------------------------------------------------------------------------------------------

    def _recover(self) -> None:
        slots = [self._slot(0), self._slot(_SLOT_SIZE)]
        self._turn, offset, number = max(slots)
        if number:
            self._write_at, self._next = offset, number
        while place := self._record(self._write_at, self._next) or self._record(_START, self._next) or self._beyond():
            if number or self._waiting:
                self.lost += place.number - self._next
            self._waiting.append(place)
            self._write_at, self._next = _padded(place.offset + _HEAD.size + place.length), place.number + 1

    def _slot(self, at: int) -> tuple[int, int, int]:
        magic, turn, offset, number, checksum = _SLOT.unpack_from(self._map, at)
        sound = magic == _SLOT_MAGIC and checksum == zlib.crc32(self._map[at : at + _SLOT.size - _CRC.size])
        return (turn, offset, number) if sound else (0, 0, 0)

    def _record(self, offset: int, number: int) -> _Place | None:
        """The record at `offset`, if it is whole and has this number (0: any)."""
        if offset + _HEAD.size > self.size:
            return None
        magic, checksum, found, length = _HEAD.unpack_from(self._map, offset)
        body = offset + _HEAD.size
        if magic != _MAGIC or (number and found != number) or body + length > self.size:
            return None
        sound = checksum == _checksum(found, self._map[body : body + length])
        return _Place(found, offset, length) if sound else None

    def _beyond(self) -> _Place | None:
        """The first record after a gap: records are missing in between. None at the torn or true end of the file."""
        best: _Place | None = None
        at = self._map.find(_MAGIC, _START)
        while at >= 0:
            found = self._record(at, 0)
            if found and found.number > self._next and (best is None or found.number < best.number):
                best = found
            at = self._map.find(_MAGIC, at + 1)
        return best


def _padded(offset: int) -> int:
    return (offset + 7) & ~7


def _checksum(number: int, payload: bytes) -> int:
    return zlib.crc32(payload, number & 0xFFFFFFFF)


def _locked(path: Path) -> int:
    """A descriptor of the file, which is made if need be, with the one lock that a process can have on it."""
    if fcntl is None:
        raise SpillError("spill files need a POSIX system")
    while True:
        file = os.open(path, os.O_RDWR | os.O_CREAT, 0o600)
        try:
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
            # Its last owner may have removed it while we waited: a lock on a file without a name guards nothing.
            if os.fstat(file).st_ino == path.stat().st_ino:
                return file
        except FileNotFoundError:
            pass
        except BaseException:
            os.close(file)
            raise
        os.close(file)


def _sized(file: int, path: Path, size: int) -> int:
    """The size of the file, made whole where it is new: a full disk must show now, not as a signal at `store`."""
    found = os.fstat(file).st_size
    if found:
        head = os.pread(file, _START, 0)
        if found <= _START or (head.strip(b"\0") and _SLOT_MAGIC not in head):
            raise SpillError(f"{path} is not a spill file; name a directory of its own for spill_dir")
        return found
    try:
        _allocate(file, size)
    except OSError as error:
        os.ftruncate(file, 0)
        raise SpillError(f"{path} cannot have {size} bytes: {error.strerror}") from None
    return size


def _allocate(file: int, size: int) -> None:
    if hasattr(os, "posix_fallocate"):
        os.posix_fallocate(file, 0, size)
        return
    block = bytes(1 << 20)
    for at in range(0, size, len(block)):
        os.pwrite(file, block[: size - at], at)
