"""When to ask again, and after how long."""

from __future__ import annotations

import email.utils
import random
from collections.abc import Callable, Mapping
from datetime import datetime, timezone

__all__ = ["backoff", "retry_after"]

#: A service that asks for more is asked again all the same.
_LONGEST_WAIT = 300.0
_random = random.SystemRandom().random


def backoff(failures: int, first: float, longest: float, rng: Callable[[], float] = _random) -> float:
    """Seconds to wait after this many failures in a row (from 1): doubled each time, shortened by up to half."""
    ceiling = min(longest, first * 2.0 ** min(failures - 1, 60))
    return ceiling * (0.5 + 0.5 * rng())


def retry_after(headers: Mapping[str, str]) -> float:
    """Seconds that `Retry-After` asks for, given as such or as a date, at most 300; 0 where there is none."""
    text = headers.get("retry-after", "").strip()
    if text.isascii() and text.isdigit():
        return min(float(text[:9]), _LONGEST_WAIT)
    try:
        at = email.utils.parsedate_to_datetime(text)
    except (TypeError, ValueError):
        return 0.0
    aware = at if at.tzinfo else at.replace(tzinfo=timezone.utc)
    return min(max((aware - datetime.now(timezone.utc)).total_seconds(), 0.0), _LONGEST_WAIT)
