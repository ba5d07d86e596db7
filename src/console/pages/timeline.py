"""One correlation: its events on an axis, as a list and as a tree; and one event in every detail."""

from __future__ import annotations

from datetime import datetime
from typing import Any
from uuid import UUID

import msgspec
from flask import Blueprint, Response, abort, g, jsonify, render_template, request, url_for
from markupsafe import Markup

from console.api import Answer, ApiError
from console.diagnosis import diagnose, reason_of
from console.events import EVENTS, EventPage, EventRow
from console.pages.search import curl
from console.payload import MOST_LINES, lines_of, pretty
from console.visible import visible

__all__ = ["blueprint"]

blueprint = Blueprint("timeline", __name__)

#: Events that the page brings along, that each further request brings, and that are drawn at the most.
_FIRST, _FURTHER, _MOST = 300, 1000, 20_000
_FAILURES = 200
_SHORT = 240
#: Members that the detail shows, in this order; what is absent is left out.
_SHOWN = (
    "event_id",
    "event_timestamp",
    "recorded_at",
    "event_action",
    "actor_type",
    "actor_id",
    "recorded_by",
    "resource_type",
    "resource_id",
    "correlation_id",
    "parent_event_id",
    "severity",
    "namespace",
    "cluster_name",
    "duration_ms",
    "error_code",
    "error_message",
    "trace_id",
    "span_id",
    "version",
)
_FILTERABLE = frozenset(("actor_id", "resource_type", "resource_id", "severity", "namespace", "cluster_name"))


@blueprint.get("/timeline")
def page() -> Any:
    """The page of one correlation."""
    correlation_id = request.args.get("correlation_id", "")
    if not correlation_id:
        return render_template("timeline_empty.html")
    asked = {"correlation_id": correlation_id, "order": "asc"}
    first, failed = g.ask.together(
        (EVENTS, {**asked, "limit": _FIRST}), (EVENTS, {**asked, "event_outcome": "failure", "limit": _FAILURES})
    )
    for answer in (first, failed):
        if not answer.ok:
            raise ApiError(answer)
    found = first.read(EventPage)
    if not found.data:
        return render_template("timeline_unknown.html", correlation_id=correlation_id), 404
    newest = found.data if not found.pagination.has_more else _newest(correlation_id)
    return render_template(
        "timeline.html",
        correlation_id=correlation_id,
        found=found,
        diagnosis=diagnose(_merged(found.data, failed.read(EventPage).data, newest)),
        first=found.data[0],
        last=newest[-1],
        services=sorted({event.actor_id for event in found.data}),
        rows=_rows(found),
        most=_MOST,
        chosen=request.args.get("event", ""),
        curl=curl(EVENTS, asked),
    )


@blueprint.get("/timeline/rows")
def rows() -> Any:
    """Further events, for the drawing."""
    answer: Answer = g.ask.get(
        EVENTS,
        correlation_id=request.args.get("correlation_id", ""),
        order="asc",
        cursor=request.args.get("cursor", ""),
        limit=_FURTHER,
    )
    return jsonify(_rows(answer.read(EventPage)))


@blueprint.get("/events/<uuid:event_id>")
def event(event_id: UUID) -> Any:
    """One event in every detail; with htmx as a part of another page."""
    answer, receipt = g.ask.together((f"{EVENTS}/{event_id}", {}), (f"{EVENTS}/{event_id}/receipt", {}))
    if not answer.ok:
        raise ApiError(answer)
    members = answer.read(dict[str, msgspec.Raw])
    payload = bytes(members["event_data"])
    lines = lines_of(payload)
    row = answer.read(EventRow)
    template = "parts/event.html" if "HX-Request" in request.headers else "event.html"
    return render_template(
        template,
        event=row,
        reason=reason_of(row),
        members=[(name, _plain(members[name])) for name in _SHOWN if _is_there(members.get(name))],
        filterable=_FILTERABLE,
        lines=lines if len(lines) <= MOST_LINES else None,
        text=pretty(payload) if len(lines) > MOST_LINES else "",
        payload=payload.decode(),
        receipt=receipt.problem if receipt.ok else None,
        curl=curl(f"{EVENTS}/{event_id}", {}),
    )


@blueprint.get("/events/<uuid:event_id>/payload")
def payload(event_id: UUID) -> Response:
    """The payload as stored, to be saved."""
    members = g.ask.get(f"{EVENTS}/{event_id}").read(dict[str, msgspec.Raw])
    if "event_data" not in members:
        abort(404)
    name = f'attachment; filename="{event_id}.json"'
    return Response(bytes(members["event_data"]), mimetype="application/json", headers={"Content-Disposition": name})


def _newest(correlation_id: str) -> list[EventRow]:
    """The last events of a long correlation, in ascending order."""
    page = g.ask.get(EVENTS, correlation_id=correlation_id, limit=_FAILURES).read(EventPage)
    return list(page.data)[::-1]


def _merged(*portions: list[EventRow]) -> list[EventRow]:
    """Every event of several portions once, in ascending order."""
    known = {event.event_id: event for portion in portions for event in portion}
    return sorted(known.values(), key=lambda event: (datetime.fromisoformat(event.event_timestamp), event.event_id))


def _rows(page: EventPage) -> dict[str, Any]:
    return {"events": [_row(event) for event in page.data], "next": page.pagination.next_cursor}


def _row(event: EventRow) -> dict[str, Any]:
    """What the drawing needs of one event; texts made safe to look at."""
    code, reason = reason_of(event) if event.event_outcome == "failure" else ("", "")
    said = ": ".join(part for part in (code, reason) if part)
    return {
        "id": event.event_id,
        "at": event.event_timestamp,
        "type": visible(event.event_type),
        "category": event.event_category,
        "outcome": event.event_outcome,
        "actor": visible(event.actor_id),
        "parent": event.parent_event_id,
        "ms": event.duration_ms,
        "said": visible(said[:_SHORT]),
    }


def _plain(raw: msgspec.Raw) -> str:
    """A member as text: strings without quotes, numbers digit by digit."""
    text = bytes(raw).decode()
    return str(msgspec.json.decode(raw)) if text.startswith('"') else text


def _is_there(raw: msgspec.Raw | None) -> bool:
    return raw is not None and bytes(raw) != b"null"


@blueprint.app_template_global()
def timeline_link(correlation_id: str, event_id: str = "", text: str = "") -> Markup:
    """A link to a correlation's page, or to one of its events there."""
    address = url_for("timeline.page", correlation_id=correlation_id, event=event_id or None)
    return Markup('<a class="id" href="{}">{}</a>').format(address, visible(text or correlation_id))
