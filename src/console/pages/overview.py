"""The first page: what happens, what fails, and how the service is."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from datetime import timedelta
from typing import Any

import msgspec
from flask import Blueprint, current_app, g, render_template, request

from audit.activity import Activity
from console.api import Answer
from console.charts import StackedChart, stacked
from console.diagnosis import reason_of
from console.events import CATEGORIES, EVENTS, OUTCOMES, EventPage, EventRow
from console.evidence import log_state
from console.reader import reads_everything
from console.services import ConsoleServices
from repository.errors import RepositoryError

__all__ = ["blueprint", "services"]

blueprint = Blueprint("overview", __name__)

#: The windows to choose from.
WINDOWS = {
    "1h": ("hour", timedelta(hours=1)),
    "6h": ("6 hours", timedelta(hours=6)),
    "24h": ("24 hours", timedelta(days=1)),
    "7d": ("7 days", timedelta(days=7)),
}
_FAILURES, _INCIDENTS, _LETTERS = 200, 8, 1000


class Incident(msgspec.Struct, frozen=True):
    """A correlation with failures. reason and code are those of its earliest known failure."""

    correlation_id: str
    failures: int
    latest: str
    event: EventRow
    code: str
    reason: str


def services() -> ConsoleServices:
    """What the program handed to the console."""
    found: ConsoleServices = current_app.extensions["console"]
    return found


@blueprint.get("/")
def page() -> str:
    """The whole page, or with htmx what refreshes itself."""
    window = request.args.get("window", "24h")
    window = window if window in WINDOWS else "24h"
    failures, ready, dlq, letters, partitions, log = g.ask.together(
        (EVENTS, {"event_outcome": "failure", "since": window, "limit": _FAILURES}),
        ("/health/ready", {}),
        ("/api/v1/dlq", {}),
        ("/api/v1/dlq/dead-letters", {"limit": _LETTERS}),
        ("/api/v1/partitions", {}),
        ("/api/v1/log", {}),
    )
    counted = failures.ok and reads_everything()
    activity = _activity(WINDOWS[window][1]) if counted else None
    whole = "HX-Request" not in request.headers
    return render_template(
        "overview.html" if whole else "parts/overview.html",
        window=window,
        windows=WINDOWS,
        failures=failures,
        incidents=_incidents(failures),
        activity=activity,
        counted=counted,
        charts=_charts(activity) if activity else {},
        ready=_json(ready),
        log=log_state(log, services().clock()),
        log_answer=log,
        streams=_json(dlq).get("streams", []),
        dlq=dlq,
        letters_answer=letters,
        letters=_json(letters).get("data", [])[: -_INCIDENTS - 1 : -1],
        partitions=[one for one in _json(partitions).get("partitions", []) if not one.get("archived")],
        months_answer=partitions,
    )


def _activity(window: timedelta) -> Activity | None:
    """The counts of a window; None while they cannot be had."""
    try:
        found: Activity = g.ask.run(services().activities.of(window))
    except (RepositoryError, TimeoutError):
        return None
    return found


def _json(answer: Answer) -> dict[str, Any]:
    return answer.problem  # an object, whether it is the answer or why there is none


def _incidents(failures: Answer) -> Sequence[Incident]:
    """The correlations that failed last, newest first."""
    if not failures.ok:
        return ()
    events = failures.read(EventPage).data
    counts = Counter(event.correlation_id for event in events)
    earliest = {event.correlation_id: event for event in events}  # newest first: the last one wins
    latest = {event.correlation_id: event.event_timestamp for event in reversed(events)}
    found = []
    for correlation_id in list(counts)[:_INCIDENTS]:
        code, reason = reason_of(earliest[correlation_id])
        event = earliest[correlation_id]
        found.append(Incident(correlation_id, counts[correlation_id], latest[correlation_id], event, code, reason))
    return found


def _charts(activity: Activity) -> dict[str, StackedChart]:
    since = max(activity.since, activity.oldest) if activity.partial and activity.oldest else activity.since
    outcomes: Counter[Any] = Counter()
    categories: Counter[Any] = Counter()
    for rate in activity.rates:
        outcomes[rate.at, rate.outcome] += rate.events
        categories[rate.at, rate.category] += rate.events
    return {
        "outcome": stacked(outcomes, OUTCOMES, since, activity.until, activity.step),
        "category": stacked(categories, CATEGORIES, since, activity.until, activity.step),
    }
