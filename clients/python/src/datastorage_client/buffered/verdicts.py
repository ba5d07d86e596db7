"""What an answer to a batch means for each of its events."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from datastorage_client._retry import retry_after
from datastorage_client.errors import ProblemError, problem_error

__all__ = ["Verdict", "judge"]

_ACKNOWLEDGED = frozenset(("created", "duplicate", "queued"))
_SUCCESS = frozenset((200, 201, 202))
#: Problems that are about what was sent. Any other 4xx is about the way there: a token, an address, a proxy.
_ABOUT_EVENTS = frozenset(("validation-error", "conflict", "payload-too-large"))
_TOO_LARGE = 413
_PROXY_LIMIT = {
    "type": "about:blank#/payload-too-large",
    "title": "Payload Too Large",
    "status": _TOO_LARGE,
    "detail": "something before the service refused this one event as too large",
    "instance": "/api/v1/audit/events/batch",
    "request_id": "",
}
_PERMANENT = range(400, 500)
_TRANSIENT = frozenset((401, 403, 408, 425, 429))


@dataclass(kw_only=True)
class Verdict:
    """Indexes of events by what became of them. `failure` says why some are to be sent again, "" where none is."""

    delivered: list[int] = field(default_factory=list)
    rejected: list[tuple[int, ProblemError]] = field(default_factory=list)
    again: list[int] = field(default_factory=list)
    failure: str = ""
    #: Whether the batch was refused as a whole because of some of its events.
    split: bool = False
    #: Seconds that the service asks to wait.
    wait: float = 0.0


def judge(ids: Sequence[str], status: int, headers: Mapping[str, str], content: bytes) -> Verdict:
    """The verdict on a batch of events with these ids, in an array.

    An answer that Data Storage would not give counts as a failure: nothing is taken for delivered on a proxy's word.
    """
    document = _document(content)
    if status in _SUCCESS and (results := _results(document, ids)) is not None:
        return _of_results(results)
    wait = retry_after(headers)
    problem = _problem(document)
    if status == _TOO_LARGE and problem is None:  # a proxy may have a lower limit than the service
        problem = problem_error(_PROXY_LIMIT)
    everything = list(range(len(ids)))
    if problem is None or problem.slug not in _ABOUT_EVENTS:
        said = f": {problem.detail}" if problem else ""
        return Verdict(again=everything, failure=f"status {status}{said}", wait=wait)
    return Verdict(rejected=[(0, problem)]) if len(ids) == 1 else Verdict(again=everything, split=True)


def _document(content: bytes) -> Any:
    try:
        return json.loads(content)
    except ValueError:
        return None


def _results(document: Any, ids: Sequence[str]) -> list[Mapping[str, Any]] | None:
    """The results of exactly these events in their order, else None."""
    results = document.get("results") if isinstance(document, dict) else None
    if not isinstance(results, list) or len(results) != len(ids):
        return None
    for result, event_id in zip(results, ids, strict=True):
        if not isinstance(result, dict) or str(result.get("event_id", event_id)).lower() != event_id:
            return None
    return results


def _of_results(results: Sequence[Mapping[str, Any]]) -> Verdict:
    verdict = Verdict()
    for index, result in enumerate(results):
        if result.get("status") in _ACKNOWLEDGED and "event_id" in result:
            verdict.delivered.append(index)
            continue
        problem = _problem(result.get("problem"))
        if problem and problem.status in _PERMANENT and problem.status not in _TRANSIENT:
            verdict.rejected.append((index, problem))
        else:
            verdict.again.append(index)
            verdict.failure = f"an event was not taken: {problem.detail if problem else result.get('status')}"
    return verdict


def _problem(document: Any) -> ProblemError | None:
    try:
        return problem_error(document)
    except (AttributeError, KeyError, TypeError, ValueError):
        return None
