"""Publishing the log: tiles first, the checkpoint last, so that whoever reads a checkpoint finds all that it covers."""

from __future__ import annotations

import os
import tempfile
from collections.abc import Sequence
from pathlib import Path
from typing import Protocol

from evidence.canonical import ENTRY_SIZE
from evidence.checkpoint import Checkpoint, unverified_checkpoint
from evidence.merkle import leaf_hash
from evidence.note import NoteError, Signer, sign_note
from evidence.tiles import CHECKPOINT_PATH, ENTRIES, Tile, bundle, tiles_between

__all__ = ["Directory", "PublishError", "Publisher", "Target", "leaf_tile"]


class PublishError(Exception):
    """The log could not be published; what was published before is as good as it was."""


class Target(Protocol):
    """A place for the log's files that the database's owner does not control. Methods raise PublishError."""

    name: str

    def read_checkpoint(self) -> str | None:
        """The checkpoint's note as it is there now; None if there is none."""

    def write(self, path: str, data: bytes) -> None:
        """Write one file. A path under `tile/` is written with the same bytes each time."""


class Stored(Protocol):
    """Where the log's data is: repository.sealing.SealingStore, see there."""

    def entries(self, first: int, end: int) -> bytes:
        """The entries of a range of leaves, one behind the other."""

    def nodes(self, level: int, first: int, end: int) -> list[bytes]:
        """The hashes of a range of nodes of one level."""


class Directory:
    """A directory of files, for a web server, or for a program that copies them on."""

    def __init__(self, path: Path) -> None:
        self.name = str(path)
        self._path = path

    def read_checkpoint(self) -> str | None:
        """The checkpoint's note; None if there is none."""
        try:
            return (self._path / CHECKPOINT_PATH).read_text(encoding="utf-8")
        except FileNotFoundError:
            return None
        except (OSError, UnicodeDecodeError) as error:
            raise PublishError(f"{self.name} cannot be read: {error}") from error

    def write(self, path: str, data: bytes) -> None:
        """Write one file, on disk when this returns; a reader sees the old one or the new one, never a part."""
        target = self._path / path
        try:
            target.parent.mkdir(parents=True, exist_ok=True)
            handle, temporary = tempfile.mkstemp(dir=target.parent, prefix=".new-")
            with os.fdopen(handle, "wb") as file:
                file.write(data)
                file.flush()
                os.fsync(file.fileno())
            Path(temporary).chmod(0o644)
            Path(temporary).replace(target)
        except OSError as error:
            raise PublishError(f"{self.name}: {path} cannot be written: {error.strerror}") from error


class Publisher:
    """Brings one target up to date. signers: who signs checkpoints; none leaves them unsigned."""

    def __init__(self, target: Target, signers: Sequence[Signer]) -> None:
        self.target = target
        self._signers = signers

    def published(self) -> Checkpoint | None:
        """The checkpoint that is there. Raises PublishError, also where it is none."""
        note = self.target.read_checkpoint()
        if note is None:
            return None
        try:
            return unverified_checkpoint(note)
        except NoteError as error:
            raise PublishError(f"{self.target.name} has a checkpoint that cannot be read: {error}") from error

    def publish(self, stored: Stored, checkpoint: Checkpoint) -> None:
        """Publish what `checkpoint` covers and is not there yet. Raises PublishError."""
        before = self.published()
        for tile in tiles_between(before.size if before else 0, checkpoint.size):
            self.target.write(tile.path, _tile(stored, tile))
        note = sign_note(checkpoint.text, self._signers) if self._signers else checkpoint.text
        self.target.write(CHECKPOINT_PATH, note.encode())


def leaf_tile(data: bytes, level: int) -> bytes:
    """The bundle (level ENTRIES) or the tile of leaf hashes (level 0) over entries that stand one behind the other."""
    entries = [data[place : place + ENTRY_SIZE] for place in range(0, len(data), ENTRY_SIZE)]
    return bundle(entries) if level == ENTRIES else b"".join(map(leaf_hash, entries))


def _tile(stored: Stored, tile: Tile) -> bytes:
    end = tile.first + tile.width
    if tile.level > 0:
        return b"".join(stored.nodes(tile.level, tile.first, end))
    return leaf_tile(stored.entries(tile.first, end), tile.level)
