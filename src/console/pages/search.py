"""Search: filters completed from the data, results by cursor, everything in the address."""

from __future__ import annotations

import shlex
from datetime import timedelta
from typing import Any
from urllib.parse import urlencode
from uuid import UUID

import msgspec
from flask import Blueprint, g, redirect, render_template, request, url_for
from werkzeug.wrappers import Response

from console.events import CATEGORIES, EVENTS, FILTERS, OUTCOMES, EventPage, asked_filters, preview
from console.pages.overview import services
from console.reader import reads_everything
from repository.errors import RepositoryError

__all__ = ["blueprint", "curl"]

blueprint = Blueprint("search", __name__)

_PAGE = 50
_COMPLETED, _REMEMBERED = timedelta(days=7), 60.0
_RANGES = (("15m", "15 minutes"), ("1h", "1 hour"), ("24h", "24 hours"), ("7d", "7 days"), ("", "all time"))


@blueprint.get("/search")
def page() -> str:
    """The page with the first results, or with htmx the results from a cursor on."""
    filters = asked_filters(request.args)
    order = "asc" if request.args.get("order") == "asc" else ""
    cursor = request.args.get("cursor", "")
    answer = g.ask.look(EVENTS, **filters, order=order, cursor=cursor, limit=_PAGE)
    found = answer.read(EventPage) if answer.ok else None
    shown = {
        "answer": answer,
        "found": found,
        "filters": filters,
        "order": order,
        "address": urlencode({**filters, **({"order": order} if order else {})}),
        "preview": preview,
    }
    if cursor:
        return render_template("parts/results.html", **shown)
    return render_template(
        "search.html",
        **shown,
        names=FILTERS,
        categories=CATEGORIES,
        outcomes=OUTCOMES,
        ranges=_RANGES,
        facets=_facets() if answer.ok else {},
        data=_data_parts(filters.get("data", "")),
        curl=curl(EVENTS, {**filters, **({"order": order} if order else {})}),
    )


@blueprint.get("/find")
def find() -> Response:
    """Where a text leads that somebody pasted: an event, a correlation, an event type, or a search."""
    text = request.args.get("q", "").strip()
    if not text:
        return redirect(url_for("search.page"))
    if event := _event(text):
        return redirect(url_for("timeline.page", correlation_id=event["correlation_id"], event=event["event_id"]))
    if g.ask.look(EVENTS, correlation_id=text, limit=1, order="asc").problem.get("data"):
        return redirect(url_for("timeline.page", correlation_id=text))
    for name in ("event_type", "actor_id", "resource_id"):
        if g.ask.look(EVENTS, **{name: text, "limit": 1}).problem.get("data"):
            return redirect(f"{url_for('search.page')}?{urlencode({name: text})}")
    prefixed = f"{text.rstrip('*')}*"
    if g.ask.look(EVENTS, event_type=prefixed, limit=1).problem.get("data"):
        return redirect(url_for("search.page", event_type=prefixed))
    return redirect(url_for("search.page", correlation_id=text))


def curl(path: str, query: dict[str, str]) -> str:
    """A command that asks the API the same."""
    asked = " ".join(f"--data-urlencode {shlex.quote(f'{name}={value}')}" for name, value in query.items())
    address = request.host_url.rstrip("/") + path
    return f"curl -s -G {shlex.quote(address)}" + (f" {asked}" if asked else "")


def _event(text: str) -> dict[str, Any] | None:
    try:
        event_id = UUID(text)
    except ValueError:
        return None
    answer = g.ask.look(f"{EVENTS}/{event_id}")
    return answer.problem if answer.ok else None


def _facets() -> dict[str, Any]:
    """What may complete each filter, for readers of all events; a search does without it for others."""
    if not reads_everything():
        return {}
    try:
        return dict(g.ask.run(services().activities.of(_COMPLETED, seconds=_REMEMBERED)).facets)
    except (RepositoryError, TimeoutError):
        return {}


def _data_parts(data: str) -> list[tuple[str, str]]:
    """The containment's members, each with the containment that is left without it."""
    try:
        members = msgspec.json.decode(data.encode(), type=dict[str, msgspec.Raw]) if data else {}
    except msgspec.MsgspecError:
        return []
    parts = []
    for name, raw in members.items():
        rest = {one: value for one, value in members.items() if one != name}
        parts.append((f"{name}: {bytes(raw).decode()}", msgspec.json.encode(rest).decode() if rest else ""))
    return parts
