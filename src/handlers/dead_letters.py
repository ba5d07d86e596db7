"""The queue and its dead letters, for a person to look at, replay or discard."""

from __future__ import annotations

from datetime import datetime

import msgspec

from audit.dead_letters import Letter, RequeueOutcome
from dlq import QueueState, alarm_level
from handlers.dependencies import Dependencies
from web.messages import Request, Response, json_response, link_to_next
from web.problems import Problem

__all__ = [
    "discard_dead_letter",
    "get_dead_letter",
    "get_dlq",
    "list_dead_letters",
    "replay_dead_letter",
    "replay_dead_letters",
]

_REASONS = {
    RequeueOutcome.CONFLICT: "the queue holds a record with this id and other content: let it drain, then decide",
    RequeueOutcome.UNREADABLE: "it lacks what a record needs: only discarding is left",
}


async def get_dlq(_request: Request, deps: Dependencies) -> Response:
    """Each queue: depth, capacity, age, dead letters."""
    now = deps.audit_reads.clock()
    return json_response({"streams": [_stream(state, now) for state in await deps.dead_letters.states()]})


async def list_dead_letters(request: Request, deps: Dependencies) -> Response:
    """A page of dead letters, without their records."""
    limit = request.query.get("limit", 50)
    found, following = await deps.dead_letters.page(
        queue=request.query.get("queue"), after=request.query.get("cursor", ""), limit=limit
    )
    document = {
        "data": [_without_record(letter) for letter in found],
        "pagination": {"limit": limit, "has_more": following is not None, "next_cursor": following},
    }
    return json_response(document, headers=link_to_next(request, following))


async def get_dead_letter(request: Request, deps: Dependencies) -> Response:
    """One dead letter with its record."""
    return json_response(await _found(request, deps))


async def discard_dead_letter(request: Request, deps: Dependencies) -> Response:
    """Delete one for good; who does it says why."""
    letter = await _found(request, deps)
    if not await deps.dead_letters.discard(letter, request.query["reason"]):
        raise _gone(letter.id)
    return json_response({"id": letter.id, "record_id": letter.record_id, "state": "discarded"})


async def replay_dead_letter(request: Request, deps: Dependencies) -> Response:
    """Put one back into its queue, as if it had never been tried."""
    letter = await _found(request, deps)
    outcome = await deps.dead_letters.replay(letter)
    if outcome is RequeueOutcome.MISSING:
        raise _gone(letter.id)
    if outcome is RequeueOutcome.FULL:
        raise Problem(
            "service-unavailable",
            "The queue is full. The dead letter is kept; ask again.",
            headers={"Retry-After": "5"},
        )
    if outcome in _REASONS:
        raise Problem("conflict", f"The dead letter {letter.id} cannot be replayed: {_REASONS[outcome]}.")
    return json_response({"id": letter.id, "record_id": letter.record_id, "state": "queued"}, 202)


async def replay_dead_letters(request: Request, deps: Dependencies) -> Response:
    """Put back many at once, oldest first."""
    done = await deps.dead_letters.replay_all(queue=request.query.get("queue"), limit=request.query.get("limit", 100))
    return json_response(done, 202)


async def _found(request: Request, deps: Dependencies) -> Letter:
    letter_id = str(request.path_params["dead_letter_id"])
    letter = await deps.dead_letters.get(letter_id)
    if letter is None:
        raise _gone(letter_id)
    return letter


def _gone(letter_id: str) -> Problem:
    return Problem("not-found", f"there is no dead letter {letter_id}: it may have been replayed or discarded")


def _without_record(letter: Letter) -> dict[str, object]:
    document = msgspec.structs.asdict(letter)
    del document["record"]
    return document


def _stream(state: QueueState, now: datetime) -> dict[str, object]:
    age = (now - state.oldest).total_seconds() if state.oldest else None
    return {
        "name": state.name,
        "depth": state.depth,
        "capacity": state.capacity,
        "ratio": state.ratio,
        "alarm": alarm_level(state.depth, state.capacity).name.lower(),
        "oldest_age_seconds": None if age is None else max(age, 0.0),
        "dead_letters": state.dead_letters,
    }
