"""Checkpoints (C2SP tlog-checkpoint): a log's origin, its size and its root, as the text of a signed note."""

from __future__ import annotations

import base64
import binascii
from collections.abc import Iterable
from typing import NamedTuple

from evidence.merkle import HASH_SIZE
from evidence.note import NoteError, Verifier, open_note

__all__ = ["Checkpoint", "open_checkpoint", "parse_checkpoint"]


class Checkpoint(NamedTuple):
    """What a log says about its tree. Extension lines are not used, and those of others are not kept."""

    origin: str
    size: int
    root: bytes

    @property
    def text(self) -> str:
        """The note's text."""
        return f"{self.origin}\n{self.size}\n{base64.b64encode(self.root).decode()}\n"


def parse_checkpoint(text: str) -> Checkpoint:
    """The checkpoint in the text of a note. Raises NoteError."""
    lines = text.split("\n")
    if len(lines) < 4 or lines[-1] or not all(lines[:-1]):  # noqa: PLR2004 - three lines and the end
        raise NoteError("a checkpoint has three lines: origin, size, root")
    origin, size, root = lines[:3]
    try:
        decoded = base64.b64decode(root, validate=True)
    except binascii.Error:
        decoded = b""
    if not (size.isascii() and size.isdigit()) or str(int(size[:20])) != size or len(decoded) != HASH_SIZE:
        raise NoteError("the checkpoint's size or root is malformed")
    return Checkpoint(origin, int(size), decoded)


def open_checkpoint(note: str, verifiers: Iterable[Verifier]) -> tuple[Checkpoint, list[Verifier]]:
    """The checkpoint in a signed note, and those whose valid signature it bears; nobody's for an unsigned one.

    Raises NoteError, also where the signature of a known key is wrong.
    """
    text, signed_by = (note.rstrip("\n") + "\n", []) if "\u2014" not in note else open_note(note, verifiers)
    return parse_checkpoint(text), signed_by


def unverified_checkpoint(note: str) -> Checkpoint:
    """The checkpoint in a note, signed or not, with no signature checked. Raises NoteError."""
    return open_checkpoint(note, ())[0]
