"""What belongs to the work under way, in its thread or task: its correlation, its parent event, its trace."""

from __future__ import annotations

import contextlib
import re
from collections.abc import Iterator
from contextvars import ContextVar
from dataclasses import asdict, dataclass, replace
from typing import Any

__all__ = ["AuditContext", "audit_context", "context_members", "current_context", "parse_traceparent"]

_TRACEPARENT = re.compile(r"[0-9a-f]{2}-([0-9a-f]{32})-([0-9a-f]{16})-[0-9a-f]{2}(-.*)?")


@dataclass(frozen=True, kw_only=True)
class AuditContext:
    """None: not known."""

    correlation_id: str | None = None
    parent_event_id: str | None = None
    trace_id: str | None = None
    span_id: str | None = None
    actor_id: str | None = None


_NOTHING = AuditContext()
_current: ContextVar[AuditContext] = ContextVar("audit_context", default=_NOTHING)


def current_context() -> AuditContext:
    """The context of the running code; trace ids come from OpenTelemetry's current span where the program uses it."""
    context = _current.get()
    if context.trace_id is not None:
        return context
    try:
        from opentelemetry.trace import get_current_span
    except ImportError:
        return context
    span = get_current_span().get_span_context()
    if not span.is_valid:
        return context
    return replace(context, trace_id=f"{span.trace_id:032x}", span_id=f"{span.span_id:016x}")


@contextlib.contextmanager
def audit_context(
    *,
    correlation_id: str | None = None,
    parent_event_id: str | None = None,
    trace_id: str | None = None,
    span_id: str | None = None,
    actor_id: str | None = None,
) -> Iterator[AuditContext]:
    """Set what is given for the block, and keep the rest."""
    given = {
        "correlation_id": correlation_id,
        "parent_event_id": parent_event_id,
        "trace_id": trace_id,
        "span_id": span_id,
        "actor_id": actor_id,
    }
    context = replace(_current.get(), **{name: value for name, value in given.items() if value is not None})
    token = _current.set(context)
    try:
        yield context
    finally:
        _current.reset(token)


def context_members() -> dict[str, Any]:
    """The context's members of an event, those that are known."""
    return {name: value for name, value in asdict(current_context()).items() if value is not None}


def parse_traceparent(header: str) -> tuple[str, str] | None:
    """Trace and span id of a W3C `traceparent` header; None where it is not valid."""
    match = _TRACEPARENT.fullmatch(header.strip().lower())
    if match is None or header.startswith("ff") or not match[1].strip("0") or not match[2].strip("0"):
        return None
    return match[1], match[2]
