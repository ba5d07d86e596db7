"""The application of one worker: how its services start and stop, and the edge around them."""

from __future__ import annotations

import asyncio
import contextlib
import os
from collections.abc import AsyncIterator, Awaitable, Callable, Mapping
from contextlib import AbstractAsyncContextManager, asynccontextmanager
from typing import TYPE_CHECKING, Any

from console.metrics_app import metrics_asgi_app
from datastorage.composition import Services, compose
from datastorage.edge import build_asgi_app, load_spec
from datastorage.operator_console import build_console
from datastorage.sealing import announce_log
from datastorage.settings import Settings
from datastorage.worker_share import worker_share
from handlers.notifications import SERVICE
from telemetry import exemplars
from telemetry.lifecycle import Lifecycle
from telemetry.logs import get_logger
from telemetry.spans import set_tracer
from telemetry.supervision import supervised
from telemetry.writes import announce_services

if TYPE_CHECKING:
    from datastorage.traces import Traces

__all__ = ["build_app"]

#: Seconds that a scrape waits for fresh gauges, and a step of the shutdown that stores nothing for its end.
_BRIEFLY = 1.0
#: Seconds that a request to the collector of spans may take.
_EXPORT = 5.0
_log = get_logger(__name__)


def build_app(settings: Settings, lifecycle: Lifecycle) -> Any:
    """The ASGI application of one worker. Nothing connects before the server enters its lifespan."""
    services = compose(settings, lifecycle)
    spec = load_spec()
    announce_log(settings)
    announce_services([*spec[1]["components"]["schemas"]["EventCategory"]["enum"], SERVICE])
    loops = {
        "partition upkeep": services.upkeep.run,
        "watch redis": services.redis.run,
        "watch the way to PostgreSQL": services.pooler.run,
        "watch pools": services.stores.database.watch,
        **services.access.loops,
    }
    if settings.traces_endpoint and "PROMETHEUS_MULTIPROC_DIR" in os.environ:
        loops["exemplars"] = exemplars.publish
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
        lifespan=_lifespan(services, loops, settings),
        guard=services.access.guard,
        apps={"get_metrics": _fresh(metrics_asgi_app(), services)},
        mounts=mounts,
        spec=spec,
    )
    if settings.console_enabled:
        api.connect(app)
    return app


def _lifespan(
    services: Services, loops: Mapping[str, Callable[[], Awaitable[object]]], settings: Settings
) -> Callable[[Any], AbstractAsyncContextManager[None]]:
    """Starts what runs beside the requests, and ends it step by step."""

    @asynccontextmanager
    async def lifespan(_app: Any) -> AsyncIterator[None]:
        traces = _begin_traces(settings)
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
        share = settings.shutdown_flush / 3  # for each of the three steps that store
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
        if traces is not None:
            await _step("send spans", asyncio.to_thread(traces.flush, _BRIEFLY), _BRIEFLY)

    return lifespan


def _begin_traces(settings: Settings) -> Traces | None:
    """Trace requests from now on, in this process, if that is asked for."""
    if not settings.traces_endpoint:
        return None
    from datastorage.traces import Traces, otlp_exporter  # only with the extra `traces`

    traces = Traces(otlp_exporter(settings.traces_endpoint, timeout=_EXPORT))
    set_tracer(traces, sample=settings.traces_sample)
    return traces


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
