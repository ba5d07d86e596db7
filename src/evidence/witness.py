"""A witness (C2SP tlog-witness): it makes sure that the log only grows, and cosigns its checkpoints."""

from __future__ import annotations

import base64

from evidence.checkpoint import Checkpoint
from evidence.http import Answer, Http
from evidence.merkle import Subtree, combine, consistency_ranges, perfect_root, subtrees
from evidence.note import NoteError, Signature, Verifier, parse_note
from evidence.publish import PublishError, Stored, stored_tile
from evidence.tiles import hashes_of, tile_of

__all__ = ["Witness", "consistency_proof"]

_OK, _CONFLICT = 200, 409


class Witness:
    """Submits each checkpoint to the witness that `verifier` is the key of; url: its submission prefix."""

    takes_cosignatures = False

    def __init__(self, verifier: Verifier, url: str, http: Http) -> None:
        self.name = f"witness {verifier.name}"
        self._verifier = verifier
        self._url = f"{url.rstrip('/')}/add-checkpoint"
        self._http = http
        self._old = 0

    def check(self, stored: Stored) -> None:
        """A witness refuses by itself what contradicts what it saw."""

    def publish(self, stored: Stored, checkpoint: Checkpoint, note: str) -> list[Signature]:
        """Have a checkpoint cosigned, and keep the cosignature. Raises PublishError, RepositoryError."""
        answer = self._submit(stored, checkpoint, note)
        if answer.status == _CONFLICT and answer.headers.get("content-type", "").startswith("text/x.tlog.size"):
            self._old = self._size_in(answer, checkpoint)
            answer = self._submit(stored, checkpoint, note)
        if answer.status != _OK:
            raise PublishError(
                f"{self._url} answers {answer.status} for {checkpoint.size} entries: {answer.text[:200]}"
            )
        signature = self._cosignature(note, answer.text)
        self._old = checkpoint.size
        stored.keep_cosignature(self._verifier.name, checkpoint.size, signature.line)
        return [signature]

    def _submit(self, stored: Stored, checkpoint: Checkpoint, note: str) -> Answer:
        if self._old > checkpoint.size:
            self._old = 0
        proof = consistency_proof(stored, self._old, checkpoint.size)
        lines = [f"old {self._old}", *(base64.b64encode(one).decode() for one in proof), "", note]
        return self._http.send("POST", self._url, body="\n".join(lines).encode())

    def _size_in(self, answer: Answer, checkpoint: Checkpoint) -> int:
        text = answer.text.removesuffix("\n")
        if not (text.isascii() and text.isdigit() and len(text) < 20):  # noqa: PLR2004 - 63 bits
            raise PublishError(f"{self._url} answers 409 without a size")
        if int(text) > checkpoint.size:
            raise PublishError(
                f"{self._url} has cosigned {text} entries of this log, which has {checkpoint.size}:"
                " committed events were lost, or another log has this name and key"
            )
        return int(text)

    def _cosignature(self, note: str, lines: str) -> Signature:
        try:
            text, signatures = parse_note(note + lines)
        except NoteError as error:
            raise PublishError(f"{self._url} answers what is no cosignature: {error}") from error
        for one in signatures:
            known = (one.name, one.key_id) == (self._verifier.name, self._verifier.key_id)
            if known and self._verifier.verifies(text, one.data):
                return one
        raise PublishError(f"{self._url} answers without a valid cosignature of {self._verifier.name}")


def consistency_proof(stored: Stored, old: int, new: int) -> list[bytes]:
    """The proof that the tree of `new` leaves begins with that of `old` leaves; both at most what is stored."""

    def hash_of(subtree: Subtree) -> bytes:
        tile, offset, count = tile_of(subtree, new)
        return perfect_root(hashes_of(stored_tile(stored, tile))[offset : offset + count])

    return [combine([hash_of(one) for one in subtrees(leaves)]) for leaves in consistency_ranges(old, new)]
