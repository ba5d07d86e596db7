"""Clients for Redis with everything pinned that changes their behaviour.

redis-py retries ten times by default, which makes a dead Redis cost seconds and can double an XADD; the replies' shapes
depend on the protocol. Neither is left to a default here.
"""

from __future__ import annotations

from typing import Any

from redis.asyncio import BlockingConnectionPool, Redis
from redis.asyncio.retry import Retry
from redis.backoff import NoBackoff

__all__ = ["BLOCK_SECONDS", "blocking_client", "command_client"]

#: How long a reader waits in Redis for new entries.
BLOCK_SECONDS = 1.0
#: Connections of one client at the most; what arrives together shares round trips.
_CONNECTIONS = 16


def command_client(url: str, *, timeout: float) -> Redis:
    """For commands that answer at once. timeout: seconds to connect and to wait for a reply."""
    return _client(url, socket_connect_timeout=timeout, socket_timeout=timeout)


def blocking_client(url: str, *, timeout: float) -> Redis:
    """For readers that wait in Redis up to BLOCK_SECONDS: its socket timeout is longer than that."""
    return _client(url, socket_connect_timeout=timeout, socket_timeout=BLOCK_SECONDS + timeout)


def _client(url: str, **timeouts: float) -> Redis:
    options: dict[str, Any] = {"protocol": 2, "decode_responses": False, "retry": Retry(NoBackoff(), 0), **timeouts}
    # Who finds no connection waits for one: the default pool raises at once.
    pool = BlockingConnectionPool.from_url(
        url, max_connections=_CONNECTIONS, timeout=timeouts["socket_connect_timeout"], **options
    )
    return Redis.from_pool(pool)
