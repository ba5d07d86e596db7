"""What one connection may take: bounded headers, deadlines for headers, bodies and readers, and a cap on all of them.

uvicorn bounds none of these itself. Its server asks every connection once a second (`check`), which is cheaper than
timers that nearly always are cancelled.
"""

from __future__ import annotations

import asyncio
from collections.abc import Mapping
from contextvars import Context
from typing import Any, ClassVar

import httptools
import msgspec
import uuid_utils
from uvicorn.protocols.http.httptools_impl import HttpToolsProtocol, RequestResponseCycle

from datastorage.edge.access_log import count_request
from datastorage.edge.exchange import chosen_request_id
from datastorage.pending import Pending, header_of
from datastorage.refusals import Refusal
from datastorage.turnstile import TURNED_AWAY, Turnstile
from telemetry.metrics import CONNECTIONS_REFUSED
from web.problems import Problem

__all__ = ["BoundedConnection", "ConnectionLimits", "bounded"]

_MAX_HEADERS = 100
_MAX_HEADER_BYTES = 32 * 1024
#: Bytes a second at which a body must come and an answer must be read, each measured over several seconds.
_LEAST_RATE = 16 * 1024
#: Seconds without progress after which a reader is given up, or a closed connection that cannot be flushed.
_READER_PATIENCE = 10.0
#: Seconds that a refused client gets to read why, and how many may do so beyond the cap.
_LINGER, _LINGERING = 1.0, 200
_REFUSALS = {
    "too_many": Problem(
        "service-unavailable",
        "There are as many connections as are allowed. Nothing was changed; ask again.",
        headers={"Retry-After": "1"},
    ),
    "malformed": Problem("malformed-request", "This is not a valid HTTP/1.1 request."),
    "headers_too_large": Problem(
        "headers-too-large", f"The headers are more than {_MAX_HEADERS} or larger than {_MAX_HEADER_BYTES} bytes."
    ),
    "headers_slow": Problem("request-timeout", "The headers did not arrive in time."),
    "body_slow": Problem("request-timeout", "The body did not arrive in time."),
    "turned_away": TURNED_AWAY,
}
#: Requests for anything else are always taken: health, metrics and pages.
_COUNTED = "/api/"


class ConnectionLimits(msgspec.Struct, frozen=True, kw_only=True):
    """connections: open at once in this process. reads, writes: requests that are worked on at once.

    headers, body: seconds until they must be there.

    A body may take longer while it comes at the least rate. body_max_bytes: of a body that is read without being used.
    """

    connections: int
    reads: int
    writes: int
    headers: float
    body: float
    body_max_bytes: int
    problem_base_url: str


class _RefusedError(Exception):
    """The request is refused before the application sees it; the argument is the reason."""


class BoundedConnection(HttpToolsProtocol):
    """One connection within its limits. Times are those of the loop's clock."""

    limits: ClassVar[ConnectionLimits]
    refusals: ClassVar[Mapping[str, Refusal]]
    turnstiles: ClassVar[Mapping[str, Turnstile]]

    def __init__(self, *args: Any, **options: Any) -> None:
        super().__init__(*args, **options)
        self._headers_since: float | None = None
        self._header_bytes = 0
        self._body_since: float | None = None
        self._body_bytes = 0
        self._stalled_since: float | None = None
        self._stalled_at = 0
        self._refused_since: float | None = None
        self._due: Pending | None = None
        self._begun: RequestResponseCycle | None = None
        self._is_deaf = False

    @property
    def is_idle(self) -> bool:
        """Between two requests: closing it now hurts nobody."""
        return self._headers_since is None and self._answered

    @property
    def _answered(self) -> bool:
        """There was a request, and it has its answer."""
        cycle: RequestResponseCycle | None = self.cycle
        return cycle is not None and cycle.response_complete

    @property
    def _in_progress(self) -> bool:
        """There is a request that has no answer, or not all of it."""
        cycle: RequestResponseCycle | None = self.cycle
        return cycle is not None and not cycle.response_complete

    def connection_made(self, transport: asyncio.Transport) -> None:  # type: ignore[override]
        """Take the connection, in the place of an idle one if there are too many, or refuse it at once."""
        super().connection_made(transport)
        self._headers_since = self.loop.time()
        if len(self.connections) > self.limits.connections:
            idle = next(
                (other for other in self.connections if isinstance(other, BoundedConnection) and other.is_idle), None
            )
            if idle is None:
                self._refuse("too_many")
            else:
                idle.shutdown()

    def data_received(self, data: bytes) -> None:
        """Parse what arrived, as uvicorn does, within the bounds of headers."""
        if self.transport.is_closing() or self._refused_since is not None or self._is_deaf:
            return
        self._unset_keepalive_if_required()
        if self._headers_since is None and self._body_since is None:
            self._headers_since = self.loop.time()
        if self._headers_since is not None:
            self._header_bytes += len(data)
        try:
            self.parser.feed_data(data)
            if self._headers_since is not None and self._header_bytes > _MAX_HEADER_BYTES:
                self._refuse("headers_too_large")
        except httptools.HttpParserUpgrade:
            pass  # an offer that need not be taken (RFC 9110, section 7.8)
        except httptools.HttpParserError as error:
            cause = error.__context__
            self._refuse(str(cause) if isinstance(cause, _RefusedError) else "malformed")

    def on_message_begin(self) -> None:
        """Start the deadline of headers where the one before has ended."""
        super().on_message_begin()
        if self._headers_since is None:
            self._headers_since, self._header_bytes = self.loop.time(), 0

    def on_header(self, name: bytes, value: bytes) -> None:
        """Raises _RefusedError at the header that is too much."""
        if len(self.headers) >= _MAX_HEADERS:
            raise _RefusedError("headers_too_large")
        super().on_header(name, value)

    def on_headers_complete(self) -> None:
        """Raises _RefusedError when they are too large together."""
        if len(self.url) + sum(len(name) + len(value) + 4 for name, value in self.headers) > _MAX_HEADER_BYTES:
            raise _RefusedError("headers_too_large")
        self._headers_since, self._header_bytes, self._body_bytes = None, 0, 0
        super().on_headers_complete()  # may fail, and then the request before is still the newest
        self._body_since = self.loop.time()

    def on_body(self, body: bytes) -> None:
        """Count what arrives; what nobody uses any more is read to its end only if that is near."""
        self._body_bytes += len(body)
        if self._body_bytes > 2 * self.limits.body_max_bytes and self.cycle.response_complete:
            self.transport.abort()
        super().on_body(body)
        self._begin_if_arrived()

    def on_message_complete(self) -> None:
        """End the deadline of the body."""
        self._body_since = None
        super().on_message_complete()
        self._begin_if_arrived()

    def connection_lost(self, exc: Exception | None) -> None:
        """Nobody waits here any more. uvicorn tells this to the newest request only, which may not have begun."""
        self._forget_due()
        if self._begun is not None and not self._begun.response_complete:
            self._begun.disconnected = True
            self._begun.message_event.set()
        super().connection_lost(exc)

    def _start_asgi_task(self, cycle: RequestResponseCycle, app: Any) -> None:
        self._begun = cycle
        scope = cycle.scope
        if not scope["path"].startswith(_COUNTED):
            self._begin(cycle, app)
            return
        kind = "reads" if scope["method"] in {"GET", "HEAD"} else "writes"
        self._due = Pending(cycle, app, self.turnstiles[kind], is_refused=self._declares_too_much(scope))
        self._begin_if_arrived()

    def _begin(self, cycle: RequestResponseCycle, app: Any) -> None:
        """In a context of its own: the request before it may be what begins it."""
        Context().run(super()._start_asgi_task, cycle, app)

    def _declares_too_much(self, scope: Any) -> bool:
        length = header_of(scope, b"content-length")
        return length.isdecimal() and int(length) > self.limits.body_max_bytes

    def _begin_if_arrived(self) -> None:
        due = self._due
        if due is not None and not due.waits and due.has_arrived:
            due.waits = True
            due.turnstile.admit(self)

    def _forget_due(self) -> None:
        if self._due is not None:
            self._due.turnstile.forget(self)
            self._due = None

    def let_in(self) -> bool:
        """Begin the request whose turn it is; see Turnstile."""
        due, self._due = self._due, None
        if due is None or self.transport.is_closing():
            return False
        self._begin(due.cycle, due.passing)
        return True

    def turn_away(self, waited: float) -> None:
        """Tell the client to come again; what it sends next is a request like every other."""
        due, self._due = self._due, None
        if due is None or self.transport.is_closing():
            return
        cycle, scope = due.cycle, due.cycle.scope
        method = scope["method"]
        count_request("unknown", method, self.refusals["turned_away"].status, waited)
        # Who waits for a word before sending the body may send it now or not: nobody could tell what comes next.
        closes = not cycle.keep_alive or cycle.waiting_for_100_continue
        request_id = chosen_request_id(header_of(scope, b"x-request-id"))
        has_body = method != "HEAD"
        answer = self.refusals["turned_away"].answer(request_id, scope["path"], closes=closes, has_body=has_body)
        self.transport.write(answer)
        cycle.response_started = cycle.response_complete = True
        cycle.body.clear()
        if closes:
            self._close_readably()
        else:
            self.on_response_complete()

    def resume_writing(self) -> None:
        """The reader reads: its patience starts anew."""
        self._stalled_since = None
        super().resume_writing()

    def check(self, now: float) -> None:
        """Refuse or abort what is beyond its deadline."""
        if self._reader_is_slow(now):
            CONNECTIONS_REFUSED.labels("reader_slow").inc()
            self.transport.abort()
        elif self._refused_since is not None:
            if now - self._refused_since >= _LINGER:
                self.transport.close()
        elif self.transport.is_closing():
            return
        elif self._headers_since is not None and now - self._headers_since > self.limits.headers:
            self._refuse("headers_slow")
        elif self._body_since is not None and self._body_is_slow(now, self._body_since):
            self._refuse("body_slow")

    def _body_is_slow(self, now: float, since: float) -> bool:
        if self.flow.read_paused:  # not the client: the application reads no more of it now
            self._body_since = now
            return False
        grace = 0 if self.cycle.response_complete else self._body_bytes / _LEAST_RATE
        return now - since > self.limits.body + grace

    def _reader_is_slow(self, now: float) -> bool:
        waiting = self.transport.get_write_buffer_size()
        if not waiting:
            self._stalled_since = None
        elif self._stalled_since is None:
            self._stalled_since, self._stalled_at = now, waiting
        elif now - self._stalled_since >= _READER_PATIENCE:
            read = self._stalled_at - waiting
            if read < _LEAST_RATE * (now - self._stalled_since):
                return True
            self._stalled_since, self._stalled_at = now, waiting
        return False

    def _refuse(self, reason: str) -> None:
        """Answer and close. Earlier requests are answered first, with nothing after them."""
        CONNECTIONS_REFUSED.labels(reason).inc()
        if (earlier := self._last_unanswered()) is not None:
            earlier.keep_alive = False
            self._is_deaf = True
            self.flow.pause_reading()
            self._headers_since = self._body_since = None
            return
        nobody_asked = reason == "headers_slow" and not self._header_bytes
        if nobody_asked or (self._in_progress and self.cycle.response_started):
            self.transport.close()
            return
        self._forget_due()
        if self._in_progress:  # the application must not answer any more
            self.cycle.disconnected = True
            self.cycle.waiting_for_100_continue = False  # nor ask for the body
            self.cycle.message_event.set()
        self.transport.write(self.refusals[reason].answer(str(uuid_utils.uuid7())))
        self._close_readably()

    def _last_unanswered(self) -> RequestResponseCycle | None:
        """The last request before the one at fault that has no answer yet."""
        if self._body_since is None:
            return self.cycle if self._in_progress else None
        if self.pipeline and self.pipeline[0][0] is self.cycle:
            self.pipeline.popleft()  # at fault, and not begun
            return self.pipeline[0][0] if self.pipeline else self._begun
        return None

    def _close_readably(self) -> None:
        """To close a socket with unread data resets the connection, which can cost the client its answer."""
        if len(self.connections) > self.limits.connections + _LINGERING or not self.transport.can_write_eof():
            self.transport.close()
            return
        self.transport.write_eof()
        self._refused_since = self.loop.time()


def bounded(limits: ConnectionLimits, kind: type[BoundedConnection] = BoundedConnection) -> type[BoundedConnection]:
    """The protocol class for uvicorn's `http` option, of one process."""
    refusals = {name: Refusal(problem, limits.problem_base_url) for name, problem in _REFUSALS.items()}
    turnstiles = {"reads": Turnstile("reads", limits.reads), "writes": Turnstile("writes", limits.writes)}
    return type("Connection", (kind,), {"limits": limits, "refusals": refusals, "turnstiles": turnstiles})
