"""How far an import came: a file beside the imported one, so that the same command goes on there."""

from __future__ import annotations

import hashlib
from contextlib import suppress
from pathlib import Path

import msgspec

__all__ = ["Progress", "ProgressFile"]

_FINGERPRINT_BYTES = 65536


class Progress(msgspec.Struct, kw_only=True):
    """What is done. Offsets are bytes."""

    fingerprint: str
    offset: int = 0
    lines: int = 0
    stored: int = 0
    known: int = 0
    queued: int = 0
    rejected: int = 0
    #: Offset and number of lines whose parents had not come yet.
    waiting: list[tuple[int, int]] = []


class ProgressFile:
    """`FILE.import`. It holds for a file that begins the same and a service at the same address."""

    def __init__(self, source: Path, service: str) -> None:
        self._path = source.with_name(source.name + ".import")
        with source.open("rb") as file:
            self._fingerprint = hashlib.sha256(service.encode() + file.read(_FINGERPRINT_BYTES)).hexdigest()

    def read(self) -> Progress:
        """What an earlier import has done; nothing where there was none."""
        with suppress(OSError, msgspec.MsgspecError):
            found = msgspec.json.decode(self._path.read_bytes(), type=Progress)
            if found.fingerprint == self._fingerprint:
                return found
        return Progress(fingerprint=self._fingerprint)

    def write(self, progress: Progress) -> None:
        """Replace it whole. A folder that cannot be written costs only the short cut: ids keep events from doubling."""
        part = self._path.with_name(self._path.name + ".part")
        with suppress(OSError):
            part.write_bytes(msgspec.json.encode(progress))
            part.replace(self._path)

    def remove(self) -> None:
        """The import is complete."""
        with suppress(OSError):
            self._path.unlink(missing_ok=True)
