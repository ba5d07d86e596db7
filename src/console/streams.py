"""Answers that go on: new events as they come, and results of any size as a file."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Mapping
from datetime import datetime, timedelta
from typing import Any
from urllib.parse import parse_qsl

import msgspec
from a2wsgi.wsgi import Body, build_environ
from flask import Flask, session

from access.errors import AccessUnavailableError, InvalidCredentialsError
from console.api import Api, Caller
from console.events import EVENTS, EventPage, EventRow, asked_filters
from console.reader import caller_of
from console.services import ConsoleServices
from web.disconnects import until_disconnected

__all__ = ["Streams"]

#: Tails at once in this process, seconds between two looks, seconds after which a tail ends (the browser comes again).
_MOST_TAILS, _PAUSE, _LONGEST = 8, 1.5, 900.0
#: Events that one look brings at the most, and for how long one that came late is still noticed.
_PORTION, _LATE = 100, timedelta(seconds=30)
_KEPT_IDS = 5000
_FORMATS = {"ndjson": ("application/x-ndjson", "ndjson"), "csv": ("text/csv", "csv")}
_REFUSED = 400
_encode = msgspec.json.Encoder().encode


class Streams:
    """The addresses below /console that Flask does not answer."""

    def __init__(self, pages: Flask, api: Api, services: ConsoleServices) -> None:
        self._pages = pages
        self._api = api
        self._clock = services.clock
        self._shutting_down = services.shutting_down
        self._grant_of = services.grant_of
        self._tails = 0

    def by_path(self) -> Mapping[str, Callable[[Any, Any, Any], Awaitable[None]]]:
        """Each address with its ASGI application."""
        return {"/console/live": self._live, "/console/export": self._export}

    def _caller(self, scope: Any, receive: Any) -> Caller:
        environ: Any = build_environ(scope, Body(asyncio.get_running_loop(), receive))
        with self._pages.request_context(environ):
            return caller_of(scope, dict(session))

    async def _export(self, scope: Any, receive: Any, send: Any) -> None:
        """All events that pass the filters, as an attachment."""
        asked = dict(parse_qsl(scope["query_string"].decode("ascii")))
        accept, suffix = _FORMATS.get(asked.get("format", ""), _FORMATS["ndjson"])
        query = {**asked_filters(asked), "order": asked.get("order", "")}
        head: dict[str, Any] = {}
        stream = self._api.stream(self._caller(scope, receive), "GET", EVENTS, query=query, head=head, accept=accept)
        name = f"events-{self._clock():%Y%m%dT%H%M%SZ}.{suffix}"
        await until_disconnected(_send_file(stream, head, name, send), receive)

    async def _live(self, scope: Any, receive: Any, send: Any) -> None:
        """New events that pass the filters, as server-sent events."""
        asked = asked_filters(dict(parse_qsl(scope["query_string"].decode("ascii"))))
        caller = self._caller(scope, receive)
        if refused := await self._refusal(caller):
            status, text = refused
            await send({"type": "http.response.start", "status": status, "headers": [(b"retry-after", b"10")]})
            await send({"type": "http.response.body", "body": text})
            return
        headers = [
            (b"content-type", b"text/event-stream"),
            (b"cache-control", b"no-store"),
            (b"x-accel-buffering", b"no"),
        ]
        self._tails += 1
        try:
            await send({"type": "http.response.start", "status": 200, "headers": headers})
            await until_disconnected(self._tail(caller, asked, send), receive)
        finally:
            self._tails -= 1

    async def _refusal(self, caller: Caller) -> tuple[int, bytes] | None:
        """Why the reader gets no tail, before one is opened: a stranger takes no place from anybody."""
        try:
            await self._grant_of(caller)
        except InvalidCredentialsError:
            return 401, b"sign in first\n"
        except AccessUnavailableError:
            return 503, b"credentials cannot be checked now\n"
        return (503, b"as many live tails as allowed are open\n") if self._tails >= _MOST_TAILS else None

    async def _tail(self, caller: Caller, asked: dict[str, str], send: Any) -> None:
        began = newest = self._clock()
        seen: dict[str, None] = {}
        asked.pop("until", None)
        while self._clock() - began < timedelta(seconds=_LONGEST) and not self._shutting_down():
            since = max(began, newest - _LATE) - timedelta(seconds=1)
            query = {**asked, "since": since.isoformat(), "limit": _PORTION}
            answer = await self._api.request(caller, "GET", EVENTS, query=query)
            if answer.ok:
                page = answer.read(EventPage)
                fresh = [event for event in reversed(page.data) if event.event_id not in seen]
                newest = max([newest, *(datetime.fromisoformat(event.event_timestamp) for event in fresh)])
                newest = min(newest, self._clock())
                await send(_chunk(fresh, skipped=page.pagination.has_more and len(fresh) == _PORTION))
                seen |= dict.fromkeys(event.event_id for event in fresh)
                for event_id in list(seen)[:-_KEPT_IDS]:
                    del seen[event_id]
            else:
                await send({"type": "http.response.body", "body": _problem(answer.problem), "more_body": True})
                if _REFUSED <= answer.status < 500:  # noqa: PLR2004 - asking again would not help
                    break
            await asyncio.sleep(_PAUSE)
        await send({"type": "http.response.body", "body": b"event: over\ndata: {}\n\n"})


def _chunk(events: list[EventRow], *, skipped: bool) -> dict[str, Any]:
    lines = [b": alive\n\n"]
    if skipped:
        lines.append(b'event: skipped\ndata: {"portion": %d}\n\n' % _PORTION)
    lines += [b"data: %s\n\n" % _encode(_light(event)) for event in events]
    return {"type": "http.response.body", "body": b"".join(lines), "more_body": True}


def _light(event: EventRow) -> dict[str, Any]:
    members = msgspec.structs.asdict(event)
    del members["event_data"]
    return members


def _problem(problem: Mapping[str, Any]) -> bytes:
    return b"event: problem\ndata: %s\n\n" % _encode({name: problem.get(name) for name in ("title", "detail")})


async def _send_file(stream: Any, head: dict[str, Any], name: str, send: Any) -> None:
    began = False
    async for chunk in stream:
        if not began:
            began = True
            await send(_start(head, name))
        await send({"type": "http.response.body", "body": chunk, "more_body": True})
    if not began:
        await send(_start(head, name))
    await send({"type": "http.response.body", "body": b""})


def _start(head: dict[str, Any], name: str) -> dict[str, Any]:
    headers = [
        (b"content-type", head["headers"].get("content-type", "application/octet-stream").encode("latin-1")),
        (b"cache-control", b"no-store"),
    ]
    if head["status"] < _REFUSED:
        headers.append((b"content-disposition", f'attachment; filename="{name}"'.encode("latin-1")))
    return {"type": "http.response.start", "status": head["status"], "headers": headers}
