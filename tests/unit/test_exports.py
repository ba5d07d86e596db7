"""Exports within their limits: turns, deadlines, slow readers."""

from __future__ import annotations

import asyncio
from datetime import UTC, date, datetime
from typing import Any, cast
from uuid import uuid4

import msgspec
import pytest

from audit.exports import ExportCutError, ExportLimits, Exports
from repository.errors import DatabaseUnavailableError, QueryTimeoutError
from repository.event_filters import EventFilter, EventQuery
from repository.stored_events import StoredEvent

QUERY = EventQuery(where=EventFilter())


def event(size: int) -> StoredEvent:
    plain: dict[str, Any] = dict.fromkeys(StoredEvent.__struct_fields__)
    at = datetime(2026, 1, 1, tzinfo=UTC)
    given = {"event_id": uuid4(), "event_timestamp": at, "event_date": date(2026, 1, 1)}
    return StoredEvent(**{**plain, **given, "event_data": msgspec.Raw(b"x" * size)})


class Portions:
    """Portions of one event, and how many queries are open."""

    def __init__(self, count: int, size: int = 1000, error: Exception | None = None) -> None:
        self.count, self.size, self.error = count, size, error
        self.open = 0

    async def export(self, _query: EventQuery, *, limit: int | None) -> Any:
        self.open += 1
        try:
            for _ in range(limit or self.count):
                await asyncio.sleep(0)
                yield [event(self.size)]
            if self.error:
                raise self.error
        finally:
            self.open -= 1


def exports(queries: Portions, **limits: Any) -> Exports:
    defaults = {"at_once": 4, "wait": 0.05, "seconds": 60.0, "least_rate": 1000, "patience": 60.0}
    return Exports(cast("Any", queries), ExportLimits(**{**defaults, **limits}))


async def test_every_event_arrives_in_order_and_the_turn_is_given_back():
    queries = Portions(50)
    limited = exports(queries, at_once=1)
    for _ in range(3):
        assert [len(portion) async for portion in limited.run(QUERY, limit=None)] == [1] * 50
    assert queries.open == 0


async def test_an_export_without_events_has_none():
    assert [portion async for portion in exports(Portions(0)).run(QUERY, limit=None)] == []


async def test_who_finds_no_turn_is_told_so_and_who_leaves_gives_his_back():
    limited = exports(Portions(50), at_once=1)
    first = limited.run(QUERY, limit=None)
    await anext(first)
    with pytest.raises(DatabaseUnavailableError):
        await anext(limited.run(QUERY, limit=None))
    await first.aclose()
    assert len([portion async for portion in limited.run(QUERY, limit=7)]) == 7


async def test_what_ends_the_query_reaches_the_reader():
    limited = exports(Portions(3, error=QueryTimeoutError("over")))
    with pytest.raises(QueryTimeoutError, match="over"):
        _ = [portion async for portion in limited.run(QUERY, limit=None)]


@pytest.mark.parametrize(
    ("limits", "reason"),
    [({"seconds": 0.1}, "deadline"), ({"patience": 0.1, "least_rate": 10**9}, "slow_reader")],
)
async def test_four_readers_who_do_not_read_lose_their_turns(limits: dict[str, Any], reason: str):
    queries = Portions(10**6)
    limited = exports(queries, wait=30, **limits)
    stuck = [limited.run(QUERY, limit=None) for _ in range(4)]
    for one in stuck:
        await anext(one)
    assert len([portion async for portion in limited.run(QUERY, limit=5)]) == 5
    for one in stuck:
        with pytest.raises(ExportCutError, match=reason):
            _ = [portion async for portion in one]
    assert queries.open == 0


async def test_a_reader_at_the_least_rate_is_not_cut():
    """Each portion has some 2,000 bytes, which may take two seconds; in all it outlasts the patience."""
    limited = exports(Portions(20), patience=0.1, least_rate=1000)
    seen = 0
    async for _ in limited.run(QUERY, limit=None):
        await asyncio.sleep(0.02)
        seen += 1
    assert seen == 20
