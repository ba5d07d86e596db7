"""Calls that arrive together go to Redis together: a burst of any size needs a few connections and round trips."""

from __future__ import annotations

import asyncio
from collections import deque
from collections.abc import Awaitable, Callable, Sequence
from typing import Generic, TypeVar

__all__ = ["Coalescer"]

Call = TypeVar("Call")
Answer = TypeVar("Answer")


class Coalescer(Generic[Call, Answer]):
    """Runs calls in portions, in order of arrival; what arrives while all lanes are busy shares the next portion.

    run: answers a portion, one answer (or exception) for each call. weight: of a call; a portion weighs at most `most`,
    or is one call. lanes: portions at a time.
    """

    def __init__(
        self,
        run: Callable[[Sequence[Call]], Awaitable[Sequence[Answer | Exception]]],
        *,
        weight: Callable[[Call], int],
        most: int,
        lanes: int = 4,
    ) -> None:
        self._run = run
        self._weight = weight
        self._most = most
        self._lanes = lanes
        self._waiting: deque[tuple[Call, asyncio.Future[Answer]]] = deque()
        self._tasks: set[asyncio.Task[None]] = set()

    async def __call__(self, call: Call) -> Answer:
        """The answer to a call. Raises what `run` raises, or returns for this call."""
        future: asyncio.Future[Answer] = asyncio.get_running_loop().create_future()
        self._waiting.append((call, future))
        self._open_lane()
        return await future

    def _open_lane(self) -> None:
        if self._waiting and len(self._tasks) < self._lanes:
            task = asyncio.create_task(self._work(), name="portions to Redis")
            self._tasks.add(task)
            task.add_done_callback(self._close_lane)

    def _close_lane(self, task: asyncio.Task[None]) -> None:
        self._tasks.discard(task)
        self._open_lane()  # for a call that came after the lane had seen that nobody waited

    async def _work(self) -> None:
        while self._waiting:
            portion = self._portion()
            try:
                answers = await self._run([call for call, _ in portion])
            except Exception as error:  # noqa: BLE001 - it belongs to those who wait
                answers = [error] * len(portion)
            for (_, future), answer in zip(portion, answers, strict=True):
                if future.done():  # its caller may be gone
                    continue
                if isinstance(answer, Exception):
                    future.set_exception(answer)
                else:
                    future.set_result(answer)

    def _portion(self) -> list[tuple[Call, asyncio.Future[Answer]]]:
        portion = [self._waiting.popleft()]
        weight = self._weight(portion[0][0])
        while self._waiting and (weight := weight + self._weight(self._waiting[0][0])) <= self._most:
            portion.append(self._waiting.popleft())
        return portion
