"""Tombstones: what is left of a month that was dropped, and how the log's entries prove that it is that month's.

A tombstone is the text of a signed note: the log's origin with `/tombstone/1` behind it, then one fact a line. Its root
is that of the RFC 6962 tree over the month's leaves in the order of the log.
"""

from __future__ import annotations

import base64
import binascii
from collections.abc import Iterable, Sequence
from datetime import date, datetime
from typing import NamedTuple

from evidence.canonical import ENTRY_SIZE
from evidence.edge import Edge
from evidence.merkle import leaf_hash
from evidence.note import NoteError, Signer, Verifier, open_note, sign_note

__all__ = ["Section", "Tombstone", "open_tombstone", "section_of", "tombstone_note"]

_SUFFIX = "/tombstone/1"
_FIELDS = ("month", "events", "archive", "log", "leaves", "range", "root", "dropped", "by")


class Section:
    """A month's leaves in the log: how many, the places of the first and the last, and the tree over them."""

    def __init__(self, month: date) -> None:
        self._days = _days(month)
        self._edge = Edge()
        self.first: int | None = None
        self.last: int | None = None

    def add(self, first: int, entries: bytes) -> None:
        """Take those of the month out of entries that stand from leaf `first` on."""
        lowest, highest = self._days
        for place in range(0, len(entries), ENTRY_SIZE):
            if lowest <= entries[place + 17 : place + 21] < highest:
                self._edge.append([leaf_hash(entries[place : place + ENTRY_SIZE])])
                self.last = first + place // ENTRY_SIZE
                self.first = self.last if self.first is None else self.first

    @property
    def leaves(self) -> int:
        """How many leaves."""
        return self._edge.size

    @property
    def root(self) -> bytes:
        """The root of the tree over them."""
        return self._edge.root()


class Tombstone(NamedTuple):
    """What a tombstone says. size: entries of the log when the month was dropped. archive: SHA-256 of its lines."""

    origin: str
    month: date
    events: int
    archive: str
    size: int
    leaves: int
    first: int | None
    last: int | None
    root: bytes
    dropped: datetime
    by: str

    @property
    def text(self) -> str:
        """The note's text."""
        values = (
            f"{self.month:%Y-%m}", self.events, self.archive, self.size, self.leaves,
            "-" if self.first is None else f"{self.first} {self.last}",
            base64.b64encode(self.root).decode(), self.dropped.isoformat(), self.by,
        )  # fmt: skip
        facts = "".join(f"{name} {value}\n" for name, value in zip(_FIELDS, values, strict=True))
        return f"{self.origin}{_SUFFIX}\n{facts}"

    def is_of(self, section: Section) -> bool:
        """Whether the log's entries are those that it was made of."""
        found = (section.leaves, section.first, section.last, section.root)
        return found == (self.leaves, self.first, self.last, self.root)


def section_of(month: date, pieces: Iterable[tuple[int, bytes]]) -> tuple[Section, int]:
    """A month's section of a log, and the log's size. pieces: the first leaf and the entries of each, in order."""
    section, size = Section(month), 0
    for first, entries in pieces:
        section.add(first, entries)
        size = first + len(entries) // ENTRY_SIZE
    return section, size


def tombstone_note(tombstone: Tombstone, signers: Sequence[Signer]) -> str:
    """The signed note; without a key its text alone."""
    return sign_note(tombstone.text, signers) if signers else tombstone.text


def open_tombstone(note: str, verifiers: Iterable[Verifier]) -> tuple[Tombstone, list[Verifier]]:
    """The tombstone in a note, and those whose valid signature it bears; nobody's for an unsigned one.

    Raises NoteError, also where the signature of a known key is wrong.
    """
    text, signed_by = (note, []) if "\u2014" not in note else open_note(note, verifiers)
    head, *lines = text.removesuffix("\n").split("\n")
    facts = dict(line.partition(" ")[::2] for line in lines)
    if not head.endswith(_SUFFIX) or tuple(facts) != _FIELDS:
        raise NoteError("this is no tombstone")
    try:
        first, last = [None, None] if facts["range"] == "-" else map(int, facts["range"].split(" "))
        tombstone = Tombstone(
            origin=head.removesuffix(_SUFFIX),
            month=date.fromisoformat(f"{facts['month']}-01"),
            events=int(facts["events"]),
            archive=facts["archive"],
            size=int(facts["log"]),
            leaves=int(facts["leaves"]),
            first=first,
            last=last,
            root=base64.b64decode(facts["root"], validate=True),
            dropped=datetime.fromisoformat(facts["dropped"]),
            by=facts["by"],
        )
    except (ValueError, binascii.Error) as error:
        raise NoteError("the tombstone is malformed") from error
    return tombstone, signed_by


def _days(month: date) -> tuple[bytes, bytes]:
    """The days of a month as entries have them: from the first up to but not including the second."""
    number = month.year * 10000 + month.month * 100
    return number.to_bytes(4, "big"), (number + 100).to_bytes(4, "big")
