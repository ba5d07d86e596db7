"""Whether what Redis acknowledges is on its disk."""

from __future__ import annotations

from redis.asyncio import Redis
from redis.exceptions import ResponseError

from dlq.queue import translated_errors

__all__ = ["durability_deficits"]


async def durability_deficits(client: Redis) -> tuple[str, ...]:
    """What Redis' configuration lacks for an acknowledged entry to survive its crash; empty when nothing does.

    Managed offers that refuse CONFIG are reported as unknown, not as lacking nothing. Raises QueueUnavailableError.
    """
    with translated_errors():
        try:
            settings = await client.config_get("appendonly", "appendfsync", "maxmemory-policy")
        except ResponseError:
            return ("its durability is unknown: CONFIG GET is not allowed",)
    values = {_text(name or ""): _text(value or "") for name, value in settings.items()}
    return tuple(_lacking(values))


def _lacking(values: dict[str, str]) -> list[str]:
    deficits = []
    if values.get("appendonly") != "yes":
        deficits.append("appendonly is off: set `appendonly yes`")
    elif values.get("appendfsync") not in {"always", "everysec"}:
        deficits.append("appendfsync is no: set `appendfsync always` (or everysec, which may lose one second)")
    if values.get("maxmemory-policy") != "noeviction":
        deficits.append(
            f"maxmemory-policy {values.get('maxmemory-policy')} evicts entries: set `maxmemory-policy noeviction`"
        )
    return deficits


def _text(value: bytes | str) -> str:
    return value.decode() if isinstance(value, bytes) else value
