"""Making a signed export: sealed events in the order of the log, and what proves them, as one tar.

Events are read some hundred at a time and written to files beside the target, which is put in place when it is whole.
"""

from __future__ import annotations

import hashlib
import os
import tarfile
import tempfile
from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from datetime import date, datetime
from pathlib import Path
from typing import BinaryIO, Self
from uuid import UUID

import msgspec

from evidence import export_format as form
from evidence.canonical import ENTRY_SIZE, Entry
from evidence.checkpoint import Checkpoint
from evidence.note import Signer, sign_note
from evidence.proofs import Prover
from evidence.report import Progress
from repository.errors import RepositoryError
from repository.event_filters import EventFilter
from repository.export_store import ExportStore
from repository.records import month_of

__all__ = ["Asked", "NothingSealedError", "export"]

#: Entries that are looked up at once: an event has 256 KiB at the most.
_PORTION = 512
_encode = msgspec.json.Encoder(order="deterministic").encode


class NothingSealedError(Exception):
    """The log has no entries yet."""


class Asked(msgspec.Struct, frozen=True, kw_only=True):
    """What to export: whole UTC days, inclusive, None for all; and of them what passes the filters. query: as asked."""

    first_day: date | None
    last_day: date | None
    where: EventFilter
    query: Mapping[str, str]
    csv: bool

    @property
    def is_complete(self) -> bool:
        """Whether nothing but days is asked for."""
        return self.where == EventFilter()

    def has(self, day: date) -> bool:
        """Whether a day is asked for."""
        return (self.first_day is None or day >= self.first_day) and (self.last_day is None or day <= self.last_day)


def export(
    store: ExportStore,
    asked: Asked,
    target: Path,
    *,
    signers: Sequence[Signer],
    made_by: str,
    clock: Callable[[], datetime],
    progress: Progress,
) -> form.Manifest:
    """Write what was sealed to `target`; what the manifest says. progress is told entries, of how many.

    Raises NothingSealedError, RepositoryError, OSError.
    """
    with store.snapshot(), tempfile.TemporaryDirectory(prefix=".export-", dir=target.parent) as place:
        last = store.last_batch()
        if last is None:
            raise NothingSealedError("nothing is sealed yet")
        checkpoint = Checkpoint(store.origin(), last.size, last.root)
        made_at = clock()
        with _Writer(store, asked, Path(place), last.size) as writer:
            writer.run(progress)
        complete = asked.is_complete and not writer.not_at_hand
        manifest = form.Manifest(
            format=form.FORMAT,
            made_at=made_at,
            made_by=made_by,
            query=asked.query,
            proves=form.COMPLETENESS if complete else "authenticity",
            first_day=asked.first_day,
            last_day=asked.last_day,
            events=writer.events,
            not_at_hand=dict(writer.not_at_hand),
            files=writer.files(),
            checkpoint=sign_note(checkpoint.text, signers) if signers else checkpoint.text,
        )
        text = msgspec.json.format(_encode(manifest), indent=1).decode() + "\n"
        Path(place, form.MANIFEST).write_bytes((sign_note(text, signers) if signers else text).encode())
        _pack(Path(place), [form.MANIFEST, *manifest.files], target, made_at)
    return manifest


def _pack(place: Path, names: Sequence[str], target: Path, at: datetime) -> None:
    draft = place / "tar"
    with draft.open("wb") as file:
        with tarfile.open(fileobj=file, mode="w", format=tarfile.PAX_FORMAT) as tar:
            for name in names:
                member = tarfile.TarInfo(name)
                member.size, member.mtime = (place / name).stat().st_size, int(at.timestamp())
                with (place / name).open("rb") as content:
                    tar.addfile(member, content)
        file.flush()
        os.fsync(file.fileno())
    draft.replace(target)


class _Writer:
    """Writes the files of one export."""

    def __init__(self, store: ExportStore, asked: Asked, place: Path, size: int) -> None:
        self._store = store
        self._asked = asked
        self._place = place
        self._size = size
        self._attached = set(store.months())
        self._erased = store.erased()
        self._exported: list[UUID] = []
        self._prover = Prover(store, size)
        self._open: dict[str, BinaryIO] = {}
        self.events = 0
        self.not_at_hand: Counter[str] = Counter()

    def __enter__(self) -> Self:
        names = [form.EVENTS, form.ENTRIES if self._asked.is_complete else form.PROOFS]
        names += [form.CSV] if self._asked.csv else []
        for name in [*names, form.ERASURES, form.ERASURE_PROOFS]:
            self._open[name] = (self._place / name).open("wb")
        if self._asked.csv:
            self._open[form.CSV].write(form.header_row())
        return self

    def __exit__(self, *_: object) -> None:
        for file in self._open.values():
            file.close()

    def files(self) -> dict[str, form.File]:
        """What was written, once it is closed."""
        found = {}
        for name in self._open:
            with (self._place / name).open("rb") as file:
                digest = hashlib.file_digest(file, "sha256").hexdigest()
            found[name] = form.File(bytes=(self._place / name).stat().st_size, sha256=digest)
        return found

    def run(self, progress: Progress) -> None:
        """Write everything."""
        for first in range(0, self._size, _PORTION):
            end = min(first + _PORTION, self._size)
            data = self._store.entries(first, end)
            if self._asked.is_complete:
                self._open[form.ENTRIES].write(data)
            self._portion(first, [data[at : at + ENTRY_SIZE] for at in range(0, len(data), ENTRY_SIZE)])
            progress(end, self._size)
        for leaf, line in self._store.erasures_of(self._exported):
            self._open[form.ERASURES].write(form.line_with_leaf(leaf, line))
            self._prove(form.ERASURE_PROOFS, leaf, self._store.entries(leaf, leaf + 1))

    def _portion(self, first: int, raw: Sequence[bytes]) -> None:
        wanted = [(first + place, data, Entry.parse(data)) for place, data in enumerate(raw)]
        wanted = [one for one in wanted if self._asked.has(one[2].day)]
        by_month: dict[date, list[UUID]] = {}
        for _, _, entry in wanted:
            by_month.setdefault(month_of(entry.day), []).append(entry.event_id)
        lines: dict[UUID, bytes] = {}
        for month, ids in by_month.items():
            lines |= self._lines(month, ids)
        for leaf, data, entry in wanted:
            if (line := lines.get(entry.event_id)) is not None:
                self._write(leaf, data, entry.event_id, line)

    def _lines(self, month: date, ids: Sequence[UUID]) -> Mapping[UUID, bytes]:
        if month in self._attached:
            try:
                return self._store.lines(month, ids, self._asked.where)
            except RepositoryError:
                if self._store.lost:
                    raise
        self.not_at_hand[f"{month:%Y-%m}"] += len(ids)
        return {}

    def _write(self, leaf: int, entry: bytes, event_id: UUID, event: bytes) -> None:
        line = form.line_with_leaf(leaf, event)
        self._open[form.EVENTS].write(line)
        if self._asked.csv:
            self._open[form.CSV].write(form.csv_row(line))
        if not self._asked.is_complete:
            self._prove(form.PROOFS, leaf, entry)
        if event_id in self._erased:
            self._exported.append(event_id)
        self.events += 1

    def _prove(self, name: str, leaf: int, entry: bytes) -> None:
        self._open[name].write(form.proof_line(form.LeafProof(leaf, entry, self._prover.path(leaf))))
