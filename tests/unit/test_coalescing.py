"""Calls that go to Redis together: none is left behind."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence

from dlq.coalescing import Coalescer


async def test_a_call_that_comes_as_the_last_lane_ends_is_answered() -> None:
    async def run(calls: Sequence[int]) -> list[int | Exception]:
        return [2 * call for call in calls]

    double: Coalescer[int, int] = Coalescer(run, weight=lambda _: 1, most=10, lanes=1)
    async with asyncio.timeout(5):
        assert [await double(number) for number in range(3)] == [0, 2, 4]
