"""Health and readiness. `get_metrics` is answered by the console's Flask application."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping
from typing import Literal

from contract.generated import operations as op
from contract.generated import responses
from handlers.dependencies import Dependencies
from web.messages import json_response

__all__ = ["get_health", "get_health_live", "get_health_ready", "list_partitions"]

_CONNECTED: Mapping[bool, Literal["connected", "unreachable"]] = {True: "connected", False: "unreachable"}
_DOWN = "PostgreSQL is considered down; writes go to the queue"
_SILENT = "PostgreSQL did not answer in time"
_AVAILABLE = {True: "available", False: "unavailable"}


async def get_health(_request: op.GetHealth, deps: Dependencies) -> op.GetHealthAnswer:
    """Say which of the two stores answers; 503 unless PostgreSQL does."""
    database, queue = await _stores(deps)
    health: responses.Health = {
        "status": "healthy" if database else "unhealthy",
        "database": _CONNECTED[database],
        "queue": _CONNECTED[queue],
    }
    if not database:
        health["error"] = _DOWN if deps.database_is_down() else _SILENT
    return json_response(health, 200 if database else 503)


async def get_health_live(_request: op.GetHealthLive, _deps: Dependencies) -> op.GetHealthLiveAnswer:
    """Say that the process runs."""
    return json_response({"status": "alive"})


async def get_health_ready(_request: op.GetHealthReady, deps: Dependencies) -> op.GetHealthReadyAnswer:
    """Say whether an event can be stored durably somewhere: one store is enough."""
    if deps.shutting_down():
        return json_response({"status": "not_ready", "reason": "shutting_down"}, 503)
    database, queue = await _stores(deps)
    readiness: responses.Readiness = {"status": "ready" if database and queue else "degraded"}
    if warnings := deps.warnings():
        readiness["warnings"] = warnings
    if database and queue:
        return json_response(readiness)
    components = {"database": _AVAILABLE[database], "queue": _AVAILABLE[queue]}
    if deps.database_is_down():
        components["breaker"] = "open"
    if database or queue:
        readiness["components"] = components
        return json_response(readiness)
    return json_response({"status": "not_ready", "reason": "no_store_available", "components": components}, 503)


async def list_partitions(_request: op.ListPartitions, deps: Dependencies) -> op.ListPartitionsAnswer:
    """Every month of the audit trail: its bounds, size, status and newest write."""
    return json_response({"partitions": await deps.partitions.states()})


async def _stores(deps: Dependencies) -> tuple[bool, bool]:
    database, queue = await asyncio.gather(deps.database_answers(), deps.queue_answers())
    return database, queue
