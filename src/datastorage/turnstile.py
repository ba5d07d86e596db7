"""How many requests of one kind are worked on at once in one process; the others wait, and not for long.

A refusal costs nearly what a parsed request costs, so that a service which refuses all that is too much soon does
nothing else. Who waits sends nothing more; who is turned away has cost a few bytes that were prepared.
"""

from __future__ import annotations

import asyncio
from collections import OrderedDict
from typing import Protocol

from telemetry.logs import get_logger
from telemetry.metrics import REQUESTS_SHED
from web.problems import Problem

__all__ = ["TURNED_AWAY", "Turnstile", "Visitor"]

#: What those are told who waited in vain.
TURNED_AWAY = Problem(
    "service-unavailable",
    "The service has as much in hand as it takes at once. Nothing was changed; ask again.",
    headers={"Retry-After": "1"},
)
#: Seconds that one may wait: in a line that has been there for a while, and before that, so that a burst is absorbed.
#: A connection is refused once in that time at the most, which bounds what refusals cost.
_PATIENCE, _PATIENCE_AT_FIRST = 1.0, 5.0
#: Seconds after which those who came last are let in first: more come than can be worked on, and who is worked on then
#: shall not have waited in vain.
_FAIR = 0.1
#: Seconds between two looks at a line, and between two lines in the log.
_LOOK, _QUIET = 0.05, 10.0
_log = get_logger(__name__)


class Visitor(Protocol):
    """Who waits."""

    def let_in(self) -> bool:
        """Begin now; False where nobody is there any more."""

    def turn_away(self, waited: float) -> None:
        """It took too long: `waited` seconds."""


class Turnstile:
    """kind: what comes through, for metrics and the log. most: how many are inside at once.

    is_overrun: more come than can be worked on, and who came last is let in first.

    One event loop uses it: nothing is locked.
    """

    def __init__(self, kind: str, most: int) -> None:
        self._kind = kind
        self._most = most
        self._inside = 0
        self._line: OrderedDict[Visitor, float] = OrderedDict()
        self._since = 0.0
        self.is_overrun = False
        self._look: asyncio.TimerHandle | None = None
        self._unlogged = 0
        self._logged_at = -_QUIET

    def admit(self, visitor: Visitor) -> None:
        """Let it in, now or in its turn, or turn it away."""
        if self._inside < self._most and not self._line:
            self._let_in(visitor)
            return
        loop = asyncio.get_running_loop()
        now = loop.time()
        if not self._line:
            self._since = now
        self._line[visitor] = now
        if self._look is None:
            self._look = loop.call_later(_LOOK, self._turn_away_the_late)

    async def enter(self) -> None:
        """The same for a task. Raises Problem service-unavailable."""
        waiter = _Waiter()
        self.admit(waiter)
        try:
            await waiter.turn
        except asyncio.CancelledError:
            self.forget(waiter)
            if waiter.is_in:
                self.leave()
            raise

    def forget(self, visitor: Visitor) -> None:
        """It waits no more."""
        self._line.pop(visitor, None)

    def leave(self) -> None:
        """One that was let in has ended."""
        self._inside -= 1
        while self._line and self._inside < self._most:
            self._let_in(self._line.popitem(last=self.is_overrun)[0])

    def _let_in(self, visitor: Visitor) -> None:
        if visitor.let_in():
            self._inside += 1

    def _turn_away_the_late(self) -> None:
        loop = asyncio.get_running_loop()
        now = loop.time()
        patience = _PATIENCE if now - self._since >= _PATIENCE_AT_FIRST else _PATIENCE_AT_FIRST
        while self._line and (waited := now - next(iter(self._line.values()))) >= patience:
            visitor, _ = self._line.popitem(last=False)
            REQUESTS_SHED.labels(self._kind).inc()
            self._unlogged += 1
            visitor.turn_away(waited)
        if self._unlogged and now - self._logged_at >= _QUIET:
            _log.warning("requests were turned away", kind=self._kind, count=self._unlogged, waiting=len(self._line))
            self._unlogged, self._logged_at = 0, now
        self.is_overrun = bool(self._line) and now - next(iter(self._line.values())) > _FAIR
        self._look = loop.call_later(_LOOK, self._turn_away_the_late) if self._line else None


class _Waiter:
    def __init__(self) -> None:
        self.turn: asyncio.Future[None] = asyncio.get_running_loop().create_future()
        self.is_in = False

    def let_in(self) -> bool:
        if self.turn.done():
            return False
        self.turn.set_result(None)
        self.is_in = True
        return True

    def turn_away(self, waited: float) -> None:
        del waited
        if not self.turn.done():
            self.turn.set_exception(Problem("service-unavailable", TURNED_AWAY.detail, headers=TURNED_AWAY.headers))
