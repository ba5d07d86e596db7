"""Whether a target can be used: the primary, the standby, the queue, and each month. One state machine for all.

A target goes down when a probe fails, or when whoever used it knows for sure; it comes up when a probe succeeds.
"""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Coroutine
from contextvars import Context

from telemetry.logs import get_logger
from telemetry.metrics import TARGET_DOWN, TARGET_WENT_DOWN

__all__ = ["Health", "ReadHealth", "StillAnswersError"]

_log = get_logger(__name__)

#: Makes sure that a target works; raises if it does not.
Probe = Callable[[], Awaitable[None]]


class StillAnswersError(Exception):
    """Raised by a probe: the target answers, but cannot do all of its work."""


class Health:
    """The health of one target. Probes run in the background, one at a time.

    kind, name: as metrics and log lines have them. interval: seconds between probes of a target that is down.
    doubt: seconds in which a target that is up must answer a probe that was asked for; patience is the same for one
    that is down. on_up: what is done first when it is back. Targets of which nothing is known start as up.
    """

    def __init__(
        self,
        kind: str,
        probe: Probe,
        *,
        name: str = "",
        interval: float,
        doubt: float = 1.2,
        patience: float = 1.0,
        on_up: Probe | None = None,
    ) -> None:
        self.kind = kind
        self._name = {"month": name} if name else {}
        self._probe = probe
        self._interval = interval
        self._doubt = doubt
        self._patience = patience
        self._on_up = on_up
        self._down = asyncio.Event()
        self._up = asyncio.Event()
        self._up.set()
        self._acts: dict[object, Callable[[], None]] = {}
        self._task: asyncio.Task[None] | None = None
        self._abandoned: set[asyncio.Future[None]] = set()
        #: Whether it answers at all; a primary that takes no writes does.
        self.answers = True

    @property
    def is_down(self) -> bool:
        """Whether the target is considered down."""
        return self._down.is_set()

    async def down(self) -> None:
        """Return as soon as the target is considered down."""
        await self._down.wait()

    async def up(self) -> None:
        """Return as soon as the target is considered up."""
        await self._up.wait()

    def on_down(self, act: Callable[[], None]) -> Callable[[], None]:
        """Call `act` when the target goes down; returns what takes that back."""
        key = object()
        self._acts[key] = act
        return lambda: self._acts.pop(key, None) and None

    def request_probe(self) -> None:
        """Something was slow or failed: probe the target now; it goes down if that fails too."""
        if self._task is None:
            self._start(self._verify())

    def went_down(self, cause: str) -> None:
        """The caller knows that the target does not work; it is probed until it does."""
        self._go_down(cause)
        if self._task is None:
            self._start(self._heal())

    async def stop(self) -> None:
        """End the background probe."""
        if self._task is not None:
            self._task.cancel()
            await asyncio.wait([self._task])
        for probing in list(self._abandoned):
            await asyncio.wait([probing])

    def _go_down(self, cause: str) -> None:
        if self.is_down:
            return
        _log.warning("target is down", target=self.kind, **self._name, cause=cause)
        self._show(1)
        TARGET_WENT_DOWN.labels(self.kind).inc()
        self._up.clear()
        self._down.set()
        for act in list(self._acts.values()):
            try:
                act()
            except Exception:  # noqa: BLE001 - one who cannot be told must keep neither the others nor us from going on
                _log.exception("who waits was not told that the target is down", target=self.kind)

    def _go_up(self) -> None:
        _log.info("target is up again", target=self.kind, **self._name)
        self._show(0)
        self._down.clear()
        self._up.set()

    def _show(self, value: int) -> None:
        if not self._name:  # the months have gauges of their own
            TARGET_DOWN.labels(self.kind).set(value)

    def _start(self, work: Coroutine[None, None, None]) -> None:
        self._task = asyncio.create_task(
            self._run(work), context=Context(), name=f"health {self.kind}"
        )  # of no request

    async def _run(self, work: Coroutine[None, None, None]) -> None:
        try:
            await work
        finally:
            self._task = None
        if self.is_down:  # since a probe failed, or somebody said so meanwhile
            self._start(self._heal())

    async def _verify(self) -> None:
        if not await self._works(self._doubt):
            self._go_down("a probe failed" if self.answers else "a probe was not answered")

    async def _heal(self) -> None:
        while not await self._works(self._patience):  # noqa: ASYNC110 - nobody tells us that it is back
            await asyncio.sleep(self._interval)
        try:
            if self._on_up is not None:
                await self._on_up()
        except Exception:  # noqa: BLE001 - it is up all the same
            _log.exception("what follows a recovery failed", target=self.kind)
        self._go_up()

    async def _works(self, seconds: float) -> bool:
        probing = asyncio.ensure_future(self._probe())
        try:
            await asyncio.wait([probing], timeout=seconds)
        finally:
            if not probing.done():
                self._abandon(probing)
        error = TimeoutError() if probing.cancelled() or not probing.done() else probing.exception()
        self.answers = error is None or isinstance(error, StillAnswersError)
        if error is not None:
            _log.debug("probe failed", target=self.kind, **self._name, cause=type(error).__name__)
        return error is None

    def _abandon(self, probing: asyncio.Future[None]) -> None:
        """Nobody waits for a probe that hangs: a driver may take seconds to end it."""
        self._abandoned.add(probing)
        probing.add_done_callback(self._forget)
        probing.cancel()

    def _forget(self, probing: asyncio.Future[None]) -> None:
        self._abandoned.discard(probing)
        if not probing.cancelled():
            probing.exception()  # it was told what became of it


class ReadHealth:
    """A server as reads see it: one that takes no writes still answers them."""

    def __init__(self, health: Health) -> None:
        self._health = health

    @property
    def is_down(self) -> bool:
        """Whether the server is considered down for reads too."""
        return self._health.is_down and not self._health.answers

    async def up(self) -> None:
        """See Health."""
        await self._health.up()

    def request_probe(self) -> None:
        """See Health."""
        self._health.request_probe()

    def on_down(self, act: Callable[[], None]) -> Callable[[], None]:
        """See Health; a server that only takes no writes ends no read."""
        return self._health.on_down(lambda: act() if self.is_down else None)
