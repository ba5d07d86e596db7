"""No header, cursor or body breaks what parses it: a value, or the refusal that stands for it."""

from __future__ import annotations

import base64
import json
from datetime import UTC, datetime
from decimal import Decimal
from uuid import UUID

import pytest
from hypothesis import given
from hypothesis import strategies as st

from audit.cursors import Bookmark, Cursors, InvalidCursorError
from datastorage.edge.json_text import decode, without_lone_surrogates
from datastorage.edge.negotiation import negotiated
from repository.json_measures import depth_of, members_of, size_written_out
from repository.keyset import Position
from telemetry.tracing import parse_traceparent
from web.problems import Problem

OFFERED = ("application/json", "application/x-ndjson", "text/csv")
CURSORS = Cursors(b"key")
BOOKMARK = Bookmark(position=Position(datetime(2026, 1, 1, tzinfo=UTC), UUID(int=7)))
CURSOR = CURSORS.seal(BOOKMARK, "question")

plain = st.recursive(
    st.one_of(st.none(), st.booleans(), st.integers(), st.floats(allow_nan=False, allow_infinity=False), st.text()),
    lambda inner: st.one_of(st.lists(inner, max_size=4), st.dictionaries(st.text(), inner, max_size=4)),
    max_leaves=20,
)
documents = plain.map(lambda value: json.dumps(value).encode())
#: Text that is nearly JSON: pieces of it in any order.
pieces = st.lists(
    st.sampled_from(
        [b"{", b"}", b"[", b"]", b":", b",", b'"', b"\\", b"\\u0000", b"\\ud800", b"\\udc00", b"1e400", b"-0", b"0x1",
         b"NaN", b"null", b"tru", b'"a"', b"\xff", b"\xef\xbb\xbf", b"9" * 1100, b"1E-999999999999", b" ", b"\x00"]
    ),
    max_size=30,
).map(b"".join)  # fmt: skip


def exactly(text: bytes) -> object:
    return json.loads(text, parse_float=Decimal)


@given(documents)
def test_json_is_decoded_digit_for_digit_or_refused_as_unstorable(text):
    found = decode(text)
    if not found.violations:
        assert found.document == exactly(text)
    else:
        assert {violation.reason for violation in found.violations} == {"storable"}


@given(st.one_of(st.binary(max_size=200), pieces, st.tuples(documents, pieces).map(b"".join)))
def test_nothing_breaks_the_json_parser(text):
    found = decode(text)
    if found.violations:
        assert all(violation.pointer.startswith("#") and violation.detail for violation in found.violations)
    else:
        json.dumps(found.document, default=str).encode()  # no half of a surrogate pair, at any depth
    decode(without_lone_surrogates(text))


@given(plain)
def test_measures_of_json_are_no_less_than_it_has(value):
    text = json.dumps(value).encode()

    def depth(one):
        inside = one.values() if isinstance(one, dict) else one if isinstance(one, list) else ()
        return isinstance(one, (dict, list)) + max(map(depth, inside), default=0)

    def members(one):
        inside = list(one.values() if isinstance(one, dict) else one if isinstance(one, list) else ())
        return len(inside) + sum(map(members, inside))

    assert depth_of(text, -1) == depth(value)
    assert members_of(text, -1) == members(value)
    assert size_written_out(text, -1) >= len(text)


@given(
    st.one_of(st.text(max_size=300), st.binary(max_size=100).map(lambda raw: base64.urlsafe_b64encode(raw).decode()))
)
def test_no_text_but_a_cursor_of_ours_is_one(text):
    with pytest.raises(InvalidCursorError):
        CURSORS.open(text, "question")


@given(st.integers(0, len(CURSOR) - 1), st.characters())
def test_a_cursor_with_one_other_character_is_refused(at, character):
    changed = CURSOR[:at] + character + CURSOR[at + 1 :]
    if changed == CURSOR:
        assert CURSORS.open(changed, "question") == BOOKMARK
    else:
        with pytest.raises(InvalidCursorError):
            CURSORS.open(changed, "question")


ranges = st.lists(
    st.sampled_from([*OFFERED, "*/*", "text/*", ";q=0", ";q=1e9", ";q=nan", "; q=.5", ",", ";", "q=", "=", "é", "inf"]),
    max_size=12,
).map("".join)


@given(st.one_of(st.text(max_size=100), ranges))
def test_an_accept_header_chooses_what_is_offered_or_is_refused(accept):
    try:
        assert negotiated(accept, OFFERED) in OFFERED
    except Problem as problem:
        assert problem.kind.slug == "not-acceptable"  # noqa: PT017 - either outcome is right


traces = st.lists(
    st.sampled_from(["00", "ff", "cc", "-", "f" * 32, "0" * 32, "a" * 16, "0" * 16, "A" * 16, "01", "x", "\u0661"]),
    max_size=9,
).map("".join)


@given(st.one_of(st.text(max_size=80), traces))
def test_a_traceparent_gives_ids_that_are_valid_or_none(header):
    found = parse_traceparent(header)
    if found is not None:
        assert (len(found.trace_id), len(found.span_id)) == (32, 16)
        assert set(found.trace_id + found.span_id) <= set("0123456789abcdef")
        assert found.trace_id.strip("0")
        assert found.span_id.strip("0")
