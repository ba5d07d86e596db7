"""The record of notifications: create, list, get."""

from __future__ import annotations

from urllib.parse import quote
from uuid import UUID

import msgspec

from audit.cursors import Bookmark
from audit.query import window_of
from contract.generated import operations as op
from contract.generated import responses
from handlers.dependencies import Dependencies
from handlers.grants import require_category, require_unlimited_reads
from handlers.recording import count_outcomes, problem_of_outcome
from pipeline.outcome import Outcome, State
from repository.keyset import Position
from repository.notifications import NotificationFilter, StoredNotification
from web.messages import json_response, link_to_next
from web.problems import Problem, Violation, validation_problem

__all__ = ["SERVICE", "create_notification", "get_notification", "list_notifications"]

_PATH = "/api/v1/audit/notifications"
_EXACT = ("remediation_id", "channel", "status", "recorded_by")
_FILTERS = (*_EXACT, "since", "until")
#: What metrics call this service.
SERVICE = "notification-audit"


async def create_notification(request: op.CreateNotification, deps: Dependencies) -> op.CreateNotificationAnswer:
    """Record one notification. Raises Problem: 400 with every violation, 409, 503."""
    if not isinstance(request.unchecked, dict):
        raise validation_problem(request.violations)
    taken = {violation.pointer for violation in request.violations}
    flaws = [flaw for flaw in deps.notifications.recorder.flaws(request.document) if f"#{flaw.pointer}" not in taken]
    violations = [*request.violations, *(Violation(f"#{f.pointer}", f.message, f.pointer[1:], f.reason) for f in flaws)]
    if violations:
        raise validation_problem(violations)
    require_category(request.grant, "notification")
    outcome = await deps.notifications.recorder.record(request.document, recorded_by=request.grant.subject)
    if outcome.state is State.DUPLICATE:  # the contract's 409 whenever the id is there
        outcome = Outcome(state=State.CONFLICT)
    count_outcomes([(SERVICE, outcome)], all_or_nothing=True)
    notification_id = str(request.document["notification_id"])
    if problem := problem_of_outcome(outcome, lambda *_: _conflict(notification_id)):
        raise problem
    location = {"Location": f"{_PATH}/{quote(notification_id, safe='')}"}
    if outcome.state is State.QUEUED:
        accepted: responses.NotificationQueued = {
            "status": "accepted",
            "message": "audit record queued for processing",
            "notification_id": notification_id,
        }
        return json_response(accepted, 202, location)
    return json_response(outcome.record, 201, location)


async def get_notification(request: op.GetNotification, deps: Dependencies) -> op.GetNotificationAnswer:
    """One notification."""
    require_unlimited_reads(request.grant)
    notification_id = str(request.path_params["notification_id"])
    found = await deps.notifications.table.get(notification_id)
    if found is None:
        raise Problem("not-found", f"there is no notification {notification_id}")
    return json_response(found)


async def list_notifications(request: op.ListNotifications, deps: Dependencies) -> op.ListNotificationsAnswer:
    """A page of the notifications that pass the filters, newest first."""
    require_unlimited_reads(request.grant)
    reads = deps.audit_reads
    asked = {name: value for name, value in request.query.items() if name in _FILTERS and value is not None}
    question = f"notifications:{msgspec.json.encode(asked, order='sorted').decode()}"
    cursor = request.query.get("cursor")
    bookmark = reads.cursors.open(cursor, question) if cursor else None
    since, until = (bookmark.since, bookmark.until) if bookmark else window_of(asked, reads.clock())
    exact = {name: str(value) for name, value in asked.items() if name in _EXACT}
    where = NotificationFilter(**exact, since=since, until=until)
    limit = request.query.get("limit", 50)
    after = (bookmark.position.event_timestamp, bookmark.position.event_id.int) if bookmark else None
    page = await deps.notifications.table.page(where, limit=limit, after=after)
    following = None
    if page.has_more:
        mark = Bookmark(position=_position(page.notifications[-1]), since=since, until=until)
        following = reads.cursors.seal(mark, question)
    document: responses.NotificationPage = {
        "data": page.notifications,
        "pagination": {"limit": limit, "has_more": page.has_more, "next_cursor": following},
    }
    return json_response(document, headers=link_to_next(request, following))


def _position(last: StoredNotification) -> Position:
    """The last notification's place in the order, in the form that cursors carry."""
    return Position(last.sent_at, UUID(int=last.id))


def _conflict(notification_id: str) -> Problem:
    return Problem(
        "conflict",
        f"notification_id {notification_id} was recorded before.",
        extensions={"resource": "notification_audit", "field": "notification_id", "value": notification_id},
    )
