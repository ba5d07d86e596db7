"""Looking after the way to PostgreSQL: whether a pooler is on it that the settings do not allow for."""

from __future__ import annotations

import asyncio

from datastorage.settings import Settings
from repository.deadline import Server
from repository.errors import DatabaseUnavailableError, PoolExhaustedError, RepositoryError
from repository.pooler import NO_DIRECT, is_pooled, wrong_way
from telemetry.logs import get_logger

__all__ = ["PoolerWatch", "way_to_postgres"]

_log = get_logger(__name__)
#: Seconds between two looks while PostgreSQL does not answer, and while it does; that one look may take.
_RETRY, _LOOK, _DEADLINE = 5.0, 300.0, 5.0


async def way_to_postgres(settings: Settings) -> str:
    """What is wrong with the addresses of PostgreSQL, "" where nothing is. Raises RepositoryError."""
    direct = settings.database_direct_url
    address = settings.database_url.get_secret_value() if settings.database_url else ""
    return await wrong_way(address, direct.get_secret_value() if direct else None)


class PoolerWatch:
    """Looks now and then: `serve` asks at its start, where PostgreSQL may have been away.

    warnings: what /health/ready tells of it.
    """

    def __init__(self, settings: Settings, server: Server) -> None:
        self._settings = settings
        self._server = server
        self.warnings: tuple[str, ...] = ()

    async def run(self) -> None:
        """Watch until cancelled."""
        while True:
            try:
                self._judge(await self._look())
                await asyncio.sleep(_LOOK)
            except RepositoryError:
                await asyncio.sleep(_RETRY)

    async def _look(self) -> str:
        if self._settings.database_direct_url is None:
            try:  # the pool's own connections, as long as it has some: no further one is opened
                return NO_DIRECT if await self._server.run(is_pooled, deadline=_DEADLINE) else ""
            except PoolExhaustedError:
                raise
            except DatabaseUnavailableError:
                pass  # a pooler may have refused the pool's connections for the settings that they bring
        return await way_to_postgres(self._settings)

    def _judge(self, wrong: str) -> None:
        found = (wrong,) if wrong else ()
        if found and found != self.warnings:
            _log.warning("the way to PostgreSQL is not as set", wrong=wrong)
        self.warnings = found
