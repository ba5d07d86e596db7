"""Spans of traced requests; for all other requests a span costs one look at a variable.

This floor decides what is traced and what belongs to what; a Tracer, which it is given, makes the spans.
"""

from __future__ import annotations

import random
from collections.abc import Iterable, Sequence
from contextlib import AbstractContextManager, nullcontext
from contextvars import ContextVar, Token
from types import TracebackType
from typing import Literal, NamedTuple, Protocol, Self

from telemetry.tracing import TraceContext, parse_traceparent

__all__ = [
    "Kind",
    "Recorded",
    "Span",
    "Tracer",
    "begin",
    "current",
    "current_traceparent",
    "exemplar",
    "group",
    "replay",
    "set_tracer",
    "span",
]

Kind = Literal["server", "client", "internal"]
Value = str | int | float | bool


class Recorded(Protocol):
    """A span as a Tracer makes it."""

    @property
    def context(self) -> TraceContext:
        """What others need to refer to it."""

    def rename(self, name: str) -> None:
        """Give it another name."""

    def set(self, attributes: dict[str, Value]) -> None:
        """Add attributes."""

    def fail(self, reason: str) -> None:
        """Say that what it stands for has failed."""

    def end(self) -> None:
        """Hand it to whoever collects spans; never waits."""


class Tracer(Protocol):
    """Makes spans: datastorage.traces, see there."""

    def start(self, name: str, kind: Kind, parent: TraceContext | None, links: Sequence[TraceContext]) -> Recorded:
        """A span that has begun; without a parent it begins a trace."""


class _Tracing(NamedTuple):
    tracer: Tracer
    sample: float


_OFF: AbstractContextManager[None] = nullcontext()
#: How this process traces; empty where it does not.
_tracing: list[_Tracing] = []
_current: ContextVar[Span | None] = ContextVar("span", default=None)


class Span(AbstractContextManager["Span"]):
    """A span that is recorded, and current from `with` to its end. An exception that leaves it is its failure."""

    __slots__ = ("_recorded", "_token")

    def __init__(self, recorded: Recorded) -> None:
        self._recorded = recorded
        self._token: Token[Span | None] | None = None

    @property
    def context(self) -> TraceContext:
        """What others need to refer to it."""
        return self._recorded.context

    def rename(self, name: str) -> None:
        """Give it another name."""
        self._recorded.rename(name)

    def set(self, **attributes: Value) -> None:
        """Add attributes; no payload, no query. `__` in a name stands for a dot."""
        self._recorded.set({name.replace("__", "."): value for name, value in attributes.items()})

    def fail(self, reason: str) -> None:
        """Say that what it stands for has failed. reason: no driver's text."""
        self._recorded.fail(reason)

    def __enter__(self) -> Self:
        self._token = _current.set(self)
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        if kind is not None:
            self.fail(kind.__name__)
        self._recorded.end()
        if self._token is not None:
            _current.reset(self._token)


Traced = AbstractContextManager[Span | None]


def set_tracer(tracer: Tracer | None, *, sample: float = 1.0) -> None:
    """Make spans with this tracer from now on; None: make none.

    sample: share of the requests without a caller's trace that are traced, 0 to 1.
    """
    _tracing[:] = [] if tracer is None else [_Tracing(tracer, sample)]


def current() -> Span | None:
    """The span that what runs now belongs to; None where it is not traced."""
    return _current.get()


def current_traceparent() -> str:
    """The current span as a `traceparent` header has it; "" where there is none."""
    one = _current.get()
    return f"00-{one.context.trace_id}-{one.context.span_id}-01" if one else ""


def exemplar(of: Span | None = None) -> dict[str, str] | None:
    """The trace of a span, or else of the current one, as histograms take it; None where it is not traced."""
    one = of or _current.get()
    return {"trace_id": one.context.trace_id} if one else None


def begin(name: str, caller: TraceContext | None) -> Traced:
    """The span of a request. Its caller says whether the trace is recorded; where there is no caller's, chance does."""
    if not _tracing:
        return _OFF
    tracer, sample = _tracing[0]
    if not (caller.sampled if caller else random.random() < sample):  # noqa: S311 - nobody guesses this
        return _OFF
    return Span(tracer.start(name, "server", caller, ()))


def span(name: str, kind: Kind = "internal", **attributes: Value) -> Traced:
    """A part of what the current span stands for, if there is one. Attributes as for Span.set."""
    parent = _current.get()
    return _OFF if parent is None else _made(name, kind, parent.context, (), attributes)


def group(name: str, members: Iterable[Span | None], **attributes: Value) -> Traced:
    """Work that is done for several at once: a part of the first that is traced, linked to all that are."""
    if not _tracing:
        return _OFF
    traced = list({member.context: None for member in members if member is not None})
    if not traced:
        return _Untraced()
    return _made(name, "internal", traced[0], traced, attributes)


def replay(name: str, traceparents: Iterable[str], **attributes: Value) -> Traced:
    """Work on what traced requests left behind: a trace of its own, linked to theirs."""
    if not _tracing:
        return _OFF
    links = list({found: None for text in traceparents if (found := parse_traceparent(text))})
    return _made(name, "internal", None, links, attributes) if links else _OFF


class _Untraced(AbstractContextManager[None]):
    """Nothing is current in it: a task that works for many may have been begun by a traced request."""

    def __enter__(self) -> None:
        self._token = _current.set(None)

    def __exit__(self, *_: object) -> None:
        _current.reset(self._token)


def _made(
    name: str, kind: Kind, parent: TraceContext | None, links: Sequence[TraceContext], attributes: dict[str, Value]
) -> Traced:
    if not _tracing:  # traces were switched off since the parent began
        return _OFF
    made = Span(_tracing[0].tracer.start(name, kind, parent, links))
    if attributes:
        made.set(**attributes)
    return made
