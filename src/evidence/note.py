"""Signed notes (C2SP signed-note) with Ed25519 keys, and the cosignatures of witnesses (C2SP tlog-cosignature)."""

from __future__ import annotations

import base64
import binascii
import hashlib
import re
from collections.abc import Iterable, Sequence
from typing import NamedTuple

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey

__all__ = ["KeyFormatError", "NoteError", "Signature", "Signer", "Verifier", "open_note", "parse_note", "sign_note"]

_ED25519, _COSIGNATURE = 1, 4
_KEY_BYTES = 32
_PRIVATE_PREFIX = "PRIVATE+KEY+"
_SIGNATURE_LINE = re.compile(r"\u2014 (\S+) ([A-Za-z0-9+/]+={0,2})")
_MAX_NOTE = 1_000_000
_MAX_SIGNATURES = 100


class NoteError(Exception):
    """This is no signed note."""


class KeyFormatError(Exception):
    """This is no note key."""


class Signature(NamedTuple):
    """One signature line: the key's name and id, and the signature's bytes."""

    name: str
    key_id: bytes
    data: bytes

    @property
    def line(self) -> str:
        """The line as it stands in the note, with its newline."""
        return f"\u2014 {self.name} {base64.b64encode(self.key_id + self.data).decode()}\n"


class Verifier:
    """A public key with its name. Its text form is `name+id+key`, as Go's sumdb/note has it (a "vkey")."""

    def __init__(self, name: str, public: bytes, algorithm: int = _ED25519) -> None:
        if not _is_name(name):
            raise KeyFormatError("the name of a key must have at least one character, no space and no plus sign")
        if len(public) != _KEY_BYTES or algorithm not in {_ED25519, _COSIGNATURE}:
            raise KeyFormatError("a verifier key is NAME+ID+KEY with an Ed25519 key")
        self.name = name
        self.algorithm = algorithm
        self._raw = public
        self._public = Ed25519PublicKey.from_public_bytes(public)
        self.key_id = hashlib.sha256(name.encode() + b"\n" + bytes([algorithm]) + public).digest()[:4]

    @classmethod
    def parse(cls, text: str) -> Verifier:
        """The verifier that `text` names. Raises KeyFormatError, also where the id does not belong to the key."""
        name, key_id, key = _key_parts(text)
        verifier = cls(name, key[1:], key[0])
        if verifier.key_id != key_id:
            raise KeyFormatError("the id of the verifier key does not belong to its name and key")
        return verifier

    def __str__(self) -> str:
        return f"{self.name}+{self.key_id.hex()}+{base64.b64encode(bytes([self.algorithm]) + self._raw).decode()}"

    def verifies(self, text: str, signature: bytes) -> bool:
        """Whether `signature` is this key's signature on the note's `text`."""
        message = text.encode()
        if self.algorithm == _COSIGNATURE:
            instant = int.from_bytes(signature[:8], "big")
            message, signature = f"cosignature/v1\ntime {instant}\n".encode() + message, signature[8:]
        try:
            self._public.verify(signature, message)
        except InvalidSignature:
            return False
        return True


class Signer:
    """A private key with its name. Its text form is that of Go's sumdb/note (`PRIVATE+KEY+name+id+key`)."""

    def __init__(self, name: str, private: Ed25519PrivateKey) -> None:
        self._private = private
        self.verifier = Verifier(name, private.public_key().public_bytes_raw())

    @classmethod
    def generate(cls, name: str) -> Signer:
        """A new key, from the operating system's randomness."""
        return cls(name, Ed25519PrivateKey.generate())

    @classmethod
    def parse(cls, text: str) -> Signer:
        """The signer in `text`. Raises KeyFormatError; the message never contains the key."""
        if not text.startswith(_PRIVATE_PREFIX):
            raise KeyFormatError(f"a signing key begins with {_PRIVATE_PREFIX}")
        name, key_id, key = _key_parts(text.removeprefix(_PRIVATE_PREFIX))
        if key[0] != _ED25519 or len(key) != 1 + _KEY_BYTES:
            raise KeyFormatError("a signing key is an Ed25519 key")
        signer = cls(name, Ed25519PrivateKey.from_private_bytes(key[1:]))
        if signer.verifier.key_id != key_id:
            raise KeyFormatError("the id of the signing key does not belong to its name and key")
        return signer

    def secret_text(self) -> str:
        """The private key's text form: a secret."""
        key = base64.b64encode(bytes([_ED25519]) + self._private.private_bytes_raw()).decode()
        return f"{_PRIVATE_PREFIX}{self.verifier.name}+{self.verifier.key_id.hex()}+{key}"

    def __repr__(self) -> str:
        return f"Signer({self.verifier})"

    def sign(self, text: str) -> Signature:
        """The signature on the note's `text`; Ed25519 gives the same one each time (RFC 8032)."""
        return Signature(self.verifier.name, self.verifier.key_id, self._private.sign(text.encode()))


def sign_note(text: str, signers: Iterable[Signer], others: Sequence[Signature] = ()) -> str:
    """The note with `text`, which ends in a newline, signed by each signer; `others` are signatures it has already."""
    return f"{text}\n{''.join(signature.line for signature in [*(s.sign(text) for s in signers), *others])}"


def parse_note(note: str) -> tuple[str, list[Signature]]:
    """The text and the signatures of a note, none of them checked. Raises NoteError."""
    head, blank, tail = note.rpartition("\n\n")
    if not blank or len(note) > _MAX_NOTE or any(ord(char) < 32 and char != "\n" for char in note):  # noqa: PLR2004
        raise NoteError
    lines = tail.split("\n")
    if lines.pop() or not 1 <= len(lines) <= _MAX_SIGNATURES:
        raise NoteError
    return f"{head}\n", [_signature(line) for line in lines]


def open_note(note: str, verifiers: Iterable[Verifier]) -> tuple[str, list[Verifier]]:
    """The text of a note, and those of `verifiers` whose valid signature it bears.

    Signatures of unknown keys are ignored. Raises NoteError, also where a known key's signature is wrong.
    """
    known = {(verifier.name, verifier.key_id): verifier for verifier in verifiers}
    text, signatures = parse_note(note)
    signed_by: dict[bytes, Verifier] = {}
    for signature in signatures:
        verifier = known.get((signature.name, signature.key_id))
        if verifier is None:
            continue
        if not verifier.verifies(text, signature.data):
            raise NoteError(f"the signature of {verifier.name} does not belong to this note")
        signed_by[verifier.key_id] = verifier
    return text, list(signed_by.values())


def _signature(line: str) -> Signature:
    match = _SIGNATURE_LINE.fullmatch(line)
    data = _decoded(match[2]) if match else b""
    if match is None or len(data) <= 4 or not _is_name(match[1]):  # noqa: PLR2004 - a key id has 4 bytes
        raise NoteError("a signature line of the note is malformed")
    return Signature(match[1], data[:4], data[4:])


def _key_parts(text: str) -> tuple[str, bytes, bytes]:
    name, _, rest = text.strip().partition("+")
    key_id, _, key = rest.partition("+")
    data = _decoded(key)
    if not re.fullmatch(r"[0-9a-f]{8}", key_id) or not data:
        raise KeyFormatError("a note key is NAME+ID+KEY: ID has 8 hexadecimal digits, KEY is base64")
    return name, bytes.fromhex(key_id), data


def _decoded(text: str) -> bytes:
    try:
        return base64.b64decode(text, validate=True)
    except binascii.Error:
        return b""


def _is_name(name: str) -> bool:
    return bool(name) and "+" not in name and not any(char.isspace() for char in name)
