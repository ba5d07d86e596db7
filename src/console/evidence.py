"""The transparency log as a person asks about it: is everything sealed, and until when."""

from __future__ import annotations

from datetime import datetime, timedelta

import msgspec

from console.api import Answer

__all__ = ["LogState", "log_state"]

#: How long an event may wait for its seal before somebody should look: sealing takes about a second.
_LATE = timedelta(seconds=60)
#: The API counts events that wait up to here.
_MOST_PENDING = 10_000


class LogState(msgspec.Struct, frozen=True, kw_only=True):
    """What `/api/v1/log` tells. behind: an event has waited longer than it should; words: the state in a few."""

    origin: str
    size: int
    root: str | None
    sealed_at: datetime | None
    pending: int
    pending_since: datetime | None
    keys: tuple[str, ...]
    behind: bool = False
    words: str = ""


def log_state(answer: Answer, now: datetime) -> LogState | None:
    """The log's state; None where it cannot be had."""
    if not answer.ok:
        return None
    state = answer.read(LogState)
    behind = state.pending_since is not None and now - state.pending_since > _LATE
    count = f"{state.pending:,}" + (" or more" if state.pending >= _MOST_PENDING else "")
    words = f"{count} not sealed" if behind else "all sealed" if state.size else "nothing to seal yet"
    return msgspec.structs.replace(state, behind=behind, words=words)
