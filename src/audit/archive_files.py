"""Archives of months as files: lines of JSON, compressed or in Parquet, and a manifest that says what they are.

audit_events_2025_01.ndjson.gz     one event a line, in the members and the order of an export
audit_events_2025_01.parquet       the same lines, and columns to choose by (archive_parquet.py)
audit_events_2025_01.json          the manifest, written last: an archive without one is not complete
"""

from __future__ import annotations

import gzip
import hashlib
import os
import zlib
from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import closing
from datetime import date, datetime
from pathlib import Path
from types import ModuleType
from typing import Any, BinaryIO, Literal

import msgspec

from repository.partitions import label

__all__ = [
    "FORMAT",
    "ArchiveError",
    "Manifest",
    "Packing",
    "Written",
    "lines_of",
    "manifest_path",
    "packing_of",
    "read_manifest",
    "write_archive",
]

FORMAT = "datastorage-archive/1"
#: How the lines are packed.
Packing = Literal["ndjson", "parquet"]
_SUFFIXES: dict[Packing, str] = {"ndjson": ".ndjson.gz", "parquet": ".parquet"}
_LEVEL = 6
_encode = msgspec.json.Encoder(order="deterministic").encode


class ArchiveError(Exception):
    """An archive is not there, not complete, or not what its manifest says."""


class Manifest(msgspec.Struct, frozen=True, kw_only=True):
    """What an archive holds. bytes and sha256 are of the lines, however packed; file_sha256 of the file.

    cluster: identifier of the PostgreSQL cluster in which the months' transactions have a meaning. retention_days: the
    longest of its events.
    """

    format: str
    month: date
    file: str
    events: int
    bytes: int
    sha256: str
    file_sha256: str
    first: datetime | None
    last: datetime | None
    retention_days: int
    by_category: Mapping[str, int]
    cluster: str
    archived_at: datetime
    made_by: str


def manifest_path(directory: Path, month: date) -> Path:
    """Where the manifest of a month's archive is."""
    return directory / f"audit_events_{label(month)}.json"


class Written(msgspec.Struct, frozen=True):
    """What was written: lines, their bytes, their SHA-256 and that of the file."""

    lines: int
    bytes: int
    sha256: str
    file_sha256: str


def packing_of(manifest: Manifest) -> Packing:
    """How the lines of an archive are packed."""
    return "parquet" if manifest.file.endswith(_SUFFIXES["parquet"]) else "ndjson"


def _parquet() -> ModuleType:
    try:
        from audit import archive_parquet  # only with the extra `parquet`
    except ImportError:
        raise ArchiveError("Parquet needs the extra `parquet`: pip install 'datastorage[parquet]'") from None
    return archive_parquet


def _packer(file: BinaryIO, packing: Packing) -> Any:
    """What takes lines by `write` and ends by `close`, leaving the file open."""
    if packing == "parquet":
        return _parquet().LineWriter(file)
    return gzip.GzipFile(filename="", fileobj=file, mode="wb", compresslevel=_LEVEL, mtime=0)


def _write_lines(path: Path, lines: Iterable[bytes], packing: Packing) -> Written:
    """Write lines packed, complete and on the disk, or not at all under this name."""
    digest, size, count = hashlib.sha256(), 0, 0
    draft = path.with_suffix(path.suffix + ".part")
    with draft.open("wb") as file:
        with closing(_packer(file, packing)) as packed:
            for line in lines:
                packed.write(line)
                digest.update(line)
                size += len(line)
                count += 1
        _to_disk(file)
    with draft.open("rb") as file:
        file_digest = hashlib.file_digest(file, "sha256")
    draft.replace(path)
    _sync_directory(path.parent)
    return Written(count, size, digest.hexdigest(), file_digest.hexdigest())


def write_archive(
    directory: Path,
    month: date,
    lines: Iterable[bytes],
    manifest_of: Callable[[str, Written], Manifest],
    packing: Packing = "ndjson",
) -> Manifest:
    """Write a month's lines and then its manifest. Raises ArchiveError where that cannot be done."""
    if packing == "parquet":
        _parquet()  # before there is a file
    path = directory / f"audit_events_{label(month)}{_SUFFIXES[packing]}"
    try:
        manifest = manifest_of(path.name, _write_lines(path, lines, packing))
        place = manifest_path(directory, month)
        draft = place.with_suffix(".json.part")
        with draft.open("wb") as file:
            file.write(msgspec.json.format(_encode(manifest), indent=2) + b"\n")
            _to_disk(file)
        draft.replace(place)
        _sync_directory(directory)
    except OSError as error:
        raise ArchiveError(f"cannot write the archive in {directory}: {error.strerror}") from error
    return manifest


def read_manifest(path: Path) -> Manifest:
    """The manifest at `path`. Raises ArchiveError."""
    try:
        manifest = msgspec.json.decode(path.read_bytes(), type=Manifest)
    except OSError as error:
        raise ArchiveError(f"cannot read {path}: {error.strerror}") from error
    except msgspec.MsgspecError as error:
        raise ArchiveError(f"{path} is not the manifest of an archive: {error}") from error
    if manifest.format != FORMAT:
        raise ArchiveError(f"{path}: this release reads {FORMAT}, not {manifest.format}")
    return manifest


def lines_of(path: Path, manifest: Manifest) -> Iterator[bytes]:
    """The lines of the archive whose manifest is at `path`.

    Raises ArchiveError, at the end at the latest, if they are not what the manifest says.
    """
    file = path.parent / Path(manifest.file).name
    digest, count = hashlib.sha256(), 0
    try:
        for line in _unpacked(file, packing_of(manifest)):
            digest.update(line)
            count += 1
            yield line
    except (OSError, EOFError, zlib.error) as error:
        raise ArchiveError(f"cannot read {file}: {error}") from error
    if (count, digest.hexdigest()) != (manifest.events, manifest.sha256):
        raise ArchiveError(f"{file} is not what {path} says: {count} lines with SHA-256 {digest.hexdigest()}")


def _unpacked(file: Path, packing: Packing) -> Iterator[bytes]:
    if packing == "parquet":
        yield from _parquet().read_lines(file)
        return
    with gzip.open(file, "rb") as lines:
        yield from lines


def _to_disk(file: BinaryIO) -> None:
    file.flush()
    os.fsync(file.fileno())


def _sync_directory(directory: Path) -> None:
    descriptor = os.open(directory, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
