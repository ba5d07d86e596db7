"""`datastorage serve`: one parent that owns the sockets, and its workers.

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
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import NamedTuple, NoReturn

from telemetry.logs import get_logger, toggle_debug, toggle_debug_on_signal
from telemetry.metrics import BACKGROUND_RESTARTS

__all__ = ["ListenError", "WorkerGroup", "bind", "listen"]

_log = get_logger(__name__)

_PR_SET_PDEATHSIG = 1
_BACKLOG = 2048
#: Seconds that workers get beyond the sum of their settings before they are killed: to end probes and connections.
_GRACE = 8.0
#: A worker that dies sooner than this after its start, in seconds, is not replaced at once.
_HASTY = 2.0
#: Seconds until it is, doubled each time up to the longest.
_FIRST_PAUSE, _LONGEST_PAUSE = 1.0, 30.0
#: For gc.set_threshold: a batch of 500 events is some 10,000 containers that all live until its answer; looking through
#: them ten times on the way cost 6 % of its CPU.
_GC_THRESHOLDS = (20_000, 20, 50)
_SIGNALS = {signal.SIGTERM, signal.SIGINT, signal.SIGCHLD, signal.SIGUSR1}


class ListenError(Exception):
    """The address cannot be listened on."""


def bind(host: str, port: int, count: int) -> list[socket.socket]:
    """A TCP socket for each of `count` workers; the kernel spreads connections over them (SO_REUSEPORT).

    With one socket for all, the worker that happens to be awake takes every connection of a burst and keeps it. Where
    the kernel does not spread them (macOS), the workers share one socket all the same. Nobody can connect before
    `listen`: who comes while the service still starts is refused at once, and asks another one or again.
    Raises ListenError, with what to do, if the address is taken or not this machine's.
    """
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    spread = sys.platform == "linux"
    listeners: list[socket.socket] = []
    try:
        port = _free(family, host, port)
        listeners.extend(_bound(family, host, port, reuse_port=spread) for _ in range(count if spread else 1))
    except OSError as error:
        _give_up(listeners, error, host, port)
    return listeners if spread else listeners * count


def listen(listeners: Sequence[socket.socket]) -> None:
    """Let clients connect. Raises ListenError if another service took the address meanwhile."""
    host, port = listeners[0].getsockname()[:2]
    try:
        _free(listeners[0].family, host, port)
        for listener in listeners:
            listener.listen(_BACKLOG)
    except OSError as error:
        _give_up(listeners, error, host, port)


def _free(family: socket.AddressFamily, host: str, port: int) -> int:
    """The port; raises OSError if somebody listens there, even with SO_REUSEPORT as another service of ours does."""
    with _bound(family, host, port) as probe:
        free: int = probe.getsockname()[1]
    return free


def _give_up(listeners: Sequence[socket.socket], error: OSError, host: str, port: int) -> NoReturn:
    for listener in listeners:
        listener.close()
    raise ListenError(
        f"cannot listen on {host}:{port}: {os.strerror(error.errno or 0)}; choose another with --port or --host"
    ) from None


def _bound(family: socket.AddressFamily, host: str, port: int, *, reuse_port: bool = False) -> socket.socket:
    listener = socket.socket(family, socket.SOCK_STREAM)
    try:
        listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        if reuse_port:
            listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEPORT, 1)
        listener.bind((host, port))
        listener.set_inheritable(True)
    except OSError:
        listener.close()
        raise
    return listener


class _Worker(NamedTuple):
    listener: socket.socket | None
    began: float


class WorkerGroup:
    """Forks a worker for each listener, replaces those that die, and ends all of them on SIGTERM or SIGINT.

    work: what a worker does with its listener; it returns when the worker ends well.
    beside: what one more process does, which listens to nobody; None for no such process.
    patience: seconds that a worker may take to end.
    metrics_dir: prometheus_client's multiprocess directory, from which a dead worker's gauges are removed.
    """

    def __init__(
        self,
        work: Callable[[socket.socket], None],
        listeners: Sequence[socket.socket],
        *,
        beside: Callable[[], None] | None = None,
        patience: float,
        metrics_dir: Path,
    ) -> None:
        self._work = work
        self._listeners = listeners
        self._beside = beside
        self._patience = patience + _GRACE
        self._metrics_dir = metrics_dir
        self._workers: dict[int, _Worker] = {}
        self._deadline: float | None = None
        self._failed = self._proven = False
        self._pause = _FIRST_PAUSE
        self._restarts: list[tuple[float, socket.socket | None]] = []

    def run(self) -> int:
        """Run until a signal ends the group. Returns the exit code: 0, or 1 when a worker could not start."""
        previous = signal.pthread_sigmask(signal.SIG_BLOCK, _SIGNALS)
        for name in ("worker", "sealer"):
            BACKGROUND_RESTARTS.labels(name)  # they are there, and 0, from the start
        toggle_debug_on_signal()  # for the workers, which unblock it: unhandled it would end them
        gc.enable()
        gc.set_threshold(*_GC_THRESHOLDS)
        gc.freeze()  # objects made so far stay in pages that parent and workers share
        try:
            for listener in self._listeners:
                self._fork(listener)
            if self._beside:
                self._fork(None)
            while self._workers or self._restarts:
                self._wait()
        finally:
            signal.pthread_sigmask(signal.SIG_SETMASK, previous)
            shutil.rmtree(self._metrics_dir, ignore_errors=True)
        _log.info("stopped", exit_code=int(self._failed))
        return int(self._failed)

    def _fork(self, listener: socket.socket | None) -> None:
        parent = os.getpid()
        pid = os.fork()
        if pid:
            self._workers[pid] = _Worker(listener, time.monotonic())
            _log.info("worker started", pid=pid)
            return
        code = 1
        try:
            _die_with(parent)
            signal.pthread_sigmask(signal.SIG_UNBLOCK, _SIGNALS)
            self._close_listeners(but=listener)
            if listener is not None:
                self._work(listener)
            elif self._beside:
                self._beside()
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
        received = signal.sigtimedwait(_SIGNALS, 1.0 if self._deadline or self._restarts else 60.0)
        if received is not None and received.si_signo == signal.SIGUSR1:
            toggle_debug()
            self._signal_all(signal.SIGUSR1)
        elif received is not None and received.si_signo != signal.SIGCHLD:
            self._stop()
        self._reap()
        self._restart_due()
        if self._deadline and time.monotonic() > self._deadline:
            self._signal_all(signal.SIGKILL)

    def _stop(self) -> None:
        if self._deadline is None:
            self._deadline = time.monotonic() + self._patience
            self._restarts.clear()
            self._signal_all(signal.SIGTERM)
            self._close_listeners()

    def _close_listeners(self, *, but: socket.socket | None = None) -> None:
        """Let go of them: a port is closed to clients only when no process has its socket any more."""
        for listener in self._listeners:
            if listener is not but:
                listener.close()

    def _signal_all(self, number: signal.Signals) -> None:
        for pid in self._workers:
            os.kill(pid, number)

    def _reap(self) -> None:
        for pid, worker in list(self._workers.items()):
            ended, status = os.waitpid(pid, os.WNOHANG)
            if ended:
                del self._workers[pid]
                self._forget_metrics(pid)
                self._ended(pid, os.waitstatus_to_exitcode(status), worker)

    def _ended(self, pid: int, code: int, worker: _Worker) -> None:
        if self._deadline is not None:
            # SIGTERM ends a worker that had not yet installed its handler.
            self._failed = self._failed or code not in {0, -signal.SIGTERM}
            return
        lived = time.monotonic() - worker.began
        _log.error("worker died", pid=pid, exit_code=code, lived_seconds=round(lived, 1))
        if lived >= _HASTY:
            self._proven, self._pause = self._proven or worker.listener is not None, _FIRST_PAUSE
        if lived >= _HASTY or code == -signal.SIGKILL:
            self._fork(worker.listener)
        else:
            self._restart_later(worker.listener)

    def _restart_later(self, listener: socket.socket | None) -> None:
        """A process that dies early does not stop the others; where no worker has ever worked, the group has failed."""
        if listener is not None and not self._proven and not any(one.listener for one in self._workers.values()):
            self._failed = True
            self._stop()
            return
        _log.error("worker is started again later", pause_seconds=self._pause)
        BACKGROUND_RESTARTS.labels("worker" if listener else "sealer").inc()
        self._restarts.append((time.monotonic() + self._pause, listener))
        self._pause = min(2 * self._pause, _LONGEST_PAUSE)

    def _restart_due(self) -> None:
        now = time.monotonic()
        for at, listener in list(self._restarts):
            if at <= now:
                self._restarts.remove((at, listener))
                self._fork(listener)

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
