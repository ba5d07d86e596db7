"""One worker process: uvicorn around the application, with a shutdown that loses no request."""

from __future__ import annotations

import asyncio
import os
import signal
import socket
from collections.abc import Generator
from contextlib import contextmanager
from types import FrameType
from typing import Any

import uvicorn

from datastorage.connections import BoundedConnection, ConnectionLimits, bounded
from datastorage.settings import Settings
from datastorage.tls import CertificateConnection, ServerTls
from telemetry.lifecycle import Lifecycle
from telemetry.logs import get_logger, toggle_debug

__all__ = ["DrainingServer", "run_worker"]

_SIGNALS = (signal.SIGTERM, signal.SIGINT)
#: Seconds that an idle keep-alive connection is kept; longer than the idle time of common load balancers (60 s).
_KEEP_ALIVE = 65
#: uvicorn's ticks in a second.
_TICKS = 10
_log = get_logger(__name__)


class DrainingServer(uvicorn.Server):
    """Goes on serving for `drain` seconds after SIGTERM or SIGINT, readiness saying 503, then stops accepting.

    Load balancers need that time to take the process off their lists. A second signal changes nothing.
    """

    def __init__(
        self, config: uvicorn.Config, lifecycle: Lifecycle, drain: float, tls: ServerTls | None = None
    ) -> None:
        super().__init__(config)
        self._tls = tls
        self._following: asyncio.Task[None] | None = None
        self._lifecycle = lifecycle
        self._drain = drain
        self._loop: asyncio.AbstractEventLoop | None = None
        self._cause = ""

    @contextmanager
    def capture_signals(self) -> Generator[None, None, None]:
        """Handle the signals as long as the server runs, and do not raise them again: a clean stop exits with 0."""
        previous = {number: signal.signal(number, self.handle_exit) for number in _SIGNALS}
        try:
            yield
        finally:
            for number, handler in previous.items():
                signal.signal(number, handler)

    async def startup(self, sockets: list[socket.socket] | None = None) -> None:
        """Start the application, then accept; what a signal asked for meanwhile is done then."""
        await super().startup(sockets)
        self._loop = asyncio.get_running_loop()
        self._loop.add_signal_handler(signal.SIGUSR1, toggle_debug)  # from here on between two steps of the loop
        if self._tls is not None:
            self._following = asyncio.create_task(self._tls.follow(), name="certificates")
        self._lifecycle.started()
        _log.info("worker ready", pid=os.getpid())
        if self._cause:
            self._begin_drain()

    def handle_exit(self, sig: int, frame: FrameType | None) -> None:
        """Begin the shutdown at the first signal."""
        del frame
        if self._lifecycle.begin_shutdown():
            self._cause = signal.Signals(sig).name
            if self._loop is not None:
                self._loop.call_soon_threadsafe(self._begin_drain)

    def _begin_drain(self) -> None:
        _log.info("shutdown began", cause=self._cause, drain_seconds=self._drain)
        asyncio.get_running_loop().call_later(self._drain, setattr, self, "should_exit", True)

    async def on_tick(self, counter: int) -> bool:
        """Beside uvicorn's own work, hold every connection to its deadlines once a second."""
        if counter % _TICKS == 0:
            now = asyncio.get_running_loop().time()
            for connection in list(self.server_state.connections):
                if isinstance(connection, BoundedConnection):
                    connection.check(now)
        return await super().on_tick(counter)


def run_worker(
    app: Any, settings: Settings, lifecycle: Lifecycle, listener: socket.socket, tls: ServerTls | None = None
) -> None:
    """Serve `app` on `listener` until a signal ends it; over TLS where there is one.

    Raises SystemExit(3) when the application's start failed.
    """
    config = uvicorn.Config(
        app,
        loop="uvloop",
        http=bounded(_connection_limits(settings), CertificateConnection if tls else BoundedConnection),
        ssl_context_factory=(lambda *_: tls.context) if tls else None,
        ws="none",
        lifespan="on",
        log_config=None,
        access_log=False,
        server_header=False,
        proxy_headers=False,
        backlog=2048,
        timeout_keep_alive=_KEEP_ALIVE,
        timeout_graceful_shutdown=max(1, round(settings.shutdown_requests)),
    )
    DrainingServer(config, lifecycle, settings.shutdown_drain, tls).run([listener])


def _connection_limits(settings: Settings) -> ConnectionLimits:
    return ConnectionLimits(
        connections=max(1, settings.connections_max // settings.workers),
        reads=max(1, settings.reads_max // settings.workers),
        writes=max(1, settings.writes_max // settings.workers),
        headers=settings.headers_timeout,
        body=settings.body_timeout,
        body_max_bytes=settings.body_max_bytes,
        problem_base_url=settings.problem_base_url.rstrip("/"),
    )
