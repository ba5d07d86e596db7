"""Time forms, filters and cursors: what a query's parameters mean, and which of them are refused."""

from __future__ import annotations

import base64
from datetime import UTC, datetime, timedelta
from uuid import UUID

import pytest
from hypothesis import given
from hypothesis import strategies as st

from audit.cursors import Bookmark, Cursors, InvalidCursorError
from audit.instants import InvalidInstantError, parse_instant
from audit.query import InvalidQueryError, parse_query
from repository.event_conditions import conditions_of
from repository.event_filters import EventFilter, EventQuery
from repository.keyset import Position

NOW = datetime(2026, 3, 1, 12, 0, 0, tzinfo=UTC)
CURSORS = Cursors(b"key")
BOOKMARK = Bookmark(position=Position(NOW, UUID(int=7)), since=NOW - timedelta(days=1), low_selectivity=True)


@pytest.mark.parametrize(
    ("text", "meant"),
    [
        ("24h", NOW - timedelta(hours=24)),
        ("90m", NOW - timedelta(minutes=90)),
        ("7d", NOW - timedelta(days=7)),
        ("1h30m", NOW - timedelta(minutes=90)),
        ("45s", NOW - timedelta(seconds=45)),
        ("0h", NOW),
        ("500ms", NOW - timedelta(milliseconds=500)),
        ("1.5d", NOW - timedelta(hours=36)),
        ("1.5h", NOW - timedelta(minutes=90)),
        (".5s", NOW - timedelta(milliseconds=500)),
        ("1m1h", NOW - timedelta(minutes=61)),
        ("1h30m500ms20us", NOW - timedelta(minutes=90, microseconds=500020)),
        ("1500ns", NOW - timedelta(microseconds=1)),
        ("7µs", NOW - timedelta(microseconds=7)),
        ("2025-12-01", datetime(2025, 12, 1, tzinfo=UTC)),
        ("2025-12-01T10:00:00", datetime(2025, 12, 1, 10, tzinfo=UTC)),
        ("2025-12-01T10:00:00Z", datetime(2025, 12, 1, 10, tzinfo=UTC)),
        ("2025-12-01t10:00:00.5z", datetime(2025, 12, 1, 10, 0, 0, 500000, tzinfo=UTC)),
        ("2025-12-01T10:00:00+02:00", datetime(2025, 12, 1, 8, tzinfo=UTC)),
        ("2025-12-01T10:00:00 02:00", datetime(2025, 12, 1, 8, tzinfo=UTC)),
        ("2025-12-01T23:59:59.123456789-05:00", datetime(2025, 12, 2, 4, 59, 59, 123456, tzinfo=UTC)),
    ],
)
def test_every_time_form_means_one_instant(text, meant):
    assert parse_instant(text, NOW) == meant


@pytest.mark.parametrize("text", ["9999999d", "9999999999d" * 11, "0001-01-01T00:00:00+14:00"])
def test_what_lies_before_the_first_instant_means_the_first(text):
    assert parse_instant(text, NOW) == datetime.min.replace(tzinfo=UTC)


def test_what_lies_behind_the_last_instant_means_the_last():
    assert parse_instant("9999-12-31T23:59:59-14:00", NOW) == datetime.max.replace(tzinfo=UTC)


@pytest.mark.parametrize(
    "text",
    ["invalid", "", "h", "24", "-1h", "1.2.3h", ".h", ".", "1w", "1h30", "٢٤h",
      "2025-13-01", "2025-02-30", "2025/12/01", "2025-12-01T10",
     "2025-12-01 10:00:00", "2025-12-01T25:00:00Z", "2025-12-01T10:00:00+99:00",
     "now", "24h ", "1" * 5000 + "h"],
)  # fmt: skip
def test_anything_else_is_an_invalid_time_format(text):
    with pytest.raises(InvalidInstantError, match="invalid time format"):
        parse_instant(text, NOW)


@given(st.text(max_size=40))
def test_no_text_breaks_the_time_parser(text):
    try:
        assert parse_instant(text, NOW).tzinfo is UTC
    except InvalidInstantError as error:
        assert "invalid time format" in str(error)  # noqa: PT017 - either outcome is right


def query(**params):
    return parse_query(params, now=NOW, cursors=CURSORS)


def faults(**params):
    with pytest.raises(InvalidQueryError) as caught:
        query(**params)
    return dict(caught.value.errors)


def test_aliases_mean_since_and_until():
    asked = query(start_time="24h", end_time="2026-03-01")
    assert (asked.where.since, asked.where.until) == (NOW - timedelta(hours=24), datetime(2026, 3, 1, tzinfo=UTC))


def test_a_bad_time_names_the_parameter_as_the_client_wrote_it():
    found = faults(start_time="nonsense", until="never")
    assert set(found) == {"start_time", "until"}
    assert found["start_time"].startswith("start_time: invalid time format")


def test_an_alias_that_contradicts_its_parameter_is_refused():
    assert set(faults(since="1h", start_time="2h")) == {"start_time"}


def test_a_trailing_star_asks_for_a_prefix_and_a_star_alone_for_everything():
    assert query(event_type="gateway.*").where == EventFilter(event_type_prefix="gateway.")
    assert query(event_type="*").where == EventFilter()
    assert query(event_type="a*b").where == EventFilter(event_type="a*b")


@pytest.mark.parametrize("data", ["[1]", "1", '"x"', "null", "{", "", "{'a':1}", "[" * 4000])
def test_data_that_is_no_object_is_refused(data):
    assert set(faults(data=data)) == {"data"}


def test_an_empty_object_in_data_is_no_condition():
    assert query(data=" {} ").where.data is None


def test_all_faults_are_found_at_once():
    assert set(faults(since="x", until="y", data="[]", actor_id="a\0b")) == {"since", "until", "data", "actor_id"}


def test_a_cursor_keeps_the_window_of_the_first_page():
    params = {"since": "24h", "correlation_id": "c"}
    first = query(**params)
    cursor = CURSORS.seal(
        Bookmark(position=BOOKMARK.position, since=first.where.since),
        '{"correlation_id":"c","order":"desc","since":"24h"}',
    )
    later = parse_query({**params, "cursor": cursor}, now=NOW + timedelta(hours=5), cursors=CURSORS)
    assert later.where == first.where
    assert later.after == BOOKMARK.position


def test_a_cursor_opens_to_what_was_sealed():
    assert CURSORS.open(CURSORS.seal(BOOKMARK, "q"), "q") == BOOKMARK


def test_a_cursor_of_another_question_key_or_form_is_refused():
    sealed = CURSORS.seal(BOOKMARK, "q")
    for cursors, cursor, question in [
        (CURSORS, sealed, "other"),
        (Cursors(b"other"), sealed, "q"),
        (CURSORS, sealed[:-4], "q"),
        (CURSORS, "", "q"),
        (CURSORS, "ü" * 20, "q"),
        (CURSORS, "A" * 5000, "q"),
    ]:
        with pytest.raises(InvalidCursorError):
            cursors.open(cursor, question)


@given(st.integers(0, 73), st.integers(1, 255))
def test_a_cursor_with_any_byte_changed_is_refused(at, flip):
    sealed = CURSORS.seal(BOOKMARK, "q")
    raw = bytearray(base64.urlsafe_b64decode(sealed + "=="[: -len(sealed) % 4]))
    raw[at % len(raw)] ^= flip
    with pytest.raises(InvalidCursorError):
        CURSORS.open(base64.urlsafe_b64encode(raw).rstrip(b"=").decode(), "q")


def test_a_cursor_cannot_be_combined_with_an_offset():
    assert "offset" in faults(cursor=CURSORS.seal(BOOKMARK, '{"order":"desc"}'), offset=5)


@given(st.text(max_size=12), st.text(max_size=12))
def test_the_range_of_a_prefix_holds_exactly_what_starts_with_it(prefix, text):
    values = conditions_of(EventQuery(where=EventFilter(event_type_prefix=prefix))).values

    def key(value):
        return value.encode("utf-8", "surrogatepass")

    inside = key(text) >= key(prefix) and ("prefix_end" not in values or key(text) < key(values["prefix_end"]))
    assert inside == text.startswith(prefix)
