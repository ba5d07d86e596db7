"""Depths and summaries of timelines, and events as lines of CSV."""

from __future__ import annotations

import csv
import io
from datetime import UTC, datetime, timedelta
from uuid import UUID

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from audit.timeline import depths, entries_of, summarise
from handlers.exports import as_csv, as_ndjson
from repository.audit_queries import MAX_DEPTH, SummaryRow
from repository.stored_events import StoredEvent

AT = datetime(2026, 3, 1, tzinfo=UTC)


def event(number, *, at=AT, parent=None, **changes):
    values = dict.fromkeys(StoredEvent.__struct_fields__, None) | {
        "event_id": UUID(int=number), "event_timestamp": at, "event_date": at.date(), "parent_event_id": parent,
        "event_data": msgspec.Raw(b'{"n": 18446744073709551617}'), "is_sensitive": False, "recorded_at": at,
    }  # fmt: skip
    return StoredEvent(**(values | changes))


def test_depth_counts_the_links_to_the_farthest_stored_ancestor():
    a, b, c, d, gone = (UUID(int=n) for n in range(5))
    assert depths([c, a, d, b], {a: None, b: a, c: b, d: gone}) == [2, 0, 0, 1]


def test_depth_is_bounded_however_long_or_circular_the_chain_is():
    ids = [UUID(int=n) for n in range(3 * MAX_DEPTH)]
    chain = dict(zip(ids, [None, *ids], strict=False))
    assert max(depths(ids, chain)) == MAX_DEPTH
    assert depths(ids[:2], {ids[0]: ids[1], ids[1]: ids[0]})[0] <= MAX_DEPTH


@given(st.permutations(range(40)), st.lists(st.integers(-1, 39), min_size=40, max_size=40))
def test_depth_does_not_depend_on_the_order_in_which_events_come(order, parents_of):
    """Children may be older than their parents; number -1 is a parent that is not stored."""
    ids = [UUID(int=number + 1) for number in range(40)]
    # Each parent has a lower number than its child, as a parent is stored before it.
    links = {ids[n]: UUID(int=parent + 1) if parent < n else None for n, parent in enumerate(parents_of)}
    expected: list[int] = []
    for number, parent in enumerate(parents_of):
        expected.append(expected[parent] + 1 if 0 <= parent < number else 0)
    assert depths([ids[n] for n in order], links) == [expected[n] for n in order]


def test_depth_of_a_chain_longer_than_the_bound_is_right_from_either_end():
    ids = [UUID(int=n) for n in range(1500)]
    chain = dict(zip(ids, [None, *ids], strict=False))
    expected = [min(n, MAX_DEPTH) for n in range(1500)]
    assert depths(ids, chain) == expected
    assert depths(ids[::-1], chain) == expected[::-1]


def test_gaps_are_milliseconds_since_the_event_before():
    events = [event(1), event(2, at=AT + timedelta(microseconds=1500)), event(3, at=AT + timedelta(seconds=2))]
    assert [entry.gap_ms for entry in entries_of(events, {}, previous=None)] == [None, 1.5, 1998.5]
    assert entries_of(events[:1], {}, previous=AT - timedelta(seconds=1))[0].gap_ms == 1000


def test_a_summary_adds_up_each_of_its_sides():
    rows = [
        SummaryRow("gateway", "success", 3, AT, AT + timedelta(seconds=1), ["alice", "gateway-service"]),
        SummaryRow("gateway", "failure", 1, AT - timedelta(seconds=1), AT, []),
        SummaryRow("analysis", "success", 2, AT, AT, ["alice"]),
    ]
    summary = summarise(rows)
    assert (summary.events, summary.span_ms, summary.services) == (6, 2000, ["alice", "gateway-service"])
    assert summary.by_category == {"analysis": 2, "gateway": 4}
    assert summary.by_outcome == {"failure": 1, "success": 5}


async def portions(*given):
    for portion in given:
        yield portion


async def _text(lines):
    return b"".join([chunk async for chunk in lines]).decode()


async def test_ndjson_has_one_exact_event_a_line():
    text = await _text(as_ndjson([event(1)], portions([event(2)], [event(3)])))
    assert [msgspec.json.decode(line)["event_id"][-1] for line in text.splitlines()] == ["1", "2", "3"]
    assert "18446744073709551617" in text


async def test_csv_survives_quotes_newlines_and_unicode_and_defuses_formulas():
    hostile = 'a "b",\nç日本'
    text = await _text(as_csv([event(1, actor_id=hostile, error_message="=1+1", severity="@x")], portions()))
    (row,) = csv.DictReader(io.StringIO(text, newline=""))
    assert row["actor_id"] == hostile
    assert (row["error_message"], row["severity"]) == ("'=1+1", "'@x")
    assert (row["event_data"], row["namespace"], row["is_sensitive"]) == ('{"n": 18446744073709551617}', "", "false")
    assert row["event_timestamp"] == "2026-03-01T00:00:00Z"


async def test_an_empty_export_is_a_header_in_csv_and_nothing_in_ndjson():
    assert (await _text(as_csv((), portions()))).strip() == ",".join(StoredEvent.__struct_fields__)
    assert await _text(as_ndjson((), portions())) == ""


@pytest.mark.parametrize("render", [as_csv, as_ndjson])
async def test_closing_a_stream_that_was_never_read_ends_its_query(render):
    ended = []

    async def watched():
        try:
            yield [event(1)]
        finally:
            ended.append(True)

    source = watched()
    lines = render(await anext(source), source)
    await lines.aclose()
    assert ended == [True]
