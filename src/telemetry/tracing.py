"""W3C Trace Context (https://www.w3.org/TR/trace-context/): the caller's trace, from its `traceparent` header."""

import re
from typing import NamedTuple

__all__ = ["TraceContext", "parse_traceparent"]

_TRACEPARENT = re.compile(r"([0-9a-f]{2})-([0-9a-f]{32})-([0-9a-f]{16})-([0-9a-f]{2})(-.*)?")


class TraceContext(NamedTuple):
    """The caller's span: 32 and 16 lower-case hex digits."""

    trace_id: str
    span_id: str


def parse_traceparent(header: str) -> TraceContext | None:
    """The trace context of a `traceparent` header; None, as the standard asks, where it is absent or not valid."""
    match = _TRACEPARENT.fullmatch(header) if header else None
    if match is None:
        return None
    version, trace_id, span_id, _flags, rest = match.groups()
    if version == "ff" or (version == "00" and rest) or not trace_id.strip("0") or not span_id.strip("0"):
        return None
    return TraceContext(trace_id, span_id)
