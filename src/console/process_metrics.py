"""What the processes of one instance use, as the kernel tells it: the parent and its workers, added up."""

from __future__ import annotations

import os
import platform
from collections.abc import Callable, Iterator
from importlib.metadata import version
from pathlib import Path

from prometheus_client import Metric
from prometheus_client.core import CounterMetricFamily, GaugeMetricFamily

__all__ = ["BuildInfo", "ProcessGroup"]

_TICKS = os.sysconf("SC_CLK_TCK")
_PAGE = os.sysconf("SC_PAGE_SIZE")
#: Fields of /proc/<pid>/stat after the command's name (proc(5) counts from 3 there).
_UTIME, _STIME, _START, _RSS = 11, 12, 19, 21


class ProcessGroup:
    """Collects the metrics of a parent and its children from /proc; nothing where there is no /proc.

    parent: returns the process id of the parent; that of this process by default.
    """

    def __init__(self, parent: Callable[[], int] = os.getppid, proc: Path = Path("/proc")) -> None:
        self._parent = parent
        self._proc = proc

    def collect(self) -> Iterator[Metric]:
        """The standard names, so that dashboards made for any process fit."""
        parent = self._parent()
        found = [stat for pid in [parent, *self._children(parent)] if (stat := self._stat(pid))]
        if not found:
            return
        cpu = sum(int(stat[_UTIME]) + int(stat[_STIME]) for stat in found) / _TICKS
        memory = sum(int(stat[_RSS]) for stat in found) * _PAGE
        yield CounterMetricFamily("process_cpu_seconds", "CPU time of parent and workers.", value=cpu)
        yield GaugeMetricFamily("process_resident_memory_bytes", "Memory of parent and workers.", value=memory)
        yield GaugeMetricFamily("process_open_fds", "Open files of parent and workers.", value=self._files(parent))
        yield GaugeMetricFamily(
            "datastorage_workers",
            "Processes beside the parent that live: workers, and the one that seals.",
            value=len(found) - 1,
        )
        started = self._boot() + min(int(stat[_START]) for stat in found) / _TICKS
        yield GaugeMetricFamily("process_start_time_seconds", "Unix time at which the parent started.", value=started)

    def _children(self, parent: int) -> list[int]:
        text = self._text(f"{parent}/task/{parent}/children")
        return [int(pid) for pid in text.split()]

    def _stat(self, pid: int) -> list[str]:
        return self._text(f"{pid}/stat").rpartition(")")[2].split()

    def _files(self, parent: int) -> int:
        count = 0
        for pid in [parent, *self._children(parent)]:
            try:
                count += len(os.listdir(self._proc / str(pid) / "fd"))  # noqa: PTH208 - no object for each of hundreds
            except OSError:  # it ended meanwhile
                continue
        return count

    def _boot(self) -> int:
        lines = self._text("stat").splitlines()
        return next((int(line.split()[1]) for line in lines if line.startswith("btime ")), 0)

    def _text(self, name: str) -> str:
        try:
            return (self._proc / name).read_text()
        except OSError:
            return ""


class BuildInfo:
    """Collects which program answers."""

    def collect(self) -> Iterator[Metric]:
        """One gauge that is always 1, the versions in its labels."""
        found = GaugeMetricFamily(
            "datastorage_build_info", "1; the versions are in the labels.", labels=["version", "python"]
        )
        found.add_metric([version("datastorage"), platform.python_version()], 1)
        yield found
