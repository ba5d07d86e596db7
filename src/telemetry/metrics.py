"""Every metric of the service, defined once.

Import nothing from here before PROMETHEUS_MULTIPROC_DIR is set where several workers share a port:
prometheus_client chooses its storage at import.
"""

from prometheus_client import Counter, Gauge, Histogram

__all__ = [
    "AUDIT_TRACES",
    "HTTP_DURATION",
    "HTTP_IN_FLIGHT",
    "HTTP_REQUESTS",
    "VALIDATION_FAILURES",
    "WRITE_DURATION",
]

_FAST = (0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 5.0, 10.0)

AUDIT_TRACES = Counter(
    "datastorage_audit_traces_total",
    "Audit records by event category (or `notification-audit`) and outcome: success, duplicate, queued, failure.",
    ["service", "status"],
)
VALIDATION_FAILURES = Counter(
    "datastorage_validation_failures_total",
    "Violations found in requests, by the field at fault and the rule that it broke.",
    ["field", "reason"],
)
WRITE_DURATION = Histogram(
    "datastorage_write_duration_seconds",
    "Time from a record's hand-over to its commit in PostgreSQL.",
    ["table"],
    buckets=_FAST,
)
HTTP_REQUESTS = Counter(
    "datastorage_http_requests_total",
    "Requests answered, by operationId (`unknown` where none was matched) and status code.",
    ["operation", "method", "status"],
)
HTTP_DURATION = Histogram(
    "datastorage_http_request_duration_seconds",
    "Time from a request's first byte to its answer's last.",
    ["operation"],
    buckets=_FAST,
)
HTTP_IN_FLIGHT = Gauge(
    "datastorage_http_requests_in_flight",
    "Requests being served now.",
    multiprocess_mode="livesum",
)
