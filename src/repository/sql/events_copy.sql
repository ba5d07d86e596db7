-- One COPY a month, so that a failure names the month that it comes from.
COPY audit_events (
    event_id, event_version, event_timestamp, event_date, event_type, event_category, event_action, event_outcome,
    actor_type, actor_id, resource_type, resource_id, correlation_id, event_data, severity, namespace, cluster_name,
    duration_ms, error_code, error_message, parent_event_id, parent_event_date, trace_id, span_id,
    recorded_by
) FROM STDIN (FORMAT binary)
