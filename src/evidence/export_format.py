"""The form of a signed export: a tar of a manifest, events, and what proves them. docs/evidence.md has it in words."""

from __future__ import annotations

import base64
import csv
import io
from collections.abc import Mapping, Sequence
from datetime import date, datetime
from typing import Any, NamedTuple

import msgspec

__all__ = [
    "COMPLETENESS", "CSV", "ENTRIES", "ERASURES", "ERASURE_PROOFS", "EVENTS", "FORMAT", "MANIFEST", "PROOFS", "File",
    "LeafProof", "Manifest", "csv_row", "header_row", "leaf_of", "line_with_leaf", "parse_proof", "proof_line",
]  # fmt: skip

FORMAT = "datastorage-export/1"
#: The members of the tar, in their order. A complete export has ENTRIES, another one PROOFS.
MANIFEST, EVENTS, CSV, ENTRIES, PROOFS = "manifest", "events.ndjson", "events.csv", "entries", "proofs.ndjson"
ERASURES, ERASURE_PROOFS = "erasures.ndjson", "erasure-proofs.ndjson"
#: What an export proves: that its events are those that were sealed, and that none of its days is left out.
COMPLETENESS = "completeness"
_LEAF = "log_index"
_COLUMNS = (
    _LEAF, "event_id", "version", "event_timestamp", "event_date", "event_type", "event_category", "event_action",
    "event_outcome", "actor_type", "actor_id", "actor_ip", "resource_type", "resource_id", "resource_name",
    "correlation_id", "parent_event_id", "parent_event_date", "trace_id", "span_id", "namespace", "cluster_name",
    "event_data", "event_metadata", "severity", "duration_ms", "error_code", "error_message", "retention_days",
    "is_sensitive", "recorded_at", "recorded_by",
)  # fmt: skip
#: What makes a spreadsheet take a cell for a formula (OWASP, CSV Injection).
_FORMULA_STARTS = ("=", "+", "-", "@", "\t", "\r")
_decode = msgspec.json.Decoder(dict[str, msgspec.Raw]).decode


class File(msgspec.Struct, frozen=True, kw_only=True):
    """A member of the tar: its bytes, and their SHA-256 in hexadecimal digits."""

    bytes: int
    sha256: str


class Manifest(msgspec.Struct, frozen=True, kw_only=True):
    """What an export is; signed as a note.

    query: what was asked for. proves: completeness or authenticity. first_day, last_day: the UTC days that were asked
    for, inclusive; None for all. not_at_hand: sealed events of those days, by month, whose month could not be read.
    checkpoint: the log's, as a signed note.
    """

    format: str
    made_at: datetime
    made_by: str
    query: Mapping[str, str]
    proves: str
    first_day: date | None
    last_day: date | None
    events: int
    not_at_hand: Mapping[str, int]
    files: Mapping[str, File]
    checkpoint: str


class LeafProof(NamedTuple):
    """That an entry stands at a leaf: its bytes, and the hashes from there to the root."""

    leaf: int
    entry: bytes
    path: Sequence[bytes]


class _Proof(msgspec.Struct):
    leaf_index: int
    entry: bytes
    hashes: list[bytes]


class _Line(msgspec.Struct):
    log_index: int


_parse, _line = msgspec.json.Decoder(_Proof).decode, msgspec.json.Decoder(_Line).decode


def line_with_leaf(leaf: int, line: bytes) -> bytes:
    """The line of an event, with its leaf in front."""
    return b'{"%s":%d,' % (_LEAF.encode(), leaf) + line[1:] + b"\n"


def leaf_of(line: bytes) -> int:
    """The leaf of an exported event. Raises ValueError."""
    try:
        return _line(line).log_index
    except msgspec.MsgspecError as error:
        raise ValueError(f"not an exported event ({error})") from error


def proof_line(proof: LeafProof) -> bytes:
    """A proof as a line of JSON."""
    hashes = ",".join(f'"{base64.b64encode(one).decode()}"' for one in proof.path)
    entry = base64.b64encode(proof.entry).decode()
    return f'{{"leaf_index":{proof.leaf},"entry":"{entry}","hashes":[{hashes}]}}\n'.encode()


def parse_proof(line: bytes) -> LeafProof:
    """The proof in a line. Raises ValueError."""
    try:
        found = _parse(line)
    except msgspec.MsgspecError as error:
        raise ValueError(f"not a proof ({error})") from error
    return LeafProof(found.leaf_index, found.entry, found.hashes)


def header_row() -> bytes:
    """The first row of the CSV file."""
    return _csv(_COLUMNS)


def csv_row(line: bytes) -> bytes:
    """An exported event as a row of CSV; text that looks like a formula gets an apostrophe in front."""
    event = _decode(line)
    return _csv([_cell(event[name]) for name in _COLUMNS])


def _csv(cells: Sequence[Any]) -> bytes:
    text = io.StringIO(newline="")
    csv.writer(text).writerow(cells)
    return text.getvalue().encode()


def _cell(raw: msgspec.Raw) -> str:
    text = bytes(raw).decode()
    if text == "null":
        return ""
    if not text.startswith('"'):
        return text
    value: str = msgspec.json.decode(raw, type=str)
    return "'" + value if value.startswith(_FORMULA_STARTS) else value
