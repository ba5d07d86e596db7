"""Verifying a signed export with nothing but the file and the public key."""

from __future__ import annotations

import hashlib
import itertools
import tarfile
from collections.abc import Iterable, Iterator, Sequence
from datetime import date
from pathlib import Path
from typing import IO
from uuid import UUID

import msgspec

from evidence import export_format as form
from evidence.canonical import ENTRY_SIZE, Entry
from evidence.checkpoint import Checkpoint, open_checkpoint
from evidence.edge import Edge
from evidence.merkle import leaf_hash, verify_inclusion
from evidence.mirror import MirrorError, digest_of
from evidence.note import NoteError, Verifier, open_note
from evidence.redactions import Redactions, erasure_in, has_marker
from evidence.report import Kind, Progress, Report
from repository.records import month_of

__all__ = ["verify_export"]

_CHUNK = 1024 * 1024
#: Entries that are hashed at a time.
_PORTION = 4096


def verify_export(path: Path, verifiers: Sequence[Verifier], kept: Iterable[Checkpoint], progress: Progress) -> Report:
    """Compare the events of an export with the log's entries in it, and those with the checkpoint and those kept.

    Reads it as a stream, twice. progress is told entries or events, of how many. Raises MirrorError where the file
    is no such export at all.
    """
    try:
        with tarfile.open(path, "r:") as tar:
            check = _ExportCheck(tar, verifiers)
            check.run(kept, progress)
            return check.report
    except (OSError, tarfile.TarError) as error:
        raise MirrorError(f"{path} cannot be read: {error}") from error


class _ExportCheck:
    """One verification."""

    def __init__(self, tar: tarfile.TarFile, verifiers: Sequence[Verifier]) -> None:
        self._tar = tar
        self.report = Report()
        self._redactions = Redactions(self.report)
        self._manifest = self._read_manifest(verifiers)
        self._checkpoint = self._read_checkpoint(verifiers)

    def _read_manifest(self, verifiers: Sequence[Verifier]) -> form.Manifest:
        with self._member(form.MANIFEST) as file:
            note = file.read().decode("utf-8", "replace")
        text = note
        if "\n\n\u2014 " in note:
            try:
                text, signed_by = open_note(note, verifiers)
            except NoteError as error:
                self.report.add(Kind.EXPORT, f"the manifest was changed: {error}")
                text, signed_by = note.rpartition("\n\n")[0] + "\n", []
        else:
            signed_by = []
        if not signed_by:
            self.report.add(Kind.UNSIGNED, "the manifest bears no signature of a key that was given")
        try:
            manifest = msgspec.json.decode(text, type=form.Manifest)
        except msgspec.MsgspecError as error:
            raise MirrorError(f"this is no manifest of an export: {error}") from error
        if manifest.format != form.FORMAT:
            raise MirrorError(f"this release reads {form.FORMAT}, not {manifest.format}")
        return manifest

    def _read_checkpoint(self, verifiers: Sequence[Verifier]) -> Checkpoint:
        try:
            checkpoint, signed_by = open_checkpoint(self._manifest.checkpoint, verifiers)
        except NoteError as error:
            raise MirrorError(f"the export's checkpoint: {error}") from error
        if not signed_by:
            self.report.add(Kind.UNSIGNED, "the checkpoint bears no signature of a key that was given")
        self.report.size = checkpoint.size
        return checkpoint

    def run(self, kept: Iterable[Checkpoint], progress: Progress) -> None:
        self._compare_files()
        self._hear_of_erasures()
        waiting = sorted(kept, key=lambda one: one.size)
        if form.ENTRIES in self._manifest.files:
            waiting = self._compare_entries(waiting, progress)
        else:
            self._compare_proofs(progress)
        self._redactions.end()
        if form.CSV in self._manifest.files:
            self._compare_csv()
        for checkpoint in waiting:
            if checkpoint.size == self._checkpoint.size:
                self.report.compare_checkpoint(checkpoint, self._checkpoint.root)
            elif checkpoint.size:
                detail = f"the kept checkpoint of {checkpoint.size} entries cannot be compared with this export"
                self.report.add(Kind.NOT_IN_LOG, detail)

    def _compare_files(self) -> None:
        """Every member of the tar is what the manifest says, and there is no other."""
        names = self._tar.getnames()
        if sorted(names) != sorted([form.MANIFEST, *self._manifest.files]):
            self.report.add(Kind.EXPORT, "the export has other files than its manifest says")
        for name, told in self._manifest.files.items():
            digest = hashlib.sha256()
            with self._member(name) as file:
                while chunk := file.read(_CHUNK):
                    digest.update(chunk)
            if digest.hexdigest() != told.sha256:
                self.report.add(Kind.EXPORT, f"{name} is not what the manifest says")

    def _hear_of_erasures(self) -> None:
        """What sealed events tell of erasures; those among the exported events are heard of when they pass by."""
        with self._member(form.ERASURES) as lines, self._member(form.ERASURE_PROOFS) as proofs:
            for line, proof in itertools.zip_longest(lines, proofs):
                if line is None or proof is None or (found := self._proven(line, proof)) is None:
                    self.report.add(Kind.EXPORT, "an event about an erasure is not proven")
                elif (erasure := erasure_in(line)) is not None:
                    self._redactions.tell([erasure])
                    self._compare(*found, line)

    def _proven(self, line: bytes, proof: bytes) -> tuple[Entry, UUID, bytes] | None:
        """The entry, the id and the digest of an event whose entry is proven to be in the log."""
        try:
            leaf, data, path = form.parse_proof(proof)
            event_id, digest = digest_of(line)
            entry = Entry.parse(data)
            if form.leaf_of(line) != leaf or entry.event_id != event_id:
                return None
        except ValueError:
            return None
        proven = verify_inclusion(leaf_hash(data), leaf, self._checkpoint.size, path, self._checkpoint.root)
        return (entry, event_id, digest) if proven else None

    def _compare(self, entry: Entry, event_id: UUID, digest: bytes, line: bytes) -> None:
        if digest == entry.digest:
            self._redactions.intact(event_id)
        else:
            self._redactions.changed(event_id, digest, "not what was sealed", claimed=has_marker(line))

    def _compare_proofs(self, progress: Progress) -> None:
        with self._member(form.EVENTS) as lines, self._member(form.PROOFS) as proofs:
            for line, proof in itertools.zip_longest(lines, proofs):
                if line is None or proof is None or (found := self._proven(line, proof)) is None:
                    self.report.add(Kind.EXPORT, "an event is not proven to be in the log", _id_of(line))
                    continue
                self._passes(line, found)
                progress(self.report.compared, self._manifest.events)
        self._count()

    def _passes(self, line: bytes, found: tuple[Entry, UUID, bytes]) -> None:
        self.report.compared += 1
        if (erasure := erasure_in(line)) is not None:
            self._redactions.tell([erasure])
        self._compare(*found, line)

    def _compare_entries(self, waiting: list[Checkpoint], progress: Progress) -> list[Checkpoint]:
        """Rebuild the root of all entries; each one of the days that were asked for has its event."""
        edge = Edge()
        with self._member(form.EVENTS) as file:
            lines = _Lines(file)
            for data in self._entries():
                entry = Entry.parse(data)
                if self._is_asked(entry.day):
                    self._compare_entry(edge.size, entry, lines)
                edge.append([leaf_hash(data)])
                while waiting and waiting[0].size == edge.size:
                    self.report.compare_checkpoint(waiting.pop(0), edge.root())
                if edge.size % _PORTION == 0:
                    progress(edge.size, self._checkpoint.size)
            for line in lines.rest():
                self.report.add(Kind.INSERTED, "exported, and not where the log has it", _id_of(line))
        progress(edge.size, self._checkpoint.size)
        if (edge.size, edge.root()) != (self._checkpoint.size, self._checkpoint.root):
            self.report.add(Kind.TREE_ALTERED, "the entries in the export do not give its checkpoint's root")
        for month, count in self._manifest.not_at_hand.items():
            self.report.add(Kind.MONTH_GONE, f"{month} was not at hand: {count} sealed events of it are not here")
        self._count()
        return waiting

    def _compare_entry(self, leaf: int, entry: Entry, lines: _Lines) -> None:
        line = lines.at(leaf)
        if line is None:
            if f"{month_of(entry.day):%Y-%m}" not in self._manifest.not_at_hand:
                self.report.add(Kind.MISSING, f"sealed on {entry.day} and not in the export", entry.event_id)
            return
        try:
            event_id, digest = digest_of(line)
        except ValueError as error:
            self.report.add(Kind.EXPORT, str(error), entry.event_id)
            return
        if event_id != entry.event_id:
            self.report.add(Kind.INSERTED, "exported in the place of another event", event_id)
            return
        self._passes(line, (entry, event_id, digest))

    def _is_asked(self, day: date) -> bool:
        first, last = self._manifest.first_day, self._manifest.last_day
        return (first is None or day >= first) and (last is None or day <= last)

    def _count(self) -> None:
        if self.report.compared != self._manifest.events:
            detail = f"{self.report.compared} events are proven, the manifest says {self._manifest.events}"
            self.report.add(Kind.EXPORT, detail)

    def _compare_csv(self) -> None:
        """The CSV file says of each event what the NDJSON file says."""
        with self._member(form.EVENTS) as lines, self._member(form.CSV) as file:
            same = file.read(len(form.header_row())) == form.header_row()
            for line in lines:
                row = form.csv_row(line)
                same = same and file.read(len(row)) == row
            if not same or file.read(1):
                self.report.add(Kind.EXPORT, "events.csv does not say what events.ndjson says")

    def _entries(self) -> Iterator[bytes]:
        with self._member(form.ENTRIES) as file:
            while data := file.read(_PORTION * ENTRY_SIZE):
                for place in range(0, len(data), ENTRY_SIZE):
                    yield data[place : place + ENTRY_SIZE]

    def _member(self, name: str) -> IO[bytes]:
        try:
            file = self._tar.extractfile(name)
        except KeyError:
            file = None
        if file is None:
            raise MirrorError(f"the export has no file {name}")
        return file


class _Lines:
    """Exported events in the order of their leaves."""

    def __init__(self, file: IO[bytes]) -> None:
        self._file = iter(file)
        self._strays: list[bytes] = []
        self._next = next(self._file, None)

    def at(self, leaf: int) -> bytes | None:
        """The event of a leaf; None if it is not the next one. Those before it are strays."""
        while self._next is not None and (found := _leaf(self._next)) <= leaf:
            line, self._next = self._next, next(self._file, None)
            if found == leaf:
                return line
            self._strays.append(line)
        return None

    def rest(self) -> Iterator[bytes]:
        """Those that were in no leaf's place."""
        yield from self._strays
        if self._next is not None:
            yield self._next
        yield from self._file


def _leaf(line: bytes) -> int:
    try:
        return form.leaf_of(line)
    except ValueError:
        return -1


def _id_of(line: bytes | None) -> UUID | None:
    try:
        return digest_of(line)[0] if line else None
    except ValueError:
        return None
