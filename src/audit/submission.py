"""What is submitted to the audit trail, and who takes it."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Protocol

import msgspec

from pipeline.outcome import Flaw, Outcome

__all__ = ["EventRecorder", "Submission"]


class Submission(msgspec.Struct, frozen=True, kw_only=True):
    """One event as it was sent: JSON text that fits the contract's schema.

    index: its place in the request. idempotency_key: stands for an event_id where the event brings none; may be empty.
    recorded_by: who sent it; empty where nobody was asked. own: it is the service's, which may use its own names.
    """

    index: int
    text: msgspec.Raw
    idempotency_key: str = ""
    recorded_by: str = ""
    own: bool = False


class EventRecorder(Protocol):
    """Records events durably, or says why not."""

    async def record(self, submissions: Sequence[Submission], *, all_or_nothing: bool) -> Sequence[Outcome]:
        """One outcome for each submission, in order; its record is the AuditEvent, where one was made.

        all_or_nothing: as soon as one is not kept nothing is, and the outcomes of the others mean nothing; as soon as
        one is UNKNOWN all are.
        """

    async def check(self, submissions: Sequence[Submission]) -> Sequence[tuple[Flaw, ...]]:
        """The flaws of each submission that can be found without a store; nothing is written.

        Used for requests that are refused anyway: the text may break the schema. A rule whose members are unusable
        finds nothing.
        """
