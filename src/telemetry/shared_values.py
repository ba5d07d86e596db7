"""Numbers of one process in files that every process can read: prometheus_client's multiprocess storage, made cheap.

The library's own class takes a lock, asks for the process id and looks its place up at each addition, some ten times a
request. Here the place is kept, and a fork is noticed by a hook. The files are the library's, and so is their reader
(prometheus_client.multiprocess).
"""

from __future__ import annotations

import os
from struct import Struct
from typing import Any, ClassVar

from prometheus_client.mmap_dict import MmapedDict, mmap_key

from telemetry import exemplars

__all__ = ["SharedValue"]

_pack = Struct(
    "dd"
).pack_into  # value and timestamp in the machine's byte order, as prometheus_client.mmap_dict reads it


class SharedValue:
    """One number; takes the place of prometheus_client.values.MmapedValue.

    Add and set from one thread only: nothing is locked.
    """

    _multiprocess = True
    _files: ClassVar[dict[str, MmapedDict]] = {}
    _all: ClassVar[list[SharedValue]] = []

    def __init__(
        self,
        typ: str,
        metric_name: str,
        name: str,
        labelnames: Any,
        labelvalues: Any,
        help_text: str,
        multiprocess_mode: str = "",
        **_more: Any,
    ) -> None:
        self._kind = f"{typ}_{multiprocess_mode}" if typ == "gauge" else typ
        self._key = mmap_key(metric_name, name, labelnames, labelvalues, help_text)
        self._open()
        self._all.append(self)

    def _open(self) -> None:
        file = self._files.get(self._kind)
        if file is None:
            path = os.path.join(os.environ["PROMETHEUS_MULTIPROC_DIR"], f"{self._kind}_{os.getpid()}.db")  # noqa: PTH118
            file = self._files[self._kind] = MmapedDict(path)  # type: ignore[no-untyped-call]
        self._file = file
        self._value, self._timestamp = file.read_value(self._key)  # type: ignore[no-untyped-call]
        self._place = file._positions[self._key]  # noqa: SLF001

    def inc(self, amount: float) -> None:
        """Add."""
        self._value += amount
        _pack(self._file._m, self._place, self._value, 0.0)  # noqa: SLF001

    def set(self, value: float, timestamp: float | None = None) -> None:
        """Replace. timestamp: seconds of Unix time, for gauges of which the most recent counts."""
        self._value, self._timestamp = value, timestamp or 0.0
        _pack(self._file._m, self._place, value, self._timestamp)  # noqa: SLF001

    def get(self) -> float:
        """The number as this process left it."""
        return float(self._value)

    def set_exemplar(self, exemplar: Any) -> None:
        """Keep the trace of a request that counted here; see telemetry.exemplars."""
        exemplars.keep(self._key, exemplar)

    def get_exemplar(self) -> None:
        """None: those of all processes are put together at a scrape."""

    @classmethod
    def after_fork(cls) -> None:
        """Begin at zero in files of the new process' own; the parent's stay its own."""
        for file in cls._files.values():
            file.close()  # type: ignore[no-untyped-call]
        cls._files.clear()
        for value in cls._all:
            value._open()  # noqa: SLF001


os.register_at_fork(after_in_child=SharedValue.after_fork)
