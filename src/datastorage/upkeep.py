"""Keeping the months of audit_events ready, as long as the process runs."""

from __future__ import annotations

import asyncio
from collections.abc import Callable

from console.services import Upkeep
from repository.errors import RepositoryError
from repository.own_thread import in_own_thread
from repository.partitions import keep_months, label
from telemetry.clock import Clock
from telemetry.logs import get_logger

__all__ = ["PartitionUpkeep"]

#: Seconds until the next try when PostgreSQL did not answer.
_RETRY = 10.0
_log = get_logger(__name__)


class PartitionUpkeep:
    """Makes last month to `ahead` months after this one, at once and every `interval` seconds.

    retain: what applies the retention policy behind it, blocking; None without one.
    """

    def __init__(
        self,
        address: str,
        clock: Clock,
        *,
        ahead: int,
        interval: float,
        retain: Callable[[], None] | None = None,
    ) -> None:
        self._address = address
        self._clock = clock
        self._ahead = ahead
        self._interval = interval
        self._retain = retain
        self.last = Upkeep(ahead=ahead, interval=interval)

    async def run(self) -> None:
        """Run until cancelled."""
        while True:  # noqa: ASYNC110 - it is time that passes here, not a condition that is polled
            await asyncio.sleep(self._interval if await self._round() else min(_RETRY, self._interval))

    async def _round(self) -> bool:
        try:
            made = await in_own_thread(lambda: keep_months(self._address, self._clock().date(), self._ahead))
        except RepositoryError as error:
            _log.warning("partition upkeep failed", error=str(error), sqlstate=error.sqlstate, retry_seconds=_RETRY)
            self._remember(error=str(error) or type(error).__name__)
            return False
        self._remember(made=tuple(label(month) for month in made))
        if made:
            _log.info("partitions made", months=[label(month) for month in made])
        if self._retain is not None:
            await in_own_thread(self._retain)
        return True

    def _remember(self, *, made: tuple[str, ...] = (), error: str = "") -> None:
        """Let the console tell of this round."""
        wait = min(_RETRY, self._interval) if error else self._interval
        self.last = Upkeep(ahead=self._ahead, interval=wait, at=self._clock(), made=made, error=error)
