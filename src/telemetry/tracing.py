"""W3C Trace Context (https://www.w3.org/TR/trace-context/): the caller's trace, from its `traceparent` header."""

import re
from typing import NamedTuple

__all__ = ["TraceContext", "parse_traceparent"]

_TRACEPARENT = re.compile(r"([0-9a-f]{2})-([0-9a-f]{32})-([0-9a-f]{16})-([0-9a-f]{2})(-.*)?")


class TraceContext(NamedTuple):
    """A span: 32 and 16 lower-case hex digits. sampled: it is recorded where it was made."""

    trace_id: str
    span_id: str
    sampled: bool = False


def parse_traceparent(header: str) -> TraceContext | None:
    """The trace context of a `traceparent` header; None, as the standard asks, where it is absent or not valid."""
    match = _TRACEPARENT.fullmatch(header) if header else None
    if match is None:
        return None
    version, trace_id, span_id, flags, rest = match.groups()
    if version == "ff" or (version == "00" and rest) or not trace_id.strip("0") or not span_id.strip("0"):
        return None
    return TraceContext(trace_id, span_id, sampled=int(flags, 16) & 1 == 1)
