"""Tombstones against the log: whether what was dropped is what the log has of it."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import date

from evidence.note import NoteError, Verifier
from evidence.report import Kind, Report
from evidence.tombstone import Section, Tombstone, open_tombstone

__all__ = ["Burials"]


class Burials:
    """The tombstones of a log, compared with its entries as those pass by. verifiers: whose signatures count."""

    def __init__(self, notes: Iterable[str], verifiers: Sequence[Verifier], report: Report) -> None:
        self._report = report
        self._waiting: list[Tombstone] = []
        self._sections: dict[date, Section] = {}
        self._proven: dict[date, Tombstone] = {}
        for note in notes:
            self._take(note, verifiers)
        self._compare(0)

    def _take(self, note: str, verifiers: Sequence[Verifier]) -> None:
        try:
            stone, signed_by = open_tombstone(note, verifiers)
        except NoteError as error:
            self._report.add(Kind.TOMBSTONE, f"a tombstone cannot be trusted: {error}")
            return
        if verifiers and not signed_by:
            detail = f"the tombstone of {stone.month:%Y_%m} bears no signature of a key that was given"
            self._report.add(Kind.UNSIGNED, detail)
        self._waiting.append(stone)
        self._sections.setdefault(stone.month, Section(stone.month))

    def add(self, first: int, entries: bytes, size: int) -> None:
        """Take the entries of the next batch, behind which the log has `size`."""
        for section in self._sections.values():
            section.add(first, entries)
        self._compare(size)

    def _compare(self, size: int) -> None:
        for stone in [one for one in self._waiting if one.size <= size]:
            self._waiting.remove(stone)
            if stone.size == size and stone.is_of(self._sections[stone.month]):
                self._proven[stone.month] = stone
            else:
                detail = f"the log's entries of {stone.month:%Y_%m} are not those of its tombstone"
                self._report.add(Kind.TOMBSTONE, detail)

    def end(self) -> None:
        """Of a tombstone that waits for more entries than there are the end of the log is missing."""
        for stone in self._waiting:
            detail = f"the tombstone of {stone.month:%Y_%m} was written when the log had {stone.size} entries"
            self._report.add(Kind.TRUNCATED, detail)

    def of(self, month: date) -> Tombstone | None:
        """The tombstone of a month, if the log's entries are those that it was made of."""
        return self._proven.get(month)
