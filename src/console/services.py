"""What the console uses besides the operations: facts about this process that no operation tells."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping
from datetime import datetime
from typing import TYPE_CHECKING, Any

import msgspec

from access.grants import Grant
from audit.activity import Activities
from console.api import Caller
from console.history import QueueHistory
from telemetry.clock import Clock

if TYPE_CHECKING:
    from console.oidc import Provider

__all__ = ["ConsoleServices", "Upkeep"]


class Upkeep(msgspec.Struct, frozen=True, kw_only=True):
    """The upkeep of months as this process knows it. at: its last round, None before the first."""

    ahead: int
    interval: float
    at: datetime | None = None
    made: tuple[str, ...] = ()
    error: str = ""


class ConsoleServices(msgspec.Struct, frozen=True, kw_only=True):
    """What the program hands to the console."""

    activities: Activities
    history: QueueHistory
    clock: Clock
    #: The effective settings, secrets redacted.
    settings: Callable[[], Mapping[str, Any]]
    #: The environment variable of a setting, by its name.
    variable_of: Callable[[str], str]
    #: What upkeep did last in this process.
    upkeep: Callable[[], Upkeep]
    #: What a reader may do. Raises InvalidCredentialsError, AccessUnavailableError.
    grant_of: Callable[[Caller], Awaitable[Grant]]
    #: Where readers can sign in, beside with a token.
    provider: Provider | None
    #: Where browsers reach the console, without its path; empty: where they say that they do.
    address: str
    #: Whether the process was told to stop.
    shutting_down: Callable[[], bool]
    #: Programs and libraries by name, with their versions.
    versions: Mapping[str, str]
