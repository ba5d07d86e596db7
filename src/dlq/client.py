"""Clients for Redis with everything pinned that changes their behaviour.

redis-py retries ten times by default, which makes a dead Redis cost seconds and can double an XADD; the replies' shapes
depend on the protocol. Neither is left to a default here.
"""

from __future__ import annotations

from typing import Any

from redis.asyncio import BlockingConnectionPool, Redis
from redis.asyncio.retry import Retry
from redis.asyncio.sentinel import (
    Sentinel,
    SentinelConnectionPool,
    SentinelManagedConnection,
    SentinelManagedSSLConnection,
)
from redis.backoff import NoBackoff
from redis.connection import parse_url

from addresses.sentinels import SentinelAddress, read

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
    waiting: dict[str, Any] = {"max_connections": _CONNECTIONS, "timeout": timeouts["socket_connect_timeout"]}
    behind = read(url)
    if behind is None:
        return Redis.from_pool(BlockingConnectionPool.from_url(url, **waiting, **options))
    return Redis.from_pool(_behind_sentinels(behind, waiting | options))


class _MasterPool(SentinelConnectionPool, BlockingConnectionPool):
    """Connections to the master that the Sentinels name; who finds none waits for one."""


def _behind_sentinels(behind: SentinelAddress, options: dict[str, Any]) -> _MasterPool:
    """Sentinels are asked one after another: all of them together may take as long as one connection."""
    given: dict[str, Any] = parse_url(behind.server)  # type: ignore[no-untyped-call]
    secure = given.pop("connection_class", None) is not None
    given.pop("host", None)
    share = options["socket_connect_timeout"] / (len(behind.sentinels) + 1)
    asking = {name: value for name, value in given.items() if name.startswith("ssl_")} | {
        "ssl": secure,
        "username": behind.username,
        "password": behind.password,
        "socket_connect_timeout": share,
        "socket_timeout": share,
        "retry": Retry(NoBackoff(), 0),
    }
    sentinel = Sentinel(behind.sentinels, sentinel_kwargs=asking)  # type: ignore[no-untyped-call]
    kind = SentinelManagedSSLConnection if secure else SentinelManagedConnection
    return _MasterPool(  # type: ignore[no-untyped-call]
        behind.service, sentinel, connection_class=kind, **given, **options
    )
