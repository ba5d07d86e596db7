"""CPU time by process: what a load cost the workers, the sealer and PostgreSQL. It hardly depends on other load."""

from __future__ import annotations

import time
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path

import psutil
import psycopg

from tests.fixtures.service import Service

__all__ = ["CpuMeter"]

_REAPING = 1.0


class CpuMeter:
    """Of a service and its PostgreSQL. Raises psutil.NoSuchProcess when one of them is gone."""

    def __init__(self, service: Service) -> None:
        self._service = service
        with psycopg.connect(service.environment["DATABASE_URL"]) as connection:
            postmaster = psutil.Process(connection.info.backend_pid).parent()
        if postmaster is None:
            raise psutil.NoSuchProcess(connection.info.backend_pid)
        self._postmaster = postmaster

    def microseconds(self, load: Callable[[], object], events: int) -> dict[str, float]:
        """What `load` used for each of its events: workers, sealer, postgres, and client (this process)."""
        backends, before = len(self._postmaster.children()), self._now()
        load()
        self._reaped(backends)
        return {name: (used - before[name]) / events * 1e6 for name, used in self._now().items()}

    def _reaped(self, backends: int) -> None:
        """Wait until the backends that the load used are gone; up to a second, since a pool may keep new ones."""
        until = time.monotonic() + _REAPING
        while len(self._postmaster.children()) > backends and time.monotonic() < until:
            time.sleep(0.01)

    def _now(self) -> dict[str, float]:
        # Workers are forked first and the sealer after them (datastorage/server.py).
        children = sorted(psutil.Process(self._service.pid).children(), key=lambda child: child.pid)
        workers, sealer = children[: self._service.workers], children[self._service.workers :]
        ended = self._postmaster.cpu_times()
        servers = [self._postmaster, *self._postmaster.children(recursive=True)]
        return {
            "workers": sum(map(_seconds, workers)),
            "sealer": sum(map(_seconds, sealer)),
            # The time of a backend that has ended is its postmaster's.
            "postgres": ended.children_user + ended.children_system + sum(map(_seconds, servers)),
            "client": time.process_time(),
        }


def _seconds(process: psutil.Process) -> float:
    """By the scheduler's clock, all threads."""
    nanoseconds = 0
    for thread in Path(f"/proc/{process.pid}/task").glob("*/schedstat"):
        with suppress(OSError):
            nanoseconds += int(thread.read_text().split()[0])
    return nanoseconds / 1e9
