"""From the parameters of a request to a query of audit events, with everything that is wrong with them at once."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Any

import msgspec

from audit.cursors import Bookmark, Cursors, InvalidCursorError
from audit.instants import InvalidInstantError, parse_instant
from repository.audit_queries import EventPage
from repository.event_filters import EXACT_FILTERS, EventFilter, EventQuery

__all__ = ["InvalidQueryError", "next_cursor", "parse_query", "window_of"]

_ALIASES = {"start_time": "since", "end_time": "until"}
_WINDOW = ("since", "until")
_FILTERS = (*EXACT_FILTERS, *_WINDOW, "data")


class InvalidQueryError(Exception):
    """The parameters cannot be used. errors: (parameter, what is wrong with it), all of them."""

    def __init__(self, errors: list[tuple[str, str]]) -> None:
        self.errors = tuple(errors)
        super().__init__("; ".join(detail for _, detail in errors))


class _Parameters:
    """The parameters of one request under their canonical names, and the faults found so far."""

    def __init__(self, params: Mapping[str, Any]) -> None:
        self.faults: list[tuple[str, str]] = []
        self.given = {name: value for name, value in params.items() if value is not None and name not in _ALIASES}
        self.written_as = {name: name for name in _FILTERS}
        for alias, name in _ALIASES.items():
            if params.get(alias) is not None:
                self._take_alias(alias, name, params[alias])

    def _take_alias(self, alias: str, name: str, value: Any) -> None:
        if self.given.setdefault(name, value) != value:
            self.faults.append((alias, f"{alias} and {name} are one parameter and differ here; send one of them"))
        else:
            self.written_as[name] = alias

    def text(self, name: str) -> str | None:
        """The filter `name`, or None. PostgreSQL's text holds neither NUL nor half a surrogate pair."""
        value = self.given.get(name)
        if value is None:
            return None
        if "\0" in value or any("\ud800" <= character <= "\udfff" for character in value):
            self.faults.append((name, f"{name} must not contain NUL or invalid Unicode"))
        return str(value)

    def instant(self, name: str, now: datetime) -> datetime | None:
        """The instant in `name`, or None."""
        value = self.given.get(name)
        try:
            return None if value is None else parse_instant(str(value), now)
        except InvalidInstantError as error:
            parameter = self.written_as[name]
            self.faults.append((parameter, f"{parameter}: {error}"))
            return None

    def containment(self) -> str | None:
        """The text of the JSON object in `data`; None if absent or empty, which every event contains."""
        value = self.text("data")
        if value is None:
            return None
        try:
            # Raw members: the text is PostgreSQL's to read, so that no digit of a number goes through a float.
            members = msgspec.json.decode(value.encode("utf-8", "replace"), type=dict[str, msgspec.Raw])
        except (msgspec.MsgspecError, RecursionError):
            self.faults.append(("data", "data must be a JSON object, URL-encoded"))
            return None
        return value if members else None

    def question(self) -> str:
        """Which filters and which order, as text: what a cursor is bound to."""
        asked = {name: self.given[name] for name in (*_FILTERS, "order") if name in self.given}
        return msgspec.json.encode({"order": "desc", **asked}, order="sorted").decode()


def parse_query(params: Mapping[str, Any], *, now: datetime, cursors: Cursors) -> EventQuery:
    """The query that the parameters ask for; absent ones have the contract's defaults.

    Raises InvalidQueryError with every fault.
    """
    given = _Parameters(params)
    where = _filter(given, now)
    bookmark = _bookmark(given, cursors) if not given.faults else None
    if given.faults:
        raise InvalidQueryError(given.faults)
    if bookmark is not None:
        where = msgspec.structs.replace(where, since=bookmark.since, until=bookmark.until)
    return EventQuery(
        where=where,
        descending=given.given.get("order", "desc") == "desc",
        limit=given.given.get("limit", 50),
        offset=given.given.get("offset", 0),
        after=bookmark.position if bookmark else None,
        low_selectivity=bookmark.low_selectivity if bookmark else None,
    )


def window_of(params: Mapping[str, Any], now: datetime) -> tuple[datetime | None, datetime | None]:
    """The instants in `since` and `until`. Raises InvalidQueryError with every fault."""
    given = _Parameters(params)
    since, until = (given.instant(name, now) for name in _WINDOW)
    if given.faults:
        raise InvalidQueryError(given.faults)
    return since, until


def _filter(given: _Parameters, now: datetime) -> EventFilter:
    exact: dict[str, Any] = {name: given.text(name) for name in EXACT_FILTERS}
    prefix = None
    if (event_type := exact["event_type"]) is not None and event_type.endswith("*"):
        exact["event_type"], prefix = None, event_type[:-1] or None
    since, until = (given.instant(name, now) for name in _WINDOW)
    return EventFilter(**exact, event_type_prefix=prefix, since=since, until=until, data=given.containment())


def _bookmark(given: _Parameters, cursors: Cursors) -> Bookmark | None:
    cursor = given.given.get("cursor")
    if cursor is None:
        return None
    if given.given.get("offset"):
        given.faults.append(("offset", "offset cannot be combined with cursor; send one of them"))
    try:
        return cursors.open(cursor, given.question())
    except InvalidCursorError as error:
        given.faults.append(("cursor", str(error)))
        return None


def next_cursor(params: Mapping[str, Any], query: EventQuery, page: EventPage, cursors: Cursors) -> str | None:
    """The cursor of the page behind `page`; None if it was the last."""
    if not page.has_more:
        return None
    last = page.end
    bookmark = Bookmark(
        position=last, since=query.where.since, until=query.where.until, low_selectivity=page.low_selectivity
    )
    return cursors.seal(bookmark, _Parameters(params).question())
