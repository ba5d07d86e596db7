"""Recording audit events: single and batch. The contract's schema was checked before; the recorder knows the rules."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from typing import cast
from uuid import UUID

import msgspec

from audit.submission import Submission
from contract.generated import operations as op
from contract.generated import requests, responses
from handlers.dependencies import Dependencies
from handlers.grants import require_categories
from handlers.recording import (
    WORDS,
    batch_problem,
    count_outcomes,
    problem_of_outcome,
    require_kept,
    violation_of,
)
from pipeline.outcome import Outcome, State
from telemetry.metrics import VALIDATION_FAILURES
from web.messages import json_response
from web.problems import Problem, Violation, validation_problem

__all__ = ["create_audit_event", "create_audit_events_batch"]

_EVENTS = "/api/v1/audit/events"
_LENIENT = re.compile(r"(^|[,\s])handling\s*=\s*\"?lenient\"?\s*($|[,;])", re.IGNORECASE)
_split = msgspec.json.Decoder(list[msgspec.Raw]).decode


async def create_audit_event(request: op.CreateAuditEvent, deps: Dependencies) -> op.CreateAuditEventAnswer:
    """Record one event. Raises Problem: 400 with every violation, 409, 503."""
    submission = Submission(
        index=0,
        text=msgspec.Raw(request.body),
        idempotency_key=request.headers.get("idempotency-key", ""),
        recorded_by=request.grant.subject,
    )
    require_categories(request.grant, [request.document])
    if not isinstance(request.unchecked, dict):
        raise validation_problem(request.violations)
    if request.violations:
        raise validation_problem([*request.violations, *await _further(request.violations, [submission], deps, "#")])
    (outcome,) = await _record([submission], [request.document], deps, all_or_nothing=True)
    if problem := problem_of_outcome(outcome, _conflict):
        raise problem
    return _single_answer(outcome)


async def create_audit_events_batch(
    request: op.CreateAuditEventsBatch, deps: Dependencies
) -> op.CreateAuditEventsBatchAnswer:
    """Record a batch: all or nothing, or with `Prefer: handling=lenient` the valid ones.

    Raises Problem: 400 with every violation of every event, 409, 503.
    """
    if any(_index(violation) is None for violation in request.violations):
        raise validation_problem(request.violations)
    _bound(len(request.document), deps.batch_max_events)
    require_categories(request.grant, request.document)
    key = request.headers.get("idempotency-key", "")
    submissions = [
        Submission(
            index=index,
            text=text,
            idempotency_key=f"{key}/{index}" if key else "",
            recorded_by=request.grant.subject,
        )
        for index, text in enumerate(_split(request.body))
    ]
    found = _by_index(request.violations)
    if _LENIENT.search(request.headers.get("prefer", "")):
        return await _lenient(request, deps, submissions, found)
    if found:
        for index, more in enumerate(await _checked(submissions, found, deps)):
            found.setdefault(index, []).extend(more)
        raise batch_problem({index: rules for index, rules in sorted(found.items()) if rules})
    outcomes = await _record(submissions, request.document, deps, all_or_nothing=True)
    require_kept(outcomes, _conflict)
    return _batch_answer([_item(index, outcome) for index, outcome in enumerate(outcomes)], outcomes)


def _bound(events: int, most: int) -> None:
    if events > most:
        detail = f"the array has {events} events; at most {most} are taken in one batch"
        raise validation_problem([Violation("#", detail, "body", "exceeds_max_items")])


async def _further(
    known: Sequence[Violation], submissions: Sequence[Submission], deps: Dependencies, root: str
) -> list[Violation]:
    """What the rules find beyond the contract's violations, so that a client learns everything at once."""
    taken = {violation.pointer for violation in known}
    (flaws,) = await deps.recorder.check(submissions)
    return [violation for flaw in flaws if (violation := violation_of(flaw, root)).pointer not in taken]


async def _checked(
    submissions: Sequence[Submission], found: Mapping[int, Sequence[Violation]], deps: Dependencies
) -> list[list[Violation]]:
    checked = await deps.recorder.check(submissions)
    taken = {violation.pointer for rules in found.values() for violation in rules}
    return [
        [violation for flaw in flaws if (violation := violation_of(flaw, f"#/{index}")).pointer not in taken]
        for index, flaws in enumerate(checked)
    ]


async def _lenient(
    request: op.CreateAuditEventsBatch,
    deps: Dependencies,
    submissions: Sequence[Submission],
    found: Mapping[int, Sequence[Violation]],
) -> op.CreateAuditEventsBatchAnswer:
    valid = [submission for submission in submissions if submission.index not in found]
    documents = [request.document[submission.index] for submission in valid]
    outcomes = await _record(valid, documents, deps, all_or_nothing=False) if valid else []
    decided = {submission.index: outcome for submission, outcome in zip(valid, outcomes, strict=True)}
    results = {index: _item(index, outcome) for index, outcome in decided.items() if outcome.state in WORDS}
    problems = {index: batch_problem({index: rules}) for index, rules in found.items()} | {
        index: problem
        for index, outcome in decided.items()
        if (problem := problem_of_outcome(outcome, _conflict, index))
    }
    _require_one_decided(outcomes)
    for index, problem in problems.items():
        _count(problem)
        document = problem.document(base=deps.problem_base_url, instance=request.path, request_id=request.request_id)
        unknown = index in decided and decided[index].state is State.UNKNOWN
        results[index] = {
            "index": index,
            "status": "unknown" if unknown else "rejected",
            "problem": cast("responses.Problem", document),
        }
    return _batch_answer([results[index] for index in sorted(results)], outcomes)


def _require_one_decided(outcomes: Sequence[Outcome]) -> None:
    """A lenient batch of which no store took anything is refused as a whole."""
    undecided = [one for one in outcomes if one.state in {State.UNAVAILABLE, State.UNKNOWN}]
    if undecided and not any(one.state.is_kept for one in outcomes):
        require_kept(undecided, _conflict)


async def _record(
    submissions: Sequence[Submission],
    documents: Sequence[requests.CreateAuditEventBody],
    deps: Dependencies,
    *,
    all_or_nothing: bool,
) -> Sequence[Outcome]:
    """What deps.recorder.record says, counted by event category."""
    outcomes = await deps.recorder.record(submissions, all_or_nothing=all_or_nothing)
    categories = [document["event_category"] for document in documents]
    count_outcomes(list(zip(categories, outcomes, strict=True)), all_or_nothing=all_or_nothing)
    return outcomes


def _count(problem: Problem) -> None:
    for violation in problem.errors:
        VALIDATION_FAILURES.labels(violation.label, violation.reason).inc()


def _index(violation: Violation) -> int | None:
    first = violation.pointer.removeprefix("#/").partition("/")[0]
    return int(first) if first.isdigit() else None


def _by_index(violations: Sequence[Violation]) -> dict[int, list[Violation]]:
    grouped: dict[int, list[Violation]] = {}
    for violation in violations:
        if (index := _index(violation)) is not None:
            grouped.setdefault(index, []).append(violation)
    return grouped


def _conflict(outcome: Outcome, index: int | None = None) -> Problem:
    place = "" if index is None else f"event at index {index}: "
    event_id = outcome.record.event_id if outcome.record is not None else None
    return Problem(
        "conflict",
        f"{place}event_id {event_id} was recorded before with different content.",
        extensions={"resource": "audit event", "field": "event_id", "value": str(event_id)},
    )


def _id(outcome: Outcome) -> UUID:
    event_id: UUID = outcome.record.event_id
    return event_id


def _address(event_id: UUID) -> str:
    return f"{_EVENTS}/{event_id}"


def _single_answer(outcome: Outcome) -> op.CreateAuditEventAnswer:
    address = _address(_id(outcome))
    if outcome.state is State.QUEUED:
        accepted: responses.EventQueued = {
            "status": "accepted",
            "message": "audit event queued for async processing",
            "event_id": _id(outcome),
            "receipt": f"{address}/receipt",
        }
        return json_response(accepted, 202, {"Location": address})
    created: responses.EventCreated = {
        "event_id": _id(outcome),
        "event_timestamp": outcome.record.event_timestamp,
        "message": "Audit event created successfully",
    }
    return json_response(created, 201 if outcome.state is State.STORED else 200, {"Location": address})


def _item(index: int, outcome: Outcome) -> responses.BatchItemResult:
    item: responses.BatchItemResult = {"index": index, "event_id": _id(outcome), "status": WORDS[outcome.state]}
    if outcome.state is State.QUEUED:
        item["receipt"] = f"{_address(_id(outcome))}/receipt"
    return item


def _batch_answer(
    results: Sequence[responses.BatchItemResult], outcomes: Sequence[Outcome]
) -> op.CreateAuditEventsBatchAnswer:
    """202 as soon as one is queued, 201 as soon as one is new, else 200: everything was known before or refused."""
    created = sum(outcome.state is State.STORED for outcome in outcomes)
    queued = sum(outcome.state is State.QUEUED for outcome in outcomes)
    message = f"{created} audit events created successfully" + (f", {queued} queued" if queued else "")
    taken = [result["event_id"] for result in results if "problem" not in result]
    body: responses.BatchResult = {"event_ids": taken, "message": message, "results": results}
    return json_response(body, 202 if queued else 201 if created else 200)
