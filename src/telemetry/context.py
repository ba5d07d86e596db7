"""What every log line of one request shares."""

from contextvars import ContextVar

__all__ = ["request_id"]

#: Id of the request being served; empty outside a request.
request_id: ContextVar[str] = ContextVar("request_id", default="")
