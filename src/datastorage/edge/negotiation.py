"""Content negotiation (RFC 9110, section 12.5.1)."""

from __future__ import annotations

from collections.abc import Sequence
from functools import lru_cache

from web.problems import Problem

__all__ = ["negotiated"]


def negotiated(accept: str, offered: Sequence[str]) -> str:
    """The media type to answer with: of those `offered`, best first, the one that the Accept header likes most.

    An absent or empty header takes anything. Raises Problem not-acceptable when the header excludes all of them.
    """
    if not offered:
        return ""
    if accept in {"", "*/*", offered[0]}:
        return offered[0]
    chosen = _choose(accept, tuple(offered))
    if not chosen:
        raise Problem("not-acceptable", f"The answer comes as {' or '.join(offered)}; the Accept header excludes that.")
    return chosen


@lru_cache(maxsize=256)
def _choose(accept: str, offered: tuple[str, ...]) -> str:
    ranges = [_media_range(part) for part in accept.split(",") if part.strip()]
    best, best_quality = "", 0.0
    for media_type in offered:
        quality = _quality(media_type, ranges)
        if quality > best_quality:
            best, best_quality = media_type, quality
    return best


def _media_range(text: str) -> tuple[str, float]:
    media_type, *parameters = (part.strip().lower() for part in text.split(";"))
    quality = next((part[2:] for part in parameters if part.startswith("q=")), "1")
    try:
        return media_type, min(max(float(quality), 0.0), 1.0)
    except ValueError:
        return media_type, 1.0


def _quality(media_type: str, ranges: Sequence[tuple[str, float]]) -> float:
    """The quality that the most specific matching range gives to `media_type`; 0 where none matches."""
    for wanted in (media_type, media_type.partition("/")[0] + "/*", "*/*"):
        for media_range, quality in ranges:
            if media_range == wanted:
                return quality
    return 0.0
