"""How the workers of an instance divide its connections to PostgreSQL."""

from __future__ import annotations

import msgspec

from datastorage.settings import Settings

__all__ = ["Share", "worker_share"]

#: Connections without which a worker cannot work: one for writes, one for reads.
_LEAST = 2


class Share(msgspec.Struct, frozen=True):
    """A worker's part of pool_max_size: connections of its pools, and whether one is left to LISTEN for changes."""

    pooled: int
    listens: bool


def worker_share(settings: Settings) -> Share:
    """What one worker may open so that all together stay within the setting.

    The sealer has one, or two where it publishes, and where callers prove who they are each worker has one to hear of
    API keys. A worker needs one connection for writes and one for reads. Where no further one is left, the catalog is
    read from the table for each search instead of being followed by LISTEN.
    """
    share = (settings.pool_max_size - settings.sealer_connections) // settings.workers - settings.authenticates
    listens = share > _LEAST
    return Share(pooled=share - listens, listens=listens)
