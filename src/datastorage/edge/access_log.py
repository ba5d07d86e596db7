"""What is counted and logged of each request once it is answered."""

from __future__ import annotations

from functools import lru_cache

from prometheus_client import Counter, Histogram

from datastorage.edge.exchange import Exchange
from telemetry.logs import get_logger, is_debugging
from telemetry.metrics import HTTP_DURATION, HTTP_REQUESTS
from telemetry.spans import exemplar

__all__ = ["AccessLog", "count_request"]

_log = get_logger("datastorage.access")
_METHODS = frozenset(("GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS", "TRACE", "CONNECT"))
_REFUSED, _FAILED = 400, 500
#: Seconds after which an answer is worth a line in the log.
_SLOW = 1.0


class AccessLog:
    """Counts every request, and writes a line for those that failed, were refused or slow, and for a share of the rest.

    sample: that share, 0 to 1. At level debug every request is logged.
    """

    def __init__(self, sample: float) -> None:
        self._sample = sample
        self._due = 0.0

    def record(self, exchange: Exchange, status: int, seconds: float) -> None:
        """Tell of a request. status: 499 if the client left before it was answered."""
        operation = exchange.operation_id or "unknown"
        method = count_request(operation, exchange.method, status, seconds)
        if status < _REFUSED and seconds <= _SLOW and not self._is_sampled() and not is_debugging():
            return  # a line would cost more than the rest of the edge
        (_log.warning if status >= _FAILED else _log.info)(
            "request",
            operation=operation,
            method=method,
            path=exchange.path,
            status=status,
            milliseconds=round(seconds * 1000, 2),
        )

    def _is_sampled(self) -> bool:
        self._due += self._sample
        if self._due < 1.0:
            return False
        self._due -= 1.0
        return True


def count_request(operation: str, method: str, status: int, seconds: float) -> str:
    """Count one answer; the method as metrics and logs name it."""
    method = method if method in _METHODS else "other"
    requests, duration = _series(operation, method, status)
    requests.inc()
    duration.observe(seconds, exemplar())
    return method


@lru_cache(maxsize=4096)
def _series(operation: str, method: str, status: int) -> tuple[Counter, Histogram]:
    """The two series of one kind of answer; looking them up by label costs more than counting."""
    return HTTP_REQUESTS.labels(operation, method, str(status)), HTTP_DURATION.labels(operation)
