"""Tiles, notes, checkpoints and canonical bytes against their specifications."""

import base64
from datetime import UTC, date, datetime
from uuid import UUID

import msgspec
import pytest

from evidence.canonical import FIELDS, Entry, canonical_bytes, canonical_values, packed_entry
from evidence.checkpoint import Checkpoint, open_checkpoint, parse_checkpoint
from evidence.merkle import EMPTY_ROOT, Subtree
from evidence.note import KeyFormatError, NoteError, Signer, Verifier, open_note, parse_note, sign_note
from evidence.tiles import ENTRIES, Tile, bundle, entries_of, hashes_of, parse_path, tile_of, tiles_between

# The example of the documentation of golang.org/x/mod/sumdb/note.
VKEY = "PeterNeumann+c74f20a3+ARpc2QcUPDhMQegwxbzhKqiBfsVkmqq/LDE4izWy10TW"
NOTE = (
    "If you think cryptography is the answer to your problem,\n"
    "then you don't know what your problem is.\n"
    "\n"
    "— PeterNeumann x08go/ZJkuBS9UG/SffcvIAQxVBtiFupLLr8pAcElZInNIuGUgYN1FFYC2pZSNXgKvqfqdngotpRZb6KE6RyyBwJnAM=\n"
)


@pytest.mark.parametrize(
    ("tile", "path"),
    [
        (Tile(0, 0), "tile/0/000"),
        (Tile(2, 1234067), "tile/2/x001/x234/067"),
        (Tile(0, 999, 17), "tile/0/999.p/17"),
        (Tile(ENTRIES, 1000, 1), "tile/entries/x001/000.p/1"),
    ],
)
def test_a_tile_has_one_path(tile, path):
    assert tile.path == path
    assert parse_path(path) == tile


@pytest.mark.parametrize(
    "path",
    ["tile/0/0", "tile/00/000", "tile/0/x000/001", "tile/0/000.p/256", "tile/0/000.p/0", "tile/8/000", "tile/0/001/000",
     "tile/data/000", "tile/0/000/", "checkpoint", "tile/0/000.p/01"],
)  # fmt: skip
def test_another_spelling_is_no_path(path):
    assert parse_path(path) is None


def test_the_specifications_example_has_its_tiles():
    tiles = [tile for tile in tiles_between(0, 70_000) if tile.level >= 0]
    assert len([t for t in tiles if t.level == 0 and t.width == 256]) == 273
    assert [t for t in tiles if t.width < 256] == [Tile(0, 273, 112), Tile(1, 1, 17), Tile(2, 0, 1)]
    assert [t for t in tiles_between(0, 256) if t.level >= 0] == [Tile(0, 0), Tile(1, 0, 1)]
    assert list(tiles_between(300, 300)) == []
    assert [t.path for t in tiles_between(300, 301)] == ["tile/entries/001.p/45", "tile/0/001.p/45"]


def test_a_subtree_is_found_in_its_tile():
    assert tile_of(Subtree(0, 300), 301) == (Tile(0, 1, 45), 44, 1)
    assert tile_of(Subtree(7, 1), 256) == (Tile(0, 0), 128, 128)
    assert tile_of(Subtree(8, 0), 300) == (Tile(1, 0, 1), 0, 1)


def test_bundles_and_tiles_come_apart_as_they_were_put_together():
    assert entries_of(bundle([b"one", b"", b"three"])) == [b"one", b"", b"three"]
    assert hashes_of(EMPTY_ROOT * 3) == [EMPTY_ROOT] * 3
    with pytest.raises(ValueError, match="cut short"):
        entries_of(bundle([b"one"])[:-1])
    with pytest.raises(ValueError, match="cut short"):
        hashes_of(EMPTY_ROOT[:-1])


def test_a_note_signed_elsewhere_opens():
    text, signed_by = open_note(NOTE, [Verifier.parse(VKEY)])
    assert text.startswith("If you think cryptography")
    assert [str(verifier) for verifier in signed_by] == [VKEY]


def test_a_note_of_an_unknown_key_is_signed_by_nobody():
    assert open_note(NOTE, [Signer.generate("PeterNeumann").verifier])[1] == []


@pytest.mark.parametrize(
    "note",
    [NOTE.replace("answer", "Answer"), NOTE.replace("x08go/Z", "x08go/A"), NOTE[:-1], NOTE.replace("\n\n", "\n"),
     NOTE.replace("PeterNeumann x", "Peter Neumann x"), NOTE.replace("— ", "- "), "", "\n\n", NOTE + "\x01\n"],
)  # fmt: skip
def test_a_note_that_was_changed_does_not_open(note):
    with pytest.raises(NoteError):
        open_note(note, [Verifier.parse(VKEY)])


def test_a_key_survives_its_text_form_and_is_not_shown():
    signer = Signer.generate("example.com/audit")
    again = Signer.parse(signer.secret_text() + "\n")
    assert str(again.verifier) == str(signer.verifier)
    assert again.sign("text\n") == signer.sign("text\n")
    assert signer.secret_text().split("+", 4)[4] not in repr(signer)


@pytest.mark.parametrize(
    "text", ["", "PRIVATE+KEY+a+b", VKEY, VKEY.replace("c74f", "c74e"), "a+b+c", "a b+00000000+AA"]
)
def test_what_is_no_key_is_refused(text):
    with pytest.raises(KeyFormatError):
        Signer.parse(text)
    if text != VKEY:
        with pytest.raises(KeyFormatError):
            Verifier.parse(text)


def test_a_cosignature_is_checked_with_its_time():
    witness = Signer.generate("witness.example")
    key = base64.b64decode(str(witness.verifier).split("+", 2)[2])[1:]
    verifier = Verifier("witness.example", key, 4)
    text = Checkpoint("log", 0, EMPTY_ROOT).text
    signature = witness.sign(f"cosignature/v1\ntime 1700000000\n{text}").data
    assert verifier.verifies(text, (1_700_000_000).to_bytes(8, "big") + signature)
    assert not verifier.verifies(text, (1_700_000_001).to_bytes(8, "big") + signature)


def test_a_checkpoint_says_what_it_said():
    signer = Signer.generate("example.com/audit")
    checkpoint = Checkpoint("example.com/audit", 7, EMPTY_ROOT)
    note = sign_note(checkpoint.text, [signer])
    assert open_checkpoint(note, [signer.verifier])[0] == checkpoint
    assert [v.name for v in open_checkpoint(note, [signer.verifier])[1]] == ["example.com/audit"]
    assert parse_note(note)[0] == checkpoint.text
    assert open_checkpoint(checkpoint.text, [signer.verifier]) == (checkpoint, [])


@pytest.mark.parametrize(
    "text", ["a\n1\n", "a\n01\nAA==\n", "a\n-1\nAA==\n", "\n1\nAA==\n", "a\n1\nAA\n", "a\n²\nAA==\n"]
)
def test_what_is_no_checkpoint_is_refused(text):
    with pytest.raises(NoteError):
        parse_checkpoint(text)


def test_canonical_bytes_are_a_row_of_binary_copy():
    assert canonical_bytes(["a", None]) == (
        b"\x00\x03" + b"\x00\x00\x00\x0daudit_event/1" + b"\x00\x00\x00\x01a" + b"\xff\xff\xff\xff"
    )


def test_an_entry_survives_its_bytes():
    event_id, day = UUID(int=2**127 + 5), date(2026, 11, 21)
    data = packed_entry(event_id.bytes, 20261121, bytes(32))
    entry = Entry.parse(data)
    assert (entry.event_id, entry.day, entry.data, len(data)) == (event_id, day, data, 53)
    with pytest.raises(ValueError, match="no log entry"):
        Entry.parse(b"\x02" + data[1:])
    with pytest.raises(ValueError, match="no log entry"):
        Entry.parse(data[:-1])


def test_an_exported_event_has_the_texts_that_postgresql_gives():
    event = dict.fromkeys([*FIELDS, "version"])
    event |= {
        "version": "1.0",
        "event_timestamp": "2026-11-21T03:04:05.000006+00:00",
        "recorded_at": datetime(1969, 12, 31, 23, 59, 59, 999999, tzinfo=UTC).isoformat(),
        "event_data": msgspec.Raw(b'{"n": 1.50}'),
        "event_metadata": msgspec.Raw(b"null"),
        "is_sensitive": False,
        "retention_days": 2555,
    }
    values = dict(zip(FIELDS, canonical_values(event), strict=True))
    assert values["event_version"] == "1.0"
    assert values["event_timestamp"] == "1795230245000006"
    assert values["recorded_at"] == "-1"
    assert values["event_data"] == '{"n": 1.50}'
    assert values["event_metadata"] is None
    assert values["is_sensitive"] == "false"
    assert values["retention_days"] == "2555"
    assert values["actor_ip"] is None
