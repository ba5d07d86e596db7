"""Recording audit events: single and batch. The contract's schema was checked before; the recorder knows the rules."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from datetime import UTC, datetime
from itertools import groupby
from typing import Any
from uuid import UUID

import msgspec

from audit.outcomes import Flaw, Outcome, Submission
from handlers.dependencies import Dependencies
from repository.errors import DatabaseUnavailableError
from telemetry.metrics import VALIDATION_FAILURES
from telemetry.writes import WriteStatus, count_writes, observe_lags
from web.messages import Request, Response, json_response
from web.problems import MAX_VIOLATIONS, Problem, Violation, validation_problem

__all__ = ["create_audit_event", "create_audit_events_batch"]

_EVENTS = "/api/v1/audit/events"
_LENIENT = re.compile(r"(^|[,\s])handling\s*=\s*\"?lenient\"?\s*($|[,;])", re.IGNORECASE)
_WRITE_STATUS: Mapping[str, WriteStatus] = {
    "created": "success",
    "duplicate": "duplicate",
    "queued": "dlq_fallback",
}
_split = msgspec.json.Decoder(list[msgspec.Raw]).decode


async def create_audit_event(request: Request, deps: Dependencies) -> Response:
    """Record one event. Raises Problem: 400 with every violation, 409, 503."""
    submission = Submission(
        index=0, text=msgspec.Raw(request.body), idempotency_key=request.headers.get("idempotency-key", "")
    )
    if not isinstance(request.document, dict):
        raise validation_problem(request.violations)
    if request.violations:
        raise validation_problem([*request.violations, *await _further(request.violations, [submission], deps, "#")])
    (outcome,) = await _record([submission], [request.document], deps, all_or_nothing=True)
    if outcome.status == "rejected":
        raise validation_problem([_violation(flaw, "#") for flaw in outcome.flaws])
    if outcome.status == "conflict":
        raise _conflict(outcome)
    return _single_answer(outcome)


async def create_audit_events_batch(request: Request, deps: Dependencies) -> Response:
    """Record a batch: all or nothing, or with `Prefer: handling=lenient` the valid ones.

    Raises Problem: 400 with every violation of every event, 409, 503.
    """
    if any(_index(violation) is None for violation in request.violations):
        raise validation_problem(request.violations)
    _bound(len(request.document), deps.batch_max_events)
    key = request.headers.get("idempotency-key", "")
    submissions = [
        Submission(index=index, text=text, idempotency_key=f"{key}/{index}" if key else "")
        for index, text in enumerate(_split(request.body))
    ]
    found = _by_index(request.violations)
    if _LENIENT.search(request.headers.get("prefer", "")):
        return await _lenient(request, deps, submissions, found)
    if found:
        for index, more in enumerate(await _checked(submissions, found, deps)):
            found.setdefault(index, []).extend(more)
        raise _batch_problem({index: rules for index, rules in sorted(found.items()) if rules})
    outcomes = await _record(submissions, request.document, deps, all_or_nothing=True)
    _refuse(outcomes)
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
    return [violation for flaw in flaws if (violation := _violation(flaw, root)).pointer not in taken]


async def _checked(
    submissions: Sequence[Submission], found: Mapping[int, Sequence[Violation]], deps: Dependencies
) -> list[list[Violation]]:
    checked = await deps.recorder.check(submissions)
    taken = {violation.pointer for rules in found.values() for violation in rules}
    return [
        [violation for flaw in flaws if (violation := _violation(flaw, f"#/{index}")).pointer not in taken]
        for index, flaws in enumerate(checked)
    ]


async def _lenient(
    request: Request, deps: Dependencies, submissions: Sequence[Submission], found: Mapping[int, Sequence[Violation]]
) -> Response:
    valid = [submission for submission in submissions if submission.index not in found]
    documents = [request.document[submission.index] for submission in valid]
    outcomes = await _record(valid, documents, deps, all_or_nothing=False) if valid else []
    decided = {submission.index: outcome for submission, outcome in zip(valid, outcomes, strict=True)}
    results = {index: _item(index, outcome) for index, outcome in decided.items()}
    problems = {index: _batch_problem({index: rules}) for index, rules in found.items()} | {
        index: problem for index, outcome in decided.items() if (problem := _refusal(index, outcome)) is not None
    }
    for index, problem in problems.items():
        _count(problem)
        document = problem.document(base=deps.problem_base_url, instance=request.path, request_id=request.request_id)
        results[index] = {"index": index, "status": "rejected", "problem": document}
    return _batch_answer([results[index] for index in sorted(results)], outcomes)


async def _record(
    submissions: Sequence[Submission],
    documents: Sequence[Mapping[str, Any]],
    deps: Dependencies,
    *,
    all_or_nothing: bool,
) -> Sequence[Outcome]:
    """What deps.recorder.record says, counted by event category."""
    categories = [document["event_category"] for document in documents]
    try:
        outcomes = await deps.recorder.record(submissions, all_or_nothing=all_or_nothing)
    except DatabaseUnavailableError:
        count_writes([(category, "failure") for category in categories])
        raise
    if not (all_or_nothing and any(outcome.status in {"rejected", "conflict"} for outcome in outcomes)):
        _count_kept(list(zip(categories, outcomes, strict=True)))
    return outcomes


def _count_kept(pairs: Sequence[tuple[str, Outcome]]) -> None:
    count_writes(
        [(category, _write_status(o)) for category, o in pairs if o.status in _WRITE_STATUS or o.may_succeed_later]
    )
    now, lags = datetime.now(UTC), dict[str, list[float]]()
    for category, outcome in pairs:
        if outcome.status == "created" and outcome.event_timestamp:
            lags.setdefault(category, []).append(max(0.0, (now - outcome.event_timestamp).total_seconds()))
    for category, seconds in lags.items():
        observe_lags(category, seconds)


def _write_status(outcome: Outcome) -> WriteStatus:
    return _WRITE_STATUS.get(outcome.status, "failure")


def _count(problem: Problem) -> None:
    for violation in problem.errors:
        VALIDATION_FAILURES.labels(violation.label, violation.reason).inc()


def _violation(flaw: Flaw, root: str) -> Violation:
    field = flaw.pointer.removeprefix("/").replace("/", ".") or "body"
    return Violation(root + flaw.pointer, flaw.message, field, flaw.reason)


def _index(violation: Violation) -> int | None:
    first = violation.pointer.removeprefix("#/").partition("/")[0]
    return int(first) if first.isdigit() else None


def _by_index(violations: Sequence[Violation]) -> dict[int, list[Violation]]:
    grouped: dict[int, list[Violation]] = {}
    for violation in violations:
        if (index := _index(violation)) is not None:
            grouped.setdefault(index, []).append(violation)
    return grouped


def _batch_problem(found: Mapping[int, Sequence[Violation]]) -> Problem:
    rules = [rule for rules in found.values() for rule in rules]
    listed = groupby(rules[:MAX_VIOLATIONS], key=_index)
    detail = "; ".join(f"event at index {index}: {'; '.join(rule.detail for rule in some)}" for index, some in listed)
    return Problem("validation-error", detail, errors=rules)


def _conflict(outcome: Outcome, prefix: str = "") -> Problem:
    return Problem(
        "conflict",
        f"{prefix}event_id {outcome.event_id} was recorded before with different content.",
        extensions={"resource": "audit event", "field": "event_id", "value": str(outcome.event_id)},
    )


def _refusal(index: int, outcome: Outcome) -> Problem | None:
    if outcome.status == "rejected":
        return _batch_problem({index: [_violation(flaw, f"#/{index}") for flaw in outcome.flaws]})
    return _conflict(outcome, f"event at index {index}: ") if outcome.status == "conflict" else None


def _refuse(outcomes: Sequence[Outcome]) -> None:
    rejected = {
        index: [_violation(flaw, f"#/{index}") for flaw in outcome.flaws]
        for index, outcome in enumerate(outcomes)
        if outcome.status == "rejected"
    }
    if rejected:
        raise _batch_problem(rejected)
    for index, outcome in enumerate(outcomes):
        if outcome.status == "conflict":
            raise _conflict(outcome, f"event at index {index}: ")


def _address(event_id: UUID | None) -> str:
    return f"{_EVENTS}/{event_id}"


def _single_answer(outcome: Outcome) -> Response:
    address = _address(outcome.event_id)
    if outcome.status == "queued":
        accepted = {
            "status": "accepted",
            "message": "audit event queued for async processing",
            "event_id": outcome.event_id,
            "receipt": f"{address}/receipt",
        }
        return json_response(accepted, 202, {"Location": address})
    created: dict[str, UUID | datetime | str | None] = {
        "event_id": outcome.event_id,
        "event_timestamp": outcome.event_timestamp,
        "message": "Audit event created successfully",
    }
    return json_response(created, 201 if outcome.status == "created" else 200, {"Location": address})


def _item(index: int, outcome: Outcome) -> dict[str, Any]:
    item = {"index": index, "event_id": outcome.event_id, "status": outcome.status}
    return item | ({"receipt": f"{_address(outcome.event_id)}/receipt"} if outcome.status == "queued" else {})


def _batch_answer(results: Sequence[Mapping[str, Any]], outcomes: Sequence[Outcome]) -> Response:
    """202 as soon as one is queued, 201 as soon as one is new, else 200: everything was known before or refused."""
    created = sum(outcome.status == "created" for outcome in outcomes)
    queued = sum(outcome.status == "queued" for outcome in outcomes)
    message = f"{created} audit events created successfully" + (f", {queued} queued" if queued else "")
    taken = [result["event_id"] for result in results if result["status"] != "rejected"]
    body = {"event_ids": taken, "message": message, "results": results}
    return json_response(body, 202 if queued else 201 if created else 200)
