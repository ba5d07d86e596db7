"""Legal holds: placing, releasing and listing them; every act is recorded before it is done."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Any, Protocol
from uuid import UUID

import msgspec

from audit.self_audit_events import self_audit_event
from audit.self_audit_log import SelfAuditLog
from audit.submission import EventRecorder
from repository.errors import DatabaseUnavailableError
from repository.holds import Hold, NewHold
from telemetry.clock import Clock, IdFactory

__all__ = ["HoldError", "HoldOffice", "HoldReleasedError", "SecondPersonError", "UnknownHoldError"]

_CATEGORY = "orchestration"


class HoldError(Exception):
    """A hold is not fit for what was asked."""


class UnknownHoldError(HoldError):
    """There is no such hold."""


class HoldReleasedError(HoldError):
    """The hold was released before."""


class SecondPersonError(HoldError):
    """Somebody else than who placed the hold must release it."""


class Holds(Protocol):
    """Where holds are kept: repository.holds.HoldTable, see there."""

    async def place(self, hold: NewHold) -> datetime:
        """Store a hold."""

    async def release(self, hold_id: UUID, reason: str, released_by: str | None) -> datetime | None:
        """End a hold."""

    async def get(self, hold_id: UUID) -> Hold | None:
        """One hold."""

    async def page(self, *, in_force: bool | None, after: UUID | None, limit: int) -> list[Hold]:
        """A page of holds."""


class HoldOffice:
    """Places, releases and lists holds.

    Every act is two audit events: one with the outcome `pending` before it, without which it is not done, and one when
    it is done. second_person: holds that are placed now are released by somebody else. Every method raises
    DatabaseUnavailableError.
    """

    def __init__(
        self,
        table: Holds,
        recorder: EventRecorder,
        done: SelfAuditLog,
        *,
        clock: Clock,
        new_id: IdFactory,
        second_person: bool,
    ) -> None:
        self._table = table
        self._recorder = recorder
        self._done = done
        self._clock = clock
        self._new_id = new_id
        self._second_person = second_person

    async def page(self, *, in_force: bool | None, after: UUID | None, limit: int) -> tuple[list[Hold], UUID | None]:
        """Holds behind the one with the id `after`, the newest first; and the id behind which the next page begins."""
        found = await self._table.page(in_force=in_force, after=after, limit=limit + 1)
        return found[:limit], found[limit - 1].hold_id if len(found) > limit else None

    async def place(self, *, matter: str, reason: str, placed_by: str, scope: Mapping[str, Any]) -> Hold:
        """Place a hold; as it is stored. scope: members of NewHold."""
        hold = NewHold(
            hold_id=self._new_id(),
            matter=matter,
            reason=reason,
            second_person=self._second_person,
            placed_by=placed_by or None,
            **scope,
        )
        data = {name: value for name, value in msgspec.structs.asdict(hold).items() if value is not None}
        await self._begin("placed", hold.hold_id, data)
        placed_at = await self._table.place(hold)
        self._end("placed", hold.hold_id, data)
        return Hold(
            **msgspec.structs.asdict(hold),
            placed_at=placed_at,
            released_by=None,
            released_at=None,
            release_reason=None,
        )

    async def release(self, hold_id: UUID, reason: str, released_by: str) -> Hold:
        """Release a hold; as it is stored then.

        Raises UnknownHoldError, HoldReleasedError; SecondPersonError where the hold or the setting asks for somebody
        else than who placed it, and `released_by` is that person or nobody.
        """
        hold = await self._found(hold_id)
        if hold.released_at is not None:
            raise HoldReleasedError(f"the hold {hold_id} was released on {hold.released_at:%Y-%m-%d}")
        if (hold.second_person or self._second_person) and released_by in {"", hold.placed_by}:
            raise SecondPersonError(f"the hold {hold_id} must be released by somebody else than who placed it")
        data = {"matter": hold.matter, "reason": reason, "released_by": released_by or None}
        await self._begin("released", hold_id, data)
        released_at = await self._table.release(hold_id, reason, released_by or None)
        if released_at is None:
            raise HoldReleasedError(f"the hold {hold_id} was released just now")
        self._end("released", hold_id, data)
        return msgspec.structs.replace(
            hold, released_by=released_by or None, released_at=released_at, release_reason=reason
        )

    async def _found(self, hold_id: UUID) -> Hold:
        hold = await self._table.get(hold_id)
        if hold is None:
            raise UnknownHoldError(f"there is no legal hold {hold_id}")
        return hold

    async def _begin(self, act: str, hold_id: UUID, data: Mapping[str, Any]) -> None:
        submission = self_audit_event(
            event_type=f"datastorage.hold.{act}",
            category=_CATEGORY,
            correlation_id=f"hold-{hold_id}",
            resource=("legal_hold", str(hold_id)),
            at=self._clock(),
            data=data,
            outcome="pending",
        )
        (outcome,) = await self._recorder.record([submission], all_or_nothing=False)
        if not outcome.state.is_kept:
            raise DatabaseUnavailableError("the act could not be recorded, and was not done")

    def _end(self, act: str, hold_id: UUID, data: Mapping[str, Any]) -> None:
        self._done.note(
            f"datastorage.hold.{act}",
            category=_CATEGORY,
            correlation_id=f"hold-{hold_id}",
            resource=("legal_hold", str(hold_id)),
            data=data,
        )
