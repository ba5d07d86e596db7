"""The queue and its dead letters, for a person to look at, replay or discard."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Literal

from audit.dead_letters import Letter, RequeueOutcome
from audit.queued_records import is_readable
from contract.generated import operations as op
from contract.generated import requests, responses
from dlq import AlarmLevel, QueueState, alarm_level
from handlers.dependencies import Dependencies
from handlers.grants import readable
from web.messages import json_response, link_to_next
from web.problems import Problem

__all__ = [
    "discard_dead_letter",
    "get_dead_letter",
    "get_dlq",
    "list_dead_letters",
    "replay_dead_letter",
    "replay_dead_letters",
]

_ALARMS: Mapping[AlarmLevel, Literal["none", "warning", "critical", "overflow_imminent"]] = {
    AlarmLevel.NONE: "none",
    AlarmLevel.WARNING: "warning",
    AlarmLevel.CRITICAL: "critical",
    AlarmLevel.OVERFLOW_IMMINENT: "overflow_imminent",
}
_REASONS = {
    RequeueOutcome.CONFLICT: "the queue holds a record with this id and other content: let it drain, then decide",
    RequeueOutcome.UNREADABLE: "it lacks what a record needs: only discarding is left",
}


async def get_dlq(_request: op.GetDlq, deps: Dependencies) -> op.GetDlqAnswer:
    """Each queue: depth, capacity, age, dead letters."""
    now = deps.audit_reads.clock()
    return json_response({"streams": [_stream(state, now) for state in await deps.dead_letters.states()]})


async def list_dead_letters(request: op.ListDeadLetters, deps: Dependencies) -> op.ListDeadLettersAnswer:
    """A page of dead letters, without their records."""
    limit = request.query.get("limit", 50)
    found, following = await deps.dead_letters.page(
        queue=request.query.get("queue"), after=request.query.get("cursor", ""), limit=limit
    )
    document: responses.DeadLetterPage = {
        "data": [_without_record(letter) for letter in found],
        "pagination": {"limit": limit, "has_more": following is not None, "next_cursor": following},
    }
    return json_response(document, headers=link_to_next(request, following))


async def get_dead_letter(request: op.GetDeadLetter, deps: Dependencies) -> op.GetDeadLetterAnswer:
    """One dead letter with its record. Raises Problem: 403 where the grant does not read the record."""
    letter = await _found(request.path_params, deps)
    if not is_readable(letter.record, readable(request.grant)):
        raise Problem("forbidden", "These credentials do not read the record of this dead letter.")
    return json_response(letter)


async def discard_dead_letter(request: op.DiscardDeadLetter, deps: Dependencies) -> op.DiscardDeadLetterAnswer:
    """Delete one for good; who does it says why."""
    letter = await _found(request.path_params, deps)
    if not await deps.dead_letters.discard(letter, request.query["reason"]):
        raise _gone(letter.id)
    return json_response({"id": letter.id, "record_id": letter.record_id, "state": "discarded"})


async def replay_dead_letter(request: op.ReplayDeadLetter, deps: Dependencies) -> op.ReplayDeadLetterAnswer:
    """Put one back into its queue, as if it had never been tried."""
    letter = await _found(request.path_params, deps)
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


async def replay_dead_letters(request: op.ReplayDeadLetters, deps: Dependencies) -> op.ReplayDeadLettersAnswer:
    """Put back many at once, oldest first."""
    done = await deps.dead_letters.replay_all(queue=request.query.get("queue"), limit=request.query.get("limit", 100))
    return json_response(done, 202)


async def _found(path: requests.GetDeadLetterPath, deps: Dependencies) -> Letter:
    letter_id = path["dead_letter_id"]
    letter = await deps.dead_letters.get(letter_id)
    if letter is None:
        raise _gone(letter_id)
    return letter


def _gone(letter_id: str) -> Problem:
    return Problem("not-found", f"there is no dead letter {letter_id}: it may have been replayed or discarded")


def _without_record(letter: Letter) -> responses.DeadLetterSummary:
    return {
        "id": letter.id,
        "queue": letter.queue,
        "record_id": letter.record_id,
        "record_type": letter.record_type,
        "enqueued_at": letter.enqueued_at,
        "dead_at": letter.dead_at,
        "attempts": letter.attempts,
        "last_error": letter.last_error,
    }


def _stream(state: QueueState, now: datetime) -> responses.Stream:
    age = (now - state.oldest).total_seconds() if state.oldest else None
    return {
        "name": state.name,
        "depth": state.depth,
        "capacity": state.capacity,
        "ratio": state.ratio,
        "alarm": _ALARMS[alarm_level(state.depth, state.capacity)],
        "oldest_age_seconds": None if age is None else max(age, 0.0),
        "dead_letters": state.dead_letters,
    }
