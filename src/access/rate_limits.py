"""Token buckets of callers: shared through Redis by every process, each process' own while Redis is away."""

from __future__ import annotations

import time
from collections.abc import Callable
from functools import lru_cache
from typing import Any, NamedTuple

from redis.asyncio import Redis
from throttled.asyncio import BaseRateLimiter, MemoryStore, RateLimiterRegistry, RateLimiterType, RedisStore, per_sec
from throttled.exceptions import BaseThrottledError

from telemetry.logs import get_logger

__all__ = ["Bucket", "RateLimits"]

_PREFIX = "audit:access"
#: Seconds for which Redis is not asked again once it did not answer.
_REST = 1.0
_MOST_LOCAL = 10_000
_log = get_logger(__name__)


class Bucket(NamedTuple):
    """A bucket after a request took its token, or did not get one. Times in seconds."""

    allowed: bool
    size: int
    left: int
    full_after: int
    retry_after: int

    @property
    def headers(self) -> dict[str, str]:
        """What the caller is told (draft-ietf-httpapi-ratelimit-headers-07)."""
        told = {"RateLimit-Limit": self.size, "RateLimit-Remaining": self.left, "RateLimit-Reset": self.full_after}
        if not self.allowed:
            told["Retry-After"] = max(1, self.retry_after)
        return {name: str(value) for name, value in told.items()}


class RateLimits:
    """Takes tokens. client: Redis, with a short timeout. monotonic: seconds, from any start."""

    def __init__(self, client: Redis, *, monotonic: Callable[[], float] = time.monotonic) -> None:
        shared, local = _SharedStore(client), MemoryStore(options={"MAX_SIZE": _MOST_LOCAL})
        self._shared = lru_cache(maxsize=256)(lambda rate, burst: _limiter(shared, rate, burst))
        self._local = lru_cache(maxsize=256)(lambda rate, burst: _limiter(local, rate, burst))
        self._monotonic = monotonic
        self._ask_again_at = float("-inf")

    async def take(self, who: str, *, per_second: float, burst: int) -> Bucket:
        """Take a token from the bucket of `who`, which gets `per_second` new ones up to `burst`. Never raises.

        Whole tokens are added each second, so that the rate counts in whole requests and the burst is no less.
        """
        rate = max(1, round(per_second))
        burst = max(burst, rate)
        if self._monotonic() >= self._ask_again_at:
            try:
                return await _taken(self._shared(rate, burst), who)
            except (BaseThrottledError, OSError) as error:
                self._ask_again_at = self._monotonic() + _REST
                _log.info("rate limits are this process' own: Redis does not answer", cause=type(error).__name__)
        return await _taken(self._local(rate, burst), who)


class _SharedStore(RedisStore):
    """throttled's store over a client that is ours, with our timeouts and TLS."""

    def __init__(self, client: Any) -> None:
        super().__init__()
        self._backend._client = client  # noqa: SLF001 - it would make one of its own


def _limiter(store: Any, rate: int, burst: int) -> BaseRateLimiter:
    kind = RateLimiterRegistry.get(RateLimiterType.TOKEN_BUCKET.value)
    return kind(per_sec(rate, burst), store, key_prefix=f"{_PREFIX}:{rate}:{burst}")


async def _taken(limiter: BaseRateLimiter, who: str) -> Bucket:
    result = await limiter.limit(who)
    state = result.state
    return Bucket(not result.limited, state.limit, state.remaining, int(state.reset_after), int(state.retry_after))
