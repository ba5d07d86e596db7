"""From what became of records to HTTP: the one place where statuses, problems and metrics are made of outcomes."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from datetime import UTC, datetime
from itertools import groupby
from typing import Literal

from pipeline.outcome import Flaw, Outcome, State
from telemetry.writes import WriteStatus, count_writes, observe_lags
from web.problems import MAX_VIOLATIONS, Problem, Violation, validation_problem

__all__ = ["WORDS", "batch_problem", "count_outcomes", "problem_of_outcome", "require_kept", "violation_of"]

#: What became of a record that was kept, as answers have it.
WORDS: Mapping[State, Literal["created", "duplicate", "queued"]] = {
    State.STORED: "created",
    State.DUPLICATE: "duplicate",
    State.QUEUED: "queued",
}
_WRITE_STATUS: Mapping[State, WriteStatus] = {
    State.STORED: "success",
    State.DUPLICATE: "duplicate",
    State.QUEUED: "dlq_fallback",
    State.UNAVAILABLE: "failure",
    State.UNKNOWN: "failure",
}
#: Makes the problem of a conflict; the index is that of an event in a batch.
ConflictProblem = Callable[[Outcome, int | None], Problem]
_AGAIN = {"Retry-After": "1"}
_UNAVAILABLE = "The stores do not answer now. Nothing was changed; ask again."
_UNKNOWN = (
    "This may be stored or not: a store was lost while it took it. Send it again with the same event_id, "
    "notification_id or Idempotency-Key: it will not be stored twice."
)


def problem_of_outcome(outcome: Outcome, conflict: ConflictProblem, index: int | None = None) -> Problem | None:
    """Why a record was not kept; None if it was. index: of an event in a batch."""
    if outcome.state.is_kept:
        return None
    if outcome.state is State.REJECTED:
        root = "#" if index is None else f"#/{index}"
        violations = [violation_of(flaw, root) for flaw in outcome.flaws]
        return validation_problem(violations) if index is None else batch_problem({index: violations})
    if outcome.state is State.CONFLICT:
        return conflict(outcome, index)
    if outcome.state is State.UNAVAILABLE:
        return Problem("service-unavailable", _UNAVAILABLE, headers=_AGAIN)
    return Problem("outcome-unknown", _UNKNOWN, headers=_AGAIN)


def require_kept(outcomes: Sequence[Outcome], conflict: ConflictProblem) -> None:
    """Raise the Problem of a batch that is all or nothing, unless all of it was kept."""
    if all(outcome.state.is_kept for outcome in outcomes):
        return
    rejected = {
        index: [violation_of(flaw, f"#/{index}") for flaw in outcome.flaws]
        for index, outcome in enumerate(outcomes)
        if outcome.state is State.REJECTED
    }
    if rejected:
        raise batch_problem(rejected)
    for state in (State.UNKNOWN, State.UNAVAILABLE, State.CONFLICT):
        for index, outcome in enumerate(outcomes):
            if outcome.state is state and (problem := problem_of_outcome(outcome, conflict, index)):
                raise problem


def batch_problem(found: Mapping[int, Sequence[Violation]]) -> Problem:
    """One 400 for all that is wrong with the events of a batch."""
    rules = [(index, rule) for index, some in found.items() for rule in some]
    listed = groupby(rules[:MAX_VIOLATIONS], key=lambda one: one[0])
    detail = "; ".join(
        f"event at index {index}: {'; '.join(rule.detail for _, rule in some)}" for index, some in listed
    )
    return Problem("validation-error", detail, errors=[rule for _, rule in rules])


def violation_of(flaw: Flaw, root: str) -> Violation:
    """A flaw as clients see it. root: the pointer of its record."""
    field = flaw.pointer.removeprefix("/").replace("/", ".") or "body"
    return Violation(root + flaw.pointer, flaw.message, field, flaw.reason)


def count_outcomes(pairs: Sequence[tuple[str, Outcome]], *, all_or_nothing: bool) -> None:
    """Count what became of records, each with its service, and how late they were stored; a refusal is no write."""
    if all_or_nothing and any(outcome.state.is_refusal for _, outcome in pairs):
        return
    count_writes([(service, status) for service, one in pairs if (status := _WRITE_STATUS.get(one.state))])
    now, lags = datetime.now(UTC), dict[str, list[float]]()
    for service, outcome in pairs:
        if outcome.state is State.STORED and (at := getattr(outcome.record, "event_timestamp", None)):
            lags.setdefault(service, []).append(max(0.0, (now - at).total_seconds()))
    for service, seconds in lags.items():
        observe_lags(service, seconds)
