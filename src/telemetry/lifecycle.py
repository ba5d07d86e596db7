"""Where a process is between start and stop."""

from __future__ import annotations

import enum

__all__ = ["Lifecycle", "Phase"]


class Phase(enum.Enum):
    """The phases of a process, in order."""

    STARTING = "starting"
    SERVING = "serving"
    SHUTTING_DOWN = "shutting_down"


class Lifecycle:
    """The phase of this process; it never goes back."""

    def __init__(self) -> None:
        self.phase = Phase.STARTING

    def started(self) -> None:
        """Say that every part of the process runs; without effect once the shutdown has begun."""
        if self.phase is Phase.STARTING:
            self.phase = Phase.SERVING

    def begin_shutdown(self) -> bool:
        """Say that the process is about to end. Returns False if that was said before."""
        first = self.phase is not Phase.SHUTTING_DOWN
        self.phase = Phase.SHUTTING_DOWN
        return first
