"""What the handlers may use; the program builds it once a process and passes it in."""

from __future__ import annotations

import msgspec

__all__ = ["Dependencies"]


class Dependencies(msgspec.Struct, frozen=True, kw_only=True):
    """The services below the edge. Each issue adds the members that its handlers need."""
