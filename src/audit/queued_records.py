"""Who may read a record that is not in its table: the limits that SQL enforces there."""

from __future__ import annotations

import msgspec

from repository.event_filters import Within

__all__ = ["is_readable"]


class _Placed(msgspec.Struct):
    namespace: str | None = None
    cluster_name: str | None = None
    recorded_by: str | None = None


def is_readable(payload: bytes | msgspec.Raw, within: Within) -> bool:
    """Whether the record in `payload`, as the queue keeps it, is there; what cannot be read is in no place."""
    if within.is_everywhere:
        return True
    try:
        placed = msgspec.json.decode(payload, type=_Placed)
    except (msgspec.MsgspecError, UnicodeError, RecursionError):
        placed = _Placed()
    return within.has(placed.namespace, placed.cluster_name, placed.recorded_by)
