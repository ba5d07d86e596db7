"""UUIDv7 (RFC 9562): ids that sort by the millisecond in which they were minted."""

from __future__ import annotations

import os
import random
import time

__all__ = ["uuid7"]

# Not os.urandom: it lets other threads run, and 50 threads at `store` would wait for each other's turns.
_random = random.Random(os.urandom(32))  # noqa: S311 - unique, not secret
_bits = _random.getrandbits
_VERSION = 0x7 << 76
_VARIANT = 0b10 << 62


def _reseed() -> None:
    _random.seed(os.urandom(32))


if hasattr(os, "register_at_fork"):
    os.register_at_fork(after_in_child=_reseed)


def uuid7() -> str:
    """A new id in its canonical form: 48 bits of Unix milliseconds, then 74 random bits. Safe in threads and forks."""
    number = (time.time_ns() // 1_000_000) << 80 | _VERSION | _bits(12) << 64 | _VARIANT | _bits(62)
    text = f"{number:032x}"
    return f"{text[:8]}-{text[8:12]}-{text[12:16]}-{text[16:20]}-{text[20:]}"
