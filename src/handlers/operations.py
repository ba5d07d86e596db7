"""Health and readiness. `get_metrics` is answered by the console's Flask application."""

from __future__ import annotations

import asyncio

from handlers.dependencies import Dependencies
from web.messages import Request, Response, json_response

__all__ = ["get_health", "get_health_live", "get_health_ready", "list_partitions"]

_CONNECTED = {True: "connected", False: "unreachable"}
_SILENT = "PostgreSQL did not answer in time"
_AVAILABLE = {True: "available", False: "unavailable"}


async def get_health(_request: Request, deps: Dependencies) -> Response:
    """Say which of the two stores answers; 503 unless PostgreSQL does."""
    database, queue = await _stores(deps)
    stores = {"database": _CONNECTED[database], "queue": _CONNECTED[queue]}
    if database:
        return json_response({"status": "healthy", **stores})
    error = "PostgreSQL is considered down; writes go to the queue" if deps.database_is_down() else _SILENT
    return json_response({"status": "unhealthy", **stores, "error": error}, 503)


async def get_health_live(_request: Request, _deps: Dependencies) -> Response:
    """Say that the process runs."""
    return json_response({"status": "alive"})


async def get_health_ready(_request: Request, deps: Dependencies) -> Response:
    """Say whether an event can be stored durably somewhere: one store is enough."""
    if deps.shutting_down():
        return json_response({"status": "not_ready", "reason": "shutting_down"}, 503)
    database, queue = await _stores(deps)
    warnings = {"warnings": deficits} if (deficits := deps.queue_deficits()) else {}
    if database and queue:
        return json_response({"status": "ready", **warnings})
    components = {"database": _AVAILABLE[database], "queue": _AVAILABLE[queue]}
    if deps.database_is_down():
        components["breaker"] = "open"
    if database or queue:
        return json_response({"status": "degraded", "components": components, **warnings})
    return json_response({"status": "not_ready", "reason": "no_store_available", "components": components}, 503)


async def list_partitions(_request: Request, deps: Dependencies) -> Response:
    """Every month of the audit trail: its bounds, size, status and newest write."""
    return json_response({"partitions": await deps.partitions.states()})


async def _stores(deps: Dependencies) -> tuple[bool, bool]:
    database, queue = await asyncio.gather(deps.database_answers(), deps.queue_answers())
    return database, queue
