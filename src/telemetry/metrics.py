"""Every metric of the service, defined once.

Import nothing from here before PROMETHEUS_MULTIPROC_DIR is set where several workers share a port:
prometheus_client chooses its storage at import.
"""

import os

from prometheus_client import Counter, Gauge, Histogram, values

from telemetry.shared_values import SharedValue

__all__ = [
    "AUDIT_LAG",
    "AUDIT_TRACES",
    "AUTHENTICATION_FAILURES",
    "BACKGROUND_RESTARTS",
    "CATALOG_SEARCH_DURATION",
    "CATALOG_SEARCH_RESULTS",
    "CONNECTIONS_REFUSED",
    "DANGLING_PARENTS",
    "DB_IDLE",
    "DB_IN_USE",
    "DB_MAX_OPEN",
    "DB_OPEN",
    "DB_POOL_MAX",
    "DB_TIMEOUTS",
    "DB_WAIT",
    "DB_WAITING",
    "DEAD_LETTERS",
    "DLQ_CAPACITY",
    "DLQ_CRITICAL",
    "DLQ_DEPTH",
    "DLQ_ENQUEUED",
    "DLQ_OLDEST_AGE",
    "DLQ_OVERFLOW_IMMINENT",
    "DLQ_RATIO",
    "DLQ_REFUSED",
    "DLQ_REPLAYED",
    "DLQ_WARNING",
    "EXPORTS_CUT",
    "GROUP_SIZE",
    "HTTP_DURATION",
    "HTTP_IN_FLIGHT",
    "HTTP_REQUESTS",
    "LOG_BEHIND",
    "LOG_CAUGHT_UP",
    "LOG_HALTED",
    "LOG_KEYS",
    "LOG_LAST_ROUND",
    "LOG_PUBLISHED_AT",
    "LOG_PUBLISHED_SIZE",
    "LOG_PUBLISH_FAILURES",
    "LOG_SEALED",
    "LOG_SEALING",
    "LOG_SIZE",
    "LOG_TARGETS",
    "PARTITION_HORIZON",
    "PARTITION_LAST_WRITE",
    "PARTITION_STATUS",
    "PARTITION_WRITE_FAILURES",
    "QUEUE_DURABLE",
    "RATE_LIMITED",
    "READ_FALLBACKS",
    "REQUESTS_SHED",
    "SELF_AUDIT_DROPPED",
    "TARGET_DOWN",
    "TARGET_WENT_DOWN",
    "UNREADABLE_ROWS",
    "VALIDATION_FAILURES",
    "WRITE_DURATION",
]

if "PROMETHEUS_MULTIPROC_DIR" in os.environ:
    values.ValueClass = SharedValue

_FAST = (0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 5.0, 10.0)

AUDIT_TRACES = Counter(
    "datastorage_audit_traces_total",
    "Records by service (event category, or `notification-audit`) and what became of them: success, duplicate,"
    " dlq_fallback (queued), failure (no store took it: 503; what a 4xx refused is not counted).",
    ["service", "status"],
)
AUDIT_LAG = Histogram(
    "datastorage_audit_lag_seconds",
    "Time from an event's event_timestamp to its commit in PostgreSQL.",
    ["service"],
    buckets=(0.01, 0.05, 0.1, 0.5, 1.0, 5.0, 10.0, 30.0, 60.0, 300.0, 900.0, 3600.0, 21600.0, 86400.0),
)
VALIDATION_FAILURES = Counter(
    "datastorage_validation_failures_total",
    "Violations found in requests, by the top-level field at fault (`other` for names that clients invented) and the"
    " rule that it broke: required, type, format, enum, exceeds_max_length, future_timestamp, timestamp_too_old, ….",
    ["field", "reason"],
)
CONNECTIONS_REFUSED = Counter(
    "datastorage_connections_refused_total",
    "Connections that were refused or given up before the application saw a request, by reason: too_many, malformed, "
    "headers_too_large, headers_slow, body_slow, reader_slow.",
    ["reason"],
)
REQUESTS_SHED = Counter(
    "datastorage_requests_shed_total",
    "Requests refused with 503 because a process had as much in hand as it takes: reads, writes, large bodies or bytes"
    " of bodies.",
    ["limit"],
)
EXPORTS_CUT = Counter(
    "datastorage_exports_cut_total",
    "Exports cut before their last event, by reason: deadline (export_timeout), slow_reader (export_least_rate).",
    ["reason"],
)
UNREADABLE_ROWS = Counter(
    "datastorage_unreadable_rows_total",
    "Stored rows that an answer left out because they cannot be read, by table; each is in the log with its id.",
    ["table"],
)
AUTHENTICATION_FAILURES = Counter(
    "datastorage_authentication_failures_total",
    "Requests whose credentials were missing or not valid, by what was wrong; the caller is not told.",
    ["reason"],
)
RATE_LIMITED = Counter(
    "datastorage_rate_limited_total",
    "Requests answered 429, by whose bucket was empty: that of a subject, or of the failures of an address.",
    ["bucket"],
)
WRITE_DURATION = Histogram(
    "datastorage_write_duration_seconds",
    "Time from a request's hand-over to its commit in PostgreSQL, by where it goes: audit_events, audit_events_batch"
    " (several events in one request), notification_audit.",
    ["table"],
    buckets=_FAST,
)
GROUP_SIZE = Histogram(
    "datastorage_commit_group_rows",
    "Rows in one transaction of the group commit.",
    ["table"],
    buckets=(1, 2, 5, 10, 20, 50, 100, 200, 500, 1000, 2000, 4000),
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

DB_OPEN = Gauge(
    "datastorage_db_connections_open",
    "Connections of a pool to PostgreSQL, over all workers; each worker looks once a second.",
    ["pool"],
    multiprocess_mode="livesum",
)
DB_IN_USE = Gauge(
    "datastorage_db_connections_in_use",
    "Connections of a pool that a request or a commit holds.",
    ["pool"],
    multiprocess_mode="livesum",
)
DB_IDLE = Gauge(
    "datastorage_db_connections_idle", "Connections of a pool that nobody holds.", ["pool"], multiprocess_mode="livesum"
)
DB_MAX_OPEN = Gauge(
    "datastorage_db_max_open_connections",
    "Connections that the pools of all workers open at the most: the setting pool_max_size.",
    multiprocess_mode="mostrecent",
)
DB_POOL_MAX = Gauge(
    "datastorage_db_pool_max_connections",
    "Connections that a pool opens at the most, over all workers: its share of the setting.",
    ["pool"],
    multiprocess_mode="livesum",
)
DB_WAITING = Gauge(
    "datastorage_db_connections_waiting",
    "Callers that wait for a connection of a pool.",
    ["pool"],
    multiprocess_mode="livesum",
)
DB_WAIT = Histogram(
    "datastorage_db_connection_wait_duration_seconds",
    "Time until a connection was had; next to nothing while one is idle.",
    ["pool"],
    buckets=_FAST,
)
DB_TIMEOUTS = Counter(
    "datastorage_db_connection_timeouts_total", "Callers that did not get a connection in time.", ["pool"]
)

TARGET_DOWN = Gauge(
    "datastorage_target_down",
    "1 while a process considers a target down: primary (writes go straight to the queue), standby, queue.",
    ["target"],
    multiprocess_mode="livemax",
)
TARGET_WENT_DOWN = Counter(
    "datastorage_target_went_down_total",
    "Times that a process considered a target down: primary, standby, queue, month.",
    ["target"],
)
DLQ_DEPTH = Gauge(
    "datastorage_dlq_depth", "Entries in the queue, waiting ones included.", ["stream"], multiprocess_mode="mostrecent"
)
DLQ_CAPACITY = Gauge(
    "datastorage_dlq_capacity", "Entries that the queue takes.", ["stream"], multiprocess_mode="mostrecent"
)
DLQ_RATIO = Gauge("datastorage_dlq_capacity_ratio", "Depth : capacity.", ["stream"], multiprocess_mode="mostrecent")
DLQ_WARNING = Gauge(
    "datastorage_dlq_warning", "1 from 80 % of the capacity to 90 %.", ["stream"], multiprocess_mode="mostrecent"
)
DLQ_CRITICAL = Gauge(
    "datastorage_dlq_critical", "1 from 90 % of the capacity to 95 %.", ["stream"], multiprocess_mode="mostrecent"
)
DLQ_OVERFLOW_IMMINENT = Gauge(
    "datastorage_dlq_overflow_imminent", "1 from 95 % of the capacity.", ["stream"], multiprocess_mode="mostrecent"
)
DLQ_OLDEST_AGE = Gauge(
    "datastorage_dlq_oldest_age_seconds",
    "Time that the entry at the head of the queue has waited.",
    ["stream"],
    multiprocess_mode="mostrecent",
)
DEAD_LETTERS = Gauge(
    "datastorage_dead_letters", "Dead letters that wait for a person.", ["stream"], multiprocess_mode="mostrecent"
)
DLQ_ENQUEUED = Counter(
    "datastorage_dlq_enqueue_total", "Records that went into the queue, by their type.", ["stream", "type"]
)
DLQ_REFUSED = Counter(
    "datastorage_dlq_refused_total", "Records that the queue did not take: full, unavailable.", ["stream", "reason"]
)
DLQ_REPLAYED = Counter(
    "datastorage_dlq_replayed_total",
    "Entries tried again, by what became of them: stored, duplicate, held, failed, refused, unknown, dead.",
    ["stream", "outcome"],
)
DANGLING_PARENTS = Counter(
    "datastorage_dangling_parents_total", "Replayed events whose parent is nowhere; stored with the link all the same."
)
QUEUE_DURABLE = Gauge(
    "datastorage_queue_durable",
    "1 when Redis' configuration keeps acknowledged entries over a crash.",
    multiprocess_mode="mostrecent",
)
SELF_AUDIT_DROPPED = Counter(
    "datastorage_own_events_dropped_total",
    "The service's own audit events that were given up: refused, failed, or no store took them for too long.",
)
BACKGROUND_RESTARTS = Counter(
    "datastorage_background_restarts_total", "Background loops that failed and were started again.", ["loop"]
)
CATALOG_SEARCH_DURATION = Histogram(
    "datastorage_catalog_search_duration_seconds",
    "Time that a label search takes, from the parsed request to its result.",
    buckets=_FAST,
)
CATALOG_SEARCH_RESULTS = Histogram(
    "datastorage_catalog_search_results",
    "Workflows that matched a label search.",
    buckets=(0, 1, 2, 5, 10, 20, 50, 100, 1000, 10000),
)
READ_FALLBACKS = Counter(
    "datastorage_read_fallbacks_total", "Reads that the primary answered because this server did not.", ["server"]
)
PARTITION_WRITE_FAILURES = Counter(
    "datastorage_partition_write_failures_total", "Writes that one month's partition refused.", ["partition"]
)
PARTITION_LAST_WRITE = Gauge(
    "datastorage_partition_last_write_timestamp",
    "Unix time of the newest commit into a month.",
    ["partition"],
    multiprocess_mode="max",
)
PARTITION_STATUS = Gauge(
    "datastorage_partition_status",
    "1 for the state that a month is in: available, unavailable, missing.",
    ["partition", "status"],
    multiprocess_mode="livemostrecent",  # nobody else takes back what a worker that died said of a broken month
)
PARTITION_HORIZON = Gauge(
    "datastorage_partition_horizon_days",
    "Days from today to the end of the last month that is ready; alarm below 31.",
    multiprocess_mode="mostrecent",
)

LOG_SIZE = Gauge("datastorage_log_size", "Entries of the transparency log.", multiprocess_mode="max")
LOG_SEALED = Counter("datastorage_log_sealed_total", "Events that were sealed into the transparency log.")
LOG_BEHIND = Gauge(
    "datastorage_log_months_behind",
    "Months with events that the log lacks: detached, unreadable, or with events older than the log.",
    multiprocess_mode="mostrecent",  # what a sealer that died said last does not hold for its successor
)
LOG_HALTED = Gauge(
    "datastorage_log_halted",
    "1 while the log and the database contradict each other and nothing is sealed.",
    multiprocess_mode="mostrecent",
)
LOG_LAST_ROUND = Gauge(
    "datastorage_log_last_round_timestamp_seconds",
    "When the sealer last looked for events to seal, in Unix seconds.",
    multiprocess_mode="max",
)
LOG_CAUGHT_UP = Gauge(
    "datastorage_log_caught_up_timestamp_seconds",
    "When the log last held every event that was committed by then, in Unix seconds.",
    multiprocess_mode="max",
)
LOG_SEALING = Gauge(
    "datastorage_log_sealing", "1 where this instance is set to seal events.", multiprocess_mode="mostrecent"
)
LOG_KEYS = Gauge(
    "datastorage_log_keys", "Keys with which this instance signs checkpoints.", multiprocess_mode="mostrecent"
)
LOG_TARGETS = Gauge(
    "datastorage_log_targets", "Places to which this instance publishes the log.", multiprocess_mode="mostrecent"
)
LOG_PUBLISH_FAILURES = Counter(
    "datastorage_log_publish_failures_total", "Times that a checkpoint was not published.", ["target"]
)
LOG_PUBLISHED_SIZE = Gauge(
    "datastorage_log_published_size",
    "Entries in the newest checkpoint that a target has.",
    ["target"],
    multiprocess_mode="max",
)
LOG_PUBLISHED_AT = Gauge(
    "datastorage_log_published_timestamp_seconds",
    "When a target last had the newest checkpoint, in Unix seconds.",
    ["target"],
    multiprocess_mode="max",
)
