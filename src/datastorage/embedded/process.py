"""A server as a child process of ours: started, watched, stopped, and never left behind."""

from __future__ import annotations

import ctypes
import os
import signal
import socket
import subprocess
import sys
import time
from abc import ABC, abstractmethod
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any, ClassVar

from datastorage.embedded.errors import EmbeddedError, PortInUseError, StartError
from datastorage.embedded.privileges import Account

__all__ = ["HOST", "Server", "dies_with", "free_port", "require_free"]

HOST = "127.0.0.1"
_PR_SET_PDEATHSIG = 1
_POLL = 0.01
_LOG_LIMIT = 8 * 1024 * 1024
_TAIL = 4096
_PORTS_TO_TRY = 4


def free_port() -> int:
    """A TCP port that nobody listens on now; somebody may take it before we do."""
    with socket.socket() as probe:
        probe.bind((HOST, 0))
        port: int = probe.getsockname()[1]
        return port


class Server(ABC):
    """One server, on one port, over one directory.

    `start` may be called again after the server was stopped or died. It must be called from a thread that lives as
    long as this process: Linux ends the server when the thread that started it ends.
    """

    name: ClassVar[str]
    #: Ends the server quickly and cleanly, even while clients are connected.
    stop_signal: ClassVar[signal.Signals]

    def __init__(
        self, *, program: Path, directory: Path, port: int, password: str, account: Account | None, log: Path
    ) -> None:
        self.program = program
        self.directory = directory
        self.port = port
        self.password = password
        self.account = account
        self.log = log
        self.process: subprocess.Popen[bytes] | None = None
        self._log_offset = 0

    @property
    @abstractmethod
    def url(self) -> str:
        """The address for clients, with its password."""

    @abstractmethod
    def arguments(self) -> Sequence[str]:
        """What the program is called with."""

    @abstractmethod
    def answers(self) -> bool:
        """Whether the server serves clients now."""

    @property
    def alive(self) -> bool:
        """Whether the process runs; reaps it if it does not."""
        return self.process is not None and self.process.poll() is None

    @property
    def pid(self) -> int:
        """The process id of the running server."""
        if self.process is None:
            raise RuntimeError(f"{self.name} has not been started")
        return self.process.pid

    @abstractmethod
    def prepare(self) -> None:
        """Make the directory fit for a start."""

    def start_anywhere(self) -> None:
        """Start on a port that is free, again on another one if somebody was faster to take it."""
        for _ in range(_PORTS_TO_TRY - 1):
            self.port = free_port()
            try:
                return self.start()
            except PortInUseError:
                continue
        self.port = free_port()
        return self.start()

    def start(self, *, timeout: float = 60.0) -> None:
        """Start and wait until the server serves clients, `timeout` seconds at the most.

        A server that recovers from a crash may need that long. Raises PortInUseError, StartError.
        """
        self.prepare()
        require_free(self.name, self.port)
        self._rotate_log()
        with self.log.open("ab") as log:
            self.process = subprocess.Popen(  # noqa: S603 - a program that we found
                [self.program, *self.arguments()],
                **as_account(self.account),
                cwd=self.directory,
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=subprocess.STDOUT,
                env=environment(),
                start_new_session=True,  # Ctrl-C reaches us alone: we stop the servers, in order
                preexec_fn=dies_with(os.getpid(), self.stop_signal),  # noqa: PLW1509 - started from one thread
            )
        self._wait(timeout)

    def _wait(self, timeout: float) -> None:
        deadline = time.monotonic() + timeout
        while not self.answers():
            if not self.alive:
                raise self._failure()
            if time.monotonic() > deadline:
                self.stop(timeout=0)
                raise StartError(f"{self.name} did not answer within {timeout:g} s: see {self.log}")
            time.sleep(_POLL)

    def stop(self, *, timeout: float = 10.0) -> None:
        """End the server cleanly; kill it after `timeout` seconds. Harmless if it is not running."""
        if self.process is None or not self.alive:
            return
        self.process.send_signal(self.stop_signal)
        try:
            self.process.wait(timeout)
        except subprocess.TimeoutExpired:
            self.process.kill()
            self.process.wait()

    def _rotate_log(self) -> None:
        if self.log.exists() and self.log.stat().st_size > _LOG_LIMIT:
            self.log.replace(self.log.with_suffix(".log.1"))

        self.log.touch(mode=0o600)  # statements and their values may be quoted in it
        self._log_offset = self.log.stat().st_size

    def _failure(self) -> EmbeddedError:
        said = self.log.read_bytes()[self._log_offset :][-_TAIL:].decode(errors="replace")
        if "already in use" in said:  # taken between our check and the server's bind
            return _port_in_use(self.name, self.port)
        lines = said.strip().splitlines() or ["it said nothing"]
        fatal = [line for line in lines if "FATAL" in line or "PANIC" in line]
        return StartError(f"{self.name} ended while starting: {(fatal or lines)[-1].strip()} (all of it: {self.log})")


def environment() -> dict[str, str]:
    """The servers' environment: nothing of ours, so that no PGOPTIONS or LC_ALL changes what they do."""
    return {"PATH": os.environ.get("PATH", os.defpath), "LC_ALL": "C", "TZ": "UTC"}


def as_account(account: Account | None) -> dict[str, Any]:
    """Arguments of subprocess that drop to the account."""
    return {"user": account.uid, "group": account.gid, "extra_groups": []} if account else {}


def require_free(name: str, port: int, host: str = HOST) -> None:
    """Raise PortInUseError, saying who wanted the port, if it cannot be listened on."""
    with socket.socket() as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((host, port))
        except OSError:
            raise _port_in_use(name, port, host) from None


def _port_in_use(name: str, port: int, host: str = HOST) -> PortInUseError:
    return PortInUseError(
        f"{name} cannot listen on {host}:{port}: the port is in use; stop its owner or choose another"
    )


def dies_with(parent: int, how: signal.Signals) -> Callable[[], None] | None:
    """Have Linux send the child `how` when we end, however we end; other systems have no such call."""
    if sys.platform != "linux":
        return None
    libc = ctypes.CDLL(None, use_errno=True)

    def in_child() -> None:
        libc.prctl(_PR_SET_PDEATHSIG, int(how))
        if os.getppid() != parent:  # we ended before the call
            os._exit(1)

    return in_child
