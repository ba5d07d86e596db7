"""What every log line and every record of one request shares."""

from contextvars import ContextVar

from telemetry.tracing import TraceContext

__all__ = ["request_id", "subject", "trace_context"]

#: Id of the request being served; empty outside a request.
request_id: ContextVar[str] = ContextVar("request_id", default="")
#: Who sent the request that is served, as far as callers prove who they are; empty otherwise.
subject: ContextVar[str] = ContextVar("subject", default="")
#: The caller's trace; None outside a request and where the caller sent none.
trace_context: ContextVar[TraceContext | None] = ContextVar("trace_context", default=None)
