"""Verification without the database: a mirror of the log's files, and events as they were exported."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Iterator, Sequence
from pathlib import Path
from typing import Any
from uuid import UUID

import msgspec

from evidence.canonical import Entry, canonical_bytes, canonical_values
from evidence.checkpoint import Checkpoint, open_checkpoint
from evidence.edge import Edge
from evidence.merkle import leaf_hash
from evidence.note import NoteError, Verifier
from evidence.redactions import Redactions, erasure_in, has_marker
from evidence.report import Kind, Progress, Report
from evidence.tiles import CHECKPOINT_PATH, ENTRIES, WIDTH, Tile, entries_of

__all__ = ["MirrorError", "digest_of", "verify_mirror"]

_decode = msgspec.json.Decoder(dict[str, msgspec.Raw]).decode
_JSON = frozenset({"event_data", "event_metadata"})


class MirrorError(Exception):
    """The mirror or the export cannot be read."""


def verify_mirror(
    mirror: Path, verifiers: Sequence[Verifier], kept: Iterable[Checkpoint], export: Path | None, progress: Progress
) -> Report:
    """Compare the files of a log with their own checkpoint, with checkpoints kept elsewhere, and with an export.

    An export may be a part of the events: each event in it is compared, and none that it lacks is missed. Needs memory
    for the log's entries, some 200 bytes each, where there is an export. Raises MirrorError.
    """
    report = Report()
    checkpoint = _checkpoint(mirror, verifiers, report)
    digests: dict[UUID, bytes] = {}
    edge = Edge()
    waiting = sorted(kept, key=lambda one: one.size)
    for entries in _bundles(mirror, checkpoint.size):
        for entry in entries:
            if export is not None:
                sealed = Entry.parse(entry)
                digests[sealed.event_id] = sealed.digest
            edge.append([leaf_hash(entry)])
            while waiting and waiting[0].size == edge.size:
                report.compare_checkpoint(waiting.pop(0), edge.root())
        progress(edge.size, checkpoint.size)
    report.size = edge.size
    if edge.root() != checkpoint.root:
        report.add(Kind.TREE_ALTERED, f"the {edge.size} entries of the mirror do not give its checkpoint's root")
    for one in waiting:
        if one.size:
            report.add(Kind.TRUNCATED, f"a checkpoint of {one.size} entries was kept and the mirror has {edge.size}")
    if export is not None:
        _compare_export(export, digests, report)
    return report


def _checkpoint(mirror: Path, verifiers: Sequence[Verifier], report: Report) -> Checkpoint:
    try:
        note = (mirror / CHECKPOINT_PATH).read_text(encoding="utf-8")
        checkpoint, signed_by = open_checkpoint(note, verifiers)
    except (OSError, UnicodeDecodeError, NoteError) as error:
        raise MirrorError(f"{mirror / CHECKPOINT_PATH}: {error}") from error
    if not signed_by:
        report.add(Kind.UNSIGNED, "the mirror's checkpoint bears no signature of a key that was given")
    return checkpoint


def _bundles(mirror: Path, size: int) -> Iterator[list[bytes]]:
    for number in range(-(-size // WIDTH)):
        tile = Tile(ENTRIES, number, min(WIDTH, size - number * WIDTH))
        try:
            place = mirror / tile.path
            if not place.exists():  # a partial bundle may go when the full one is there
                place = mirror / tile._replace(width=WIDTH).path
            entries = entries_of(place.read_bytes())
        except (OSError, ValueError) as error:
            raise MirrorError(f"{mirror / tile.path}: {error}") from error
        yield entries[: tile.width]


def digest_of(line: bytes) -> tuple[UUID, bytes]:
    """The id of an exported event and the SHA-256 of its canonical bytes. Raises ValueError if it is none."""
    try:
        event = {name: _plain(name, raw) for name, raw in _decode(line).items()}
        return UUID(event["event_id"]), hashlib.sha256(canonical_bytes(canonical_values(event))).digest()
    except (msgspec.MsgspecError, KeyError, ValueError, TypeError, AttributeError) as error:
        raise ValueError(f"not an exported event ({error})") from error


def _compare_export(export: Path, digests: dict[UUID, bytes], report: Report) -> None:
    redactions = Redactions(report)
    with export.open("rb") as lines:
        for number, line in enumerate(lines, 1):
            try:
                event_id, digest = digest_of(line)
            except ValueError as error:
                raise MirrorError(f"{export}, line {number}: {error}") from error
            sealed = digests.get(event_id)
            report.compared += 1
            if (erasure := erasure_in(line)) is not None:
                redactions.tell([erasure])
            if sealed is None:
                report.add(Kind.NOT_IN_LOG, "exported, and not in the mirror: slipped in, or not sealed yet", event_id)
            elif sealed != digest:
                redactions.changed(event_id, digest, "not what was sealed", claimed=has_marker(line))
            else:
                redactions.intact(event_id)
    redactions.end()


def _plain(name: str, raw: msgspec.Raw) -> Any:
    return raw if name in _JSON else msgspec.json.decode(raw)
