"""Legal holds: list, place, release."""

from __future__ import annotations

from datetime import datetime
from typing import Any
from uuid import UUID

import msgspec

from contract.generated import operations as op
from contract.generated import responses
from handlers.dependencies import Dependencies
from handlers.grants import require_unlimited_reads
from repository.holds import Hold
from web.messages import json_response, link_to_next
from web.problems import Violation, validation_problem

__all__ = ["list_legal_holds", "place_legal_hold", "release_legal_hold"]

_EXACT = ("correlation_id", "resource_type", "resource_id", "actor_id", "event_category")
_STATES = {"in_force": True, "released": False}


async def list_legal_holds(request: op.ListLegalHolds, deps: Dependencies) -> op.ListLegalHoldsAnswer:
    """A page of holds, the newest first. Raises Problem 403 for a limited grant: a hold is about every namespace."""
    require_unlimited_reads(request.grant)
    limit = request.query.get("limit", 50)
    cursor = request.query.get("cursor")
    found, following = await deps.holds.page(
        in_force=_STATES.get(request.query.get("state", "")),
        after=UUID(str(cursor)) if cursor else None,
        limit=limit,
    )
    next_cursor = str(following) if following else None
    document: responses.LegalHoldPage = {
        "data": [_answer(hold) for hold in found],
        "pagination": {"limit": limit, "has_more": following is not None, "next_cursor": next_cursor},
    }
    return json_response(document, headers=link_to_next(request, next_cursor))


async def place_legal_hold(request: op.PlaceLegalHold, deps: Dependencies) -> op.PlaceLegalHoldAnswer:
    """Place a hold. Raises Problem: 400 for a range of time that ends before it begins, 403 for a limited grant."""
    require_unlimited_reads(request.grant)
    scope: Any = request.document["scope"]
    instants = {name: msgspec.convert(scope[name], datetime) for name in ("since", "until") if name in scope}
    if len(instants) > 1 and instants["until"] < instants["since"]:
        raise validation_problem([Violation("#/scope/until", "until is before since", "scope.until")])
    hold = await deps.holds.place(
        matter=request.document["matter"],
        reason=request.document["reason"],
        placed_by=request.grant.subject,
        scope={**{name: scope.get(name) for name in _EXACT}, **instants},
    )
    return json_response(_answer(hold), 201)


async def release_legal_hold(request: op.ReleaseLegalHold, deps: Dependencies) -> op.ReleaseLegalHoldAnswer:
    """Release a hold. Raises HoldError, and Problem 403 for a limited grant."""
    require_unlimited_reads(request.grant)
    hold_id = UUID(str(request.path_params["hold_id"]))
    return json_response(_answer(await deps.holds.release(hold_id, request.document["reason"], request.grant.subject)))


def _answer(hold: Hold) -> responses.LegalHold:
    scope: Any = {name: value for name in (*_EXACT, "since", "until") if (value := getattr(hold, name)) is not None}
    return {
        "hold_id": hold.hold_id,
        "matter": hold.matter,
        "reason": hold.reason,
        "scope": scope,
        "second_person": hold.second_person,
        "placed_by": hold.placed_by,
        "placed_at": hold.placed_at,
        "released_by": hold.released_by,
        "released_at": hold.released_at,
        "release_reason": hold.release_reason,
    }
