"""The application of one worker: how its services start and stop, and the edge around them."""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import AsyncIterator, Awaitable, Callable, Mapping
from contextlib import AbstractAsyncContextManager, asynccontextmanager
from typing import Any

from console.metrics_app import metrics_asgi_app
from datastorage.composition import Services, compose, worker_share
from datastorage.edge import build_asgi_app
from datastorage.operator_console import build_console
from datastorage.settings import Settings
from telemetry.lifecycle import Lifecycle
from telemetry.logs import get_logger
from telemetry.supervision import supervised

__all__ = ["build_app"]

#: Seconds that a scrape waits for fresh gauges, and a step of the shutdown that stores nothing for its end.
_BRIEFLY = 1.0
_log = get_logger(__name__)


def build_app(settings: Settings, lifecycle: Lifecycle) -> Any:
    """The ASGI application of one worker. Nothing connects before the server enters its lifespan."""
    services = compose(settings, lifecycle)
    loops = {
        "partition upkeep": services.upkeep.run,
        "watch redis": services.redis.run,
        "watch pools": services.stores.database.watch,
        **services.access.loops,
    }
    if worker_share(settings).listens:
        loops["workflow catalog"] = services.catalog.run
    mounts = {}
    if settings.console_enabled:
        mounts["/console"], api, history = build_console(
            settings,
            services.dependencies,
            services.stores.reads,
            lambda: services.upkeep.last,
            services.access.guard,
        )
        loops["console history"] = history.run
    app = build_asgi_app(
        settings,
        services.dependencies,
        lifespan=_lifespan(services, loops, flush=settings.shutdown_flush),
        guard=services.access.guard,
        apps={"get_metrics": _fresh(metrics_asgi_app(), services)},
        mounts=mounts,
    )
    if settings.console_enabled:
        api.connect(app)
    return app


def _lifespan(
    services: Services, loops: Mapping[str, Callable[[], Awaitable[object]]], *, flush: float
) -> Callable[[Any], AbstractAsyncContextManager[None]]:
    """Starts what runs beside the requests, and ends it step by step. flush: seconds for the three steps that store."""

    @asynccontextmanager
    async def lifespan(_app: Any) -> AsyncIterator[None]:
        await services.stores.database.open()
        if services.stores.database.standby is not None:
            services.stores.targets.standby.request_probe()
        for way in services.stores.ways:
            way.replay.start()
        learning = asyncio.create_task(services.cursor_key.run(), name="key of cursors")
        running = [learning, *(supervised(name, run) for name, run in loops.items())]
        await asyncio.wait([learning], timeout=_BRIEFLY)  # so that the first pages need not be refused
        yield
        for task in running:
            task.cancel()
        share = flush / 3
        await _step("write own events", services.self_audit.flush(), share)
        await _step("flush writes", _all(way.committer.flush() for way in services.stores.ways), share)
        await _step("hand over the queue", _all(way.replay.stop() for way in services.stores.ways), share)
        await _step("end probes", _stop_probes(services), _BRIEFLY)
        await _step(
            "close the queue",
            _all(one.aclose() for one in (services.stores.commands, services.stores.reader)),
            _BRIEFLY,
        )
        await _step("close the pools", services.stores.database.close(), 2 * _BRIEFLY + 1)

    return lifespan


def _fresh(scrape: Any, services: Services) -> Any:
    """The exporter, with the gauges of the stores set anew for each scrape; those of a store that is down stay."""

    async def answer(scope: Any, receive: Any, send: Any) -> None:
        services.stores.database.publish()
        asked = [services.redis.refresh_gauges()]
        if not services.stores.targets.primary.is_down:
            asked.append(services.partitions.refresh_gauges())
        with contextlib.suppress(TimeoutError):
            async with asyncio.timeout(_BRIEFLY):
                await asyncio.gather(*asked, return_exceptions=True)
        await scrape(scope, receive, send)

    return answer


async def _stop_probes(services: Services) -> None:
    targets = services.stores.targets
    await asyncio.gather(
        targets.primary.stop(), targets.standby.stop(), targets.queue.stop(), services.stores.months.stop()
    )


async def _all(work: Any) -> None:
    await asyncio.gather(*work)


async def _step(name: str, work: Awaitable[Any], seconds: float) -> None:
    """One step of the shutdown, bounded; the next one runs whatever becomes of it."""
    try:
        async with asyncio.timeout(seconds):
            await work
    except Exception:  # noqa: BLE001 - a step that fails must not keep the others from running
        _log.exception("shutdown: step failed", step=name, bound_seconds=seconds)
