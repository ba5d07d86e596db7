"""The embedded servers together: those that nobody else provides, started, mended and stopped in order."""

from __future__ import annotations

import time
from collections.abc import Callable
from pathlib import Path
from types import TracebackType
from typing import Any, Self, TypeVar

from datastorage.embedded.directory import DataDirectory
from datastorage.embedded.errors import EmbeddedError
from datastorage.embedded.postgres import Postgres, embedded_postgres
from datastorage.embedded.privileges import server_account
from datastorage.embedded.process import Server
from datastorage.embedded.valkey import Valkey, embedded_valkey

__all__ = ["EmbeddedServers"]

Started = TypeVar("Started", bound=Server)

#: Seconds between two attempts to start a server that dies again and again.
_MEND_PAUSE = 1.0


class EmbeddedServers:
    """PostgreSQL and Valkey over one data directory, each only if `postgres_url` / `redis_url` is not given.

    A context manager: entering starts, leaving stops. Use it from the main thread (see `Server`).
    `report` is told, in one line each, what takes long or went wrong.
    """

    def __init__(
        self,
        data_dir: Path,
        *,
        report: Callable[[str], None],
        database_url: str | None = None,
        owner_url: str | None = None,
        redis_url: str | None = None,
        postgres_port: int | None = None,
        valkey_port: int | None = None,
    ) -> None:
        self.home = DataDirectory(data_dir, server_account())
        self.postgres: Postgres | None = None
        self.valkey: Valkey | None = None
        self._report = report
        self._given = (database_url, redis_url)
        self._owner = owner_url if database_url else None
        self._ports = (postgres_port, valkey_port)
        self._mended_at: dict[str, float] = {}

    @property
    def database_url(self) -> str:
        """The address of PostgreSQL: the given one, or our own server's with the rights that the service needs."""
        return self._given[0] or _started(self.postgres).writer_url

    @property
    def owner_url(self) -> str:
        """The address of PostgreSQL as the owner of the tables: the given ones, or our own server's."""
        return self._owner or self._given[0] or _started(self.postgres).owner_url

    @property
    def redis_url(self) -> str:
        """The address of Redis: the given one or our own server's."""
        return self._given[1] or _started(self.valkey).url

    @property
    def servers(self) -> list[Server]:
        """Our own servers in the order in which they are stopped."""
        return [server for server in (self.valkey, self.postgres) if server is not None]

    def __enter__(self) -> Self:
        self.home.open()
        try:
            self._start()
        except BaseException:
            self.stop()
            raise
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, at: TracebackType | None) -> None:
        self.stop()

    def _start(self) -> None:
        database_url, redis_url = self._given
        if not database_url:
            if not self.home.has_cluster():
                self._report(f"creating a PostgreSQL cluster in {self.home.path} …")
            self.postgres = embedded_postgres(self.home, port=self._ports[0] or 0)
            _launch(self.postgres)
            self.postgres.create_database()
        if not redis_url:
            self.valkey = embedded_valkey(self.home, port=self._ports[1] or 0)
            _launch(self.valkey)

    def mend(self) -> None:
        """Restart each server that has died, on its port and directory; call often. Never raises for a failed try."""
        for server in self.servers:
            if server.alive or time.monotonic() - self._mended_at.get(server.name, 0.0) < _MEND_PAUSE:
                continue
            self._mended_at[server.name] = time.monotonic()
            self._report(f"{server.name} has ended unexpectedly: starting it again")
            try:
                server.start()
            except EmbeddedError as error:
                self._report(str(error))

    def stop(self) -> None:
        """Stop our servers, Valkey first, and release the directory. Harmless if called twice."""
        for server in self.servers:
            server.stop()
        self.home.close()

    def pids(self) -> dict[str, int]:
        """Process ids of our own servers, by name."""
        return {server.name.lower(): server.pid for server in self.servers}

    def write_run_file(self, **more: Any) -> None:
        """Describe the running instance in <data-dir>/run.json, so that other tools find it."""
        more["pids"] = {**self.pids(), **more.get("pids", {})}
        addresses = {
            "database_url": self.database_url,
            "database_owner_url": self.owner_url,
            "redis_url": self.redis_url,
        }
        self.home.write_run_file({**addresses, **more})


def _launch(server: Server) -> None:
    if server.port:
        server.start()
    else:
        server.start_anywhere()


def _started(server: Started | None) -> Started:
    if server is None:
        raise RuntimeError("the embedded servers have not been started")
    return server
