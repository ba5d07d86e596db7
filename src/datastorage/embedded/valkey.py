"""Valkey (or Redis) as a child process, configured so that what it acknowledged is on its disk."""

from __future__ import annotations

import json
import signal
import socket
from collections.abc import Sequence
from pathlib import Path
from typing import Any, ClassVar

from datastorage.embedded.binaries import find_valkey
from datastorage.embedded.directory import DataDirectory, write_private
from datastorage.embedded.privileges import reachable
from datastorage.embedded.process import HOST, Server

__all__ = ["Valkey", "embedded_valkey"]

_CONFIGURATION = """\
bind {host}
protected-mode yes
requirepass {password}
dir {directory}
daemonize no
# An acknowledged entry survives a crash: every write is synced, and nothing is evicted to make room.
appendonly yes
appendfsync always
save ""
maxmemory-policy noeviction
"""


class Valkey(Server):
    """A Redis-compatible server that listens on loopback only and asks for a password."""

    name: ClassVar[str] = "Valkey"
    stop_signal: ClassVar[signal.Signals] = signal.SIGTERM

    def __init__(self, *, configuration: Path, **common: Any) -> None:
        super().__init__(**common)
        self.configuration = configuration

    @property
    def url(self) -> str:
        """The address of database 0."""
        return f"redis://:{self.password}@{HOST}:{self.port}/0"

    def arguments(self) -> Sequence[str]:
        """The password is in the file: a command line can be read by everybody."""
        return [str(self.configuration), "--port", str(self.port)]

    def prepare(self) -> None:
        """Nothing: an append-only file that was cut short is mended by Valkey itself."""

    def answers(self) -> bool:
        """Whether PING is answered; it is not while the append-only file is being read."""
        try:
            with (
                socket.create_connection((HOST, self.port), timeout=2) as connection,
                connection.makefile("rb") as said,
            ):
                connection.sendall(f"AUTH {self.password}\r\nPING\r\n".encode())
                return [said.readline(256), said.readline(256)] == [b"+OK\r\n", b"+PONG\r\n"]
        except OSError:
            return False


def embedded_valkey(home: DataDirectory, *, port: int) -> Valkey:
    """A Valkey over `home`; not started.

    Raises MissingBinaryError, AccountError.
    """
    shelf = Path("/var/lib/datastorage/bin") if home.account else home.path / "bin"
    program = reachable(find_valkey(), home.account, shelf)
    directory = home.folder("valkey")
    configuration = home.path / "valkey.conf"
    quoted = json.dumps(str(directory))  # Valkey's quoting rules are a superset of JSON's for a path
    write_private(configuration, _CONFIGURATION.format(host=HOST, password=home.secret(), directory=quoted))
    home.give(configuration)
    return Valkey(
        program=program,
        directory=directory,
        port=port,
        password=home.secret(),
        account=home.account,
        log=home.path / "valkey.log",
        configuration=configuration,
    )
