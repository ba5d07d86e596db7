"""The sealer as a service: one a database, whoever else waits to take its place; it never ends by itself."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable
from contextlib import closing

from evidence.publication import Publication
from evidence.sealer import HaltError, Round, Sealer
from repository.errors import RepositoryError
from repository.sealing import SealingStore
from telemetry.logs import get_logger
from telemetry.metrics import (
    LOG_BEHIND,
    LOG_CAUGHT_UP,
    LOG_HALTED,
    LOG_LAST_ROUND,
    LOG_SEALED,
    LOG_SIZE,
)

__all__ = ["SealingService"]

#: Seconds until the next try: for the lock that another sealer holds, after an error, after a halt.
_WAIT_FOR_LOCK, _RETRY, _HALTED = 5.0, 1.0, 30.0
_log = get_logger(__name__)


class SealingService:
    """Seals and publishes until told to stop.

    connect: a connection of its own for each try. origin: the log's name, if the log is new. interval: seconds between
    two rounds where nothing waits. publication: where the log goes.
    """

    def __init__(
        self,
        connect: Callable[[], SealingStore],
        *,
        origin: str,
        interval: float,
        publication: Publication,
        batch_rows: int = 50_000,
    ) -> None:
        self._connect = connect
        self._origin = origin
        self._interval = interval
        self._publication = publication
        self._batch_rows = batch_rows
        self._waited = ""

    def run(self, stop: threading.Event) -> None:
        """Run until `stop` is set."""
        while not stop.is_set():
            stop.wait(self._serve(stop))

    def _serve(self, stop: threading.Event) -> float:
        """Be the sealer for as long as it works; returns how many seconds to wait before the next try."""
        try:
            with closing(self._connect()) as store:
                if not store.try_lock():
                    self._say("waiting", "another process seals: waiting to take its place")
                    LOG_HALTED.set(0)
                    return _WAIT_FOR_LOCK
                try:
                    self._seal_until(stop, store)
                finally:
                    self._publication.end()
        except HaltError as error:
            LOG_HALTED.set(1)
            _log.critical("sealing halted", reason=str(error), retry_seconds=_HALTED)
            self._waited = "halted"
            return _HALTED
        except RepositoryError as error:
            self._say("down", "sealing waits for PostgreSQL", error=str(error))
        except Exception:  # noqa: BLE001 - whatever it is, sealing goes on as soon as it can
            _log.exception("sealing failed", retry_seconds=_RETRY)
        return _RETRY

    def _seal_until(self, stop: threading.Event, store: SealingStore) -> None:
        sealer = Sealer(store, batch_rows=self._batch_rows)
        origin, _ = store.identity(self._origin)
        sealer.check(None)
        self._publication.begin()
        self._say("sealing", "sealing", origin=origin)
        LOG_HALTED.set(0)
        while not stop.is_set():
            done = sealer.seal()
            self._count(done)
            self._publication.offer(sealer.checkpoint(origin))
            if not done.more:
                stop.wait(self._interval)

    def _count(self, done: Round) -> None:
        LOG_SIZE.set(done.size)
        LOG_BEHIND.set(done.behind)
        now = time.time()
        LOG_LAST_ROUND.set(now)
        if not done.more and not done.behind:
            LOG_CAUGHT_UP.set(now)
        if done.sealed:
            LOG_SEALED.inc(done.sealed)

    def _say(self, state: str, message: str, **fields: object) -> None:
        """Log a change of state once."""
        if self._waited != state:
            _log.info(message, **fields)
            self._waited = state
