"""What becomes of submitted events: the words between the recorder and those who ask it."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Literal, Protocol
from uuid import UUID

import msgspec

__all__ = ["UNAVAILABLE", "EventRecorder", "Flaw", "Outcome", "Submission"]

#: The reason of the flaw of an event that no store took, while others of its request were recorded.
UNAVAILABLE = "unavailable"


class Flaw(msgspec.Struct, frozen=True, kw_only=True):
    """One broken rule. pointer: a JSON Pointer into the event, such as `/event_timestamp`; empty for the whole event.

    reason: a short name of the rule, for metrics.
    """

    pointer: str
    message: str
    reason: str


class Submission(msgspec.Struct, frozen=True, kw_only=True):
    """One event as it was sent: JSON text that fits the contract's schema.

    index: its place in the request. idempotency_key: stands for an event_id where the event brings none; may be empty.
    """

    index: int
    text: msgspec.Raw
    idempotency_key: str = ""


class Outcome(msgspec.Struct, frozen=True, kw_only=True):
    """What became of one submission.

    rejected: flaws say why. conflict: event_id is recorded with other content. Otherwise event_id and event_timestamp
    (as stored, UTC) are set.
    """

    status: Literal["created", "duplicate", "queued", "conflict", "rejected"]
    event_id: UUID | None = None
    event_timestamp: datetime | None = None
    flaws: tuple[Flaw, ...] = ()

    @property
    def may_succeed_later(self) -> bool:
        """Whether no store took it now, and nothing else is wrong with it."""
        return any(flaw.reason == UNAVAILABLE for flaw in self.flaws)


class EventRecorder(Protocol):
    """Records events durably, or says why not."""

    async def record(self, submissions: Sequence[Submission], *, all_or_nothing: bool) -> Sequence[Outcome]:
        """One outcome for each submission, in order.

        all_or_nothing: as soon as one is rejected or in conflict nothing is stored, and the outcomes of the others mean
        nothing. Raises DatabaseUnavailableError when neither store takes events: then nothing was stored.
        """

    async def check(self, submissions: Sequence[Submission]) -> Sequence[tuple[Flaw, ...]]:
        """The flaws of each submission that can be found without a store; nothing is written.

        Used for requests that are refused anyway: the text may break the schema. A rule whose members are unusable
        finds nothing.
        """
