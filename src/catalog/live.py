"""Keeping the catalog in memory true: it hears of every change, and knows when it cannot."""

from __future__ import annotations

import asyncio
from collections.abc import Iterable

from catalog.snapshot import Snapshot
from repository.errors import RepositoryError
from repository.listening import heard
from repository.workflows import Candidate, Workflows
from telemetry.logs import get_logger

__all__ = ["LiveCatalog"]

_log = get_logger(__name__)
#: Seconds between two looks at a server that says nothing, and between two tries at one that is away.
_QUIET, _RETRY = 2.0, 0.5
#: Seconds that a search waits for the table while there is a snapshot to answer from.
_PATIENCE = 2.0
#: Names that are indexed at a stretch.
_SLICE = 200


class LiveCatalog:
    """A snapshot that follows the table by LISTEN and NOTIFY. One a process.

    While it cannot hear, searches read the table itself; when that is away too, the last snapshot answers at once.
    """

    def __init__(self, table: Workflows) -> None:
        self._table = table
        self._snapshot: Snapshot | None = None
        self._hears = self._away = False
        self._changing = asyncio.Lock()
        self._loading: asyncio.Task[Snapshot] | None = None

    async def run(self) -> None:
        """Follow the table until cancelled."""
        while True:
            try:
                await self._follow()
            except RepositoryError as error:
                _log.info("the catalog's changes cannot be heard; searches read the table", cause=type(error).__name__)
            except Exception:  # noqa: BLE001 - a follower that ends would leave searches to a stale snapshot
                _log.exception("following the catalog failed")
            finally:
                self._hears = False
            await asyncio.sleep(_RETRY)

    async def _follow(self) -> None:
        async with self._table.listening() as connection:  # first listen, then read: nothing falls between the two
            await self._load()
            self._hears = True
            while True:
                names = await heard(connection, _QUIET)
                if names:
                    await self.refresh(names)

    async def snapshot(self) -> Snapshot:
        """The catalog as it is now; as it was last while the table cannot be read.

        Raises DatabaseUnavailableError when it was never read and cannot be.
        """
        if self._hears and self._snapshot is not None:
            return self._snapshot
        if self._loading is None:  # who comes meanwhile shares it: it is younger than a second all the same
            self._loading = asyncio.create_task(self._load(), name="catalog load")
            self._loading.add_done_callback(self._end_loading)
        if self._snapshot is None:
            return await asyncio.shield(self._loading)
        if not self._away:
            done, _ = await asyncio.wait([self._loading], timeout=_PATIENCE)
            if not done:
                self._away = True
        return self._snapshot

    def _end_loading(self, loading: asyncio.Task[Snapshot]) -> None:
        self._loading = None
        if not loading.cancelled() and loading.exception():
            self._away = True

    async def refresh(self, names: Iterable[str]) -> None:
        """Read some names again."""
        names = sorted(names)
        async with self._changing:
            rows = [row async for portion in self._table.candidates(names) for row in portion]
            if self._snapshot is not None:
                self._snapshot.replace(names, rows)

    async def _load(self) -> Snapshot:
        names: dict[str, list[Candidate]] = {}
        snapshot = Snapshot()
        async with self._changing:  # to the end: a change that is read meanwhile belongs into the new one
            async for portion in self._table.candidates():
                for row in portion:
                    names.setdefault(row.workflow_name, []).append(row)
            for number, rows in enumerate(names.values()):
                snapshot.replace((), rows)
                if number % _SLICE == 0:
                    await asyncio.sleep(0)  # a large catalog must not hold up the requests
            self._snapshot, self._away = snapshot, False
        return snapshot
