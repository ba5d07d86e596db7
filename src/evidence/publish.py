"""Publishing the log: tiles first, the checkpoint last, so that whoever reads a checkpoint finds all that it covers."""

from __future__ import annotations

import os
import tempfile
from pathlib import Path
from typing import NamedTuple, Protocol

from evidence.canonical import ENTRY_SIZE
from evidence.checkpoint import Checkpoint, unverified_checkpoint
from evidence.merkle import leaf_hash
from evidence.note import NoteError, Signature
from evidence.sealer import Stored as StoredTree
from evidence.sealer import require_part
from evidence.tiles import CHECKPOINT_PATH, ENTRIES, Tile, bundle, tiles_between

__all__ = [
    "Directory",
    "Files",
    "LogFiles",
    "PublishError",
    "Publisher",
    "Stored",
    "is_final",
    "leaf_tile",
    "stored_tile",
]


class PublishError(Exception):
    """The log could not be published; what was published before is as good as it was."""


class Stored(StoredTree, Protocol):
    """Where the log's data is: repository.sealing.SealingStore, see there."""

    def entries(self, first: int, end: int) -> bytes:
        """The entries of a range of leaves, one behind the other."""

    def nodes(self, level: int, first: int, end: int) -> list[bytes]:
        """The hashes of a range of nodes of one level."""

    def keep_cosignature(self, witness: str, size: int, line: str) -> None:
        """Keep what a witness signed."""


class Publisher(Protocol):
    """Somebody who gets checkpoints and whom the database's owner does not control. Methods raise PublishError.

    name: in metrics and logs. takes_cosignatures: whether it gets a checkpoint again when a witness has cosigned it.
    """

    name: str
    takes_cosignatures: bool

    def check(self, stored: Stored) -> None:
        """Make sure that the log goes on where the published one is. Raises HaltError, RepositoryError too."""

    def publish(self, stored: Stored, checkpoint: Checkpoint, note: str) -> list[Signature]:
        """Publish a checkpoint, whose signed note is `note`; returns cosignatures. Raises RepositoryError too."""


class Read(NamedTuple):
    """A file, and what identifies this version of it to its store ("" where there is no such thing)."""

    data: bytes
    version: str = ""


class Files(Protocol):
    """A place for the log's files. Methods raise PublishError."""

    name: str

    def read(self, path: str) -> Read | None:
        """A file as it is there now; None if there is none."""

    def write(self, path: str, data: bytes, *, before: Read | None = None) -> None:
        """Write one file. A tile is written with the same bytes each time.

        before: what the checkpoint was when it was read; a store that can refuses to replace anything else.
        """


class Directory:
    """A directory of files, for a web server, or for a program that copies them on."""

    name = "directory"

    def __init__(self, path: Path) -> None:
        self._path = path

    def read(self, path: str) -> Read | None:
        """A file; None if there is none."""
        try:
            return Read((self._path / path).read_bytes())
        except FileNotFoundError:
            return None
        except OSError as error:
            raise PublishError(f"{self._path / path} cannot be read: {error.strerror}") from error

    def write(self, path: str, data: bytes, *, before: Read | None = None) -> None:
        """Write one file, on disk when this returns; a reader sees the old one or the new one, never a part."""
        del before
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
            raise PublishError(f"{target} cannot be written: {error.strerror}") from error


class LogFiles:
    """Publishes the whole log, in the layout of C2SP tlog-tiles, to a place for files."""

    takes_cosignatures = True

    def __init__(self, files: Files) -> None:
        self.name = files.name
        self._files = files

    def published(self) -> Checkpoint | None:
        """The checkpoint that is there. Raises PublishError, also where it is none."""
        return self._published(self._files.read(CHECKPOINT_PATH))

    def check(self, stored: Stored) -> None:
        """The checkpoint that is there must be part of the log."""
        require_part(stored, self.published())

    def publish(self, stored: Stored, checkpoint: Checkpoint, note: str) -> list[Signature]:
        """Publish what `checkpoint` covers and is not there yet, then its note. A newer one that is there stays."""
        before = self._files.read(CHECKPOINT_PATH)
        published = self._published(before)
        require_part(stored, published)
        size = published.size if published else 0
        if size > checkpoint.size:
            return []
        for tile in tiles_between(size, checkpoint.size):
            self._files.write(tile.path, stored_tile(stored, tile))
        self._files.write(CHECKPOINT_PATH, note.encode(), before=before)
        return []

    def _published(self, read: Read | None) -> Checkpoint | None:
        if read is None:
            return None
        try:
            return unverified_checkpoint(read.data.decode())
        except (NoteError, UnicodeDecodeError) as error:
            raise PublishError(f"what is published as checkpoint ({self.name}) is none: {error}") from error


def leaf_tile(data: bytes, level: int) -> bytes:
    """The bundle (level ENTRIES) or the tile of leaf hashes (level 0) over entries that stand one behind the other."""
    entries = [data[place : place + ENTRY_SIZE] for place in range(0, len(data), ENTRY_SIZE)]
    return bundle(entries) if level == ENTRIES else b"".join(map(leaf_hash, entries))


def stored_tile(stored: Stored, tile: Tile) -> bytes:
    """A tile or bundle of what is stored."""
    end = tile.first + tile.width
    if tile.level > 0:
        return b"".join(stored.nodes(tile.level, tile.first, end))
    return leaf_tile(stored.entries(tile.first, end), tile.level)


def is_final(path: str) -> bool:
    """Whether a file of the log never gets a successor: a full tile or bundle."""
    return path != CHECKPOINT_PATH and ".p/" not in path
