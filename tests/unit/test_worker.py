"""The worker's server: signals at any moment."""

from __future__ import annotations

import asyncio
import signal
from typing import Any

import uvicorn

from datastorage.worker import DrainingServer
from telemetry.lifecycle import Lifecycle, Phase


async def test_a_signal_during_the_start_ends_the_server_in_order() -> None:
    """The application is started and stopped, and nothing is raised."""
    steps: list[str] = []

    async def app(scope: Any, receive: Any, send: Any) -> None:
        assert scope["type"] == "lifespan"
        await receive()
        server.handle_exit(signal.SIGTERM, None)
        server.handle_exit(signal.SIGINT, None)
        steps.append("started")
        await send({"type": "lifespan.startup.complete"})
        await receive()
        steps.append("stopped")
        await send({"type": "lifespan.shutdown.complete"})

    lifecycle = Lifecycle()
    config = uvicorn.Config(app, port=0, host="127.0.0.1", log_config=None, lifespan="on")
    server = DrainingServer(config, lifecycle, drain=0)
    await asyncio.wait_for(server.serve(), 10)
    assert steps == ["started", "stopped"]
    assert lifecycle.phase is Phase.SHUTTING_DOWN
