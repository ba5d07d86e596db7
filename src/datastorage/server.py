"""`datastorage serve`: one parent that listens, and its workers.

The parent imports and builds the application once, then forks: a worker is up in milliseconds, and the parent, which
runs no event loop and no thread, can fork a replacement at any time.
"""

from __future__ import annotations

import ctypes
import gc
import os
import shutil
import signal
import socket
import sys
import time
from collections.abc import Callable
from pathlib import Path

from telemetry.logs import get_logger

__all__ = ["ListenError", "WorkerGroup", "listen"]

_log = get_logger(__name__)

_PR_SET_PDEATHSIG = 1
#: Seconds that workers get beyond the sum of their own bounds before they are killed.
_GRACE = 5.0
#: A worker that dies sooner than this after its start, in seconds, is not replaced at once.
_HASTY = 2.0
_SIGNALS = {signal.SIGTERM, signal.SIGINT, signal.SIGCHLD}


class ListenError(Exception):
    """The address cannot be listened on."""


def listen(host: str, port: int) -> socket.socket:
    """A listening TCP socket.

    Raises ListenError, with what to do, if the address is taken or not this machine's.
    """
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    listener = socket.socket(family, socket.SOCK_STREAM)
    listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    try:
        listener.bind((host, port))
        listener.listen(2048)
    except OSError as error:
        listener.close()
        raise ListenError(
            f"cannot listen on {host}:{port}: {os.strerror(error.errno or 0)}; choose another with --port or --host"
        ) from None
    listener.set_inheritable(True)
    return listener


class WorkerGroup:
    """Forks `count` workers, replaces those that die, and ends all of them on SIGTERM or SIGINT.

    work: what a worker does; it returns when the worker ends well. patience: seconds that a worker may take to end.
    metrics_dir: prometheus_client's multiprocess directory, from which a dead worker's gauges are removed.
    """

    def __init__(self, work: Callable[[], None], count: int, *, patience: float, metrics_dir: Path) -> None:
        self._work = work
        self._count = count
        self._patience = patience + _GRACE
        self._metrics_dir = metrics_dir
        self._workers: dict[int, float] = {}
        self._deadline: float | None = None
        self._failed = False

    def run(self) -> int:
        """Run until a signal ends the group. Returns the exit code: 0, or 1 when a worker could not start."""
        previous = signal.pthread_sigmask(signal.SIG_BLOCK, _SIGNALS)
        gc.freeze()  # objects made so far stay in pages that parent and workers share
        try:
            for _ in range(self._count):
                self._fork()
            while self._workers:
                self._wait()
        finally:
            signal.pthread_sigmask(signal.SIG_SETMASK, previous)
            shutil.rmtree(self._metrics_dir, ignore_errors=True)
        return int(self._failed)

    def _fork(self) -> None:
        parent = os.getpid()
        pid = os.fork()
        if pid:
            self._workers[pid] = time.monotonic()
            return
        code = 1
        try:
            _die_with(parent)
            signal.pthread_sigmask(signal.SIG_UNBLOCK, _SIGNALS)
            self._work()
            code = 0
        except SystemExit as ending:
            code = ending.code if isinstance(ending.code, int) else 1
        except BaseException:  # noqa: BLE001 - the child must end here, never go on as a second parent
            _log.exception("worker failed")
        finally:
            sys.stdout.flush()
            sys.stderr.flush()
            os._exit(code)

    def _wait(self) -> None:
        received = signal.sigtimedwait(_SIGNALS, 1.0 if self._deadline else 60.0)
        if received is not None and received.si_signo != signal.SIGCHLD:
            self._stop()
        self._reap()
        if self._deadline and time.monotonic() > self._deadline:
            self._signal_all(signal.SIGKILL)

    def _stop(self) -> None:
        if self._deadline is None:
            self._deadline = time.monotonic() + self._patience
            self._signal_all(signal.SIGTERM)

    def _signal_all(self, number: signal.Signals) -> None:
        for pid in self._workers:
            os.kill(pid, number)

    def _reap(self) -> None:
        for pid, began in list(self._workers.items()):
            ended, status = os.waitpid(pid, os.WNOHANG)
            if ended:
                del self._workers[pid]
                self._forget_metrics(pid)
                self._ended(pid, os.waitstatus_to_exitcode(status), time.monotonic() - began)

    def _ended(self, pid: int, code: int, lived: float) -> None:
        if self._deadline is not None:
            # SIGTERM ends a worker that had not yet installed its handler.
            self._failed = self._failed or code not in {0, -signal.SIGTERM}
            return
        _log.error("worker died", pid=pid, exit_code=code, lived_seconds=round(lived, 1))
        if lived < _HASTY and code != -signal.SIGKILL:
            self._failed = True
            self._stop()
            return
        self._fork()

    def _forget_metrics(self, pid: int) -> None:
        from prometheus_client.multiprocess import mark_process_dead

        mark_process_dead(pid, str(self._metrics_dir))  # type: ignore[no-untyped-call]  # no stubs


def _die_with(parent: int) -> None:
    """Ask the kernel for SIGTERM when the parent ends, even by SIGKILL (Linux: prctl(2); elsewhere without effect)."""
    if sys.platform != "linux":
        return
    ctypes.CDLL(None).prctl(_PR_SET_PDEATHSIG, signal.SIGTERM)
    if os.getppid() != parent:
        os._exit(0)
