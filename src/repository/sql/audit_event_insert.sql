-- One event of an operator's command, in the transaction of what it tells of. The trigger keeps its id.
INSERT INTO audit_events (
    event_id, event_version, event_timestamp, event_date, event_type, event_category, event_action, event_outcome,
    actor_type, actor_id, resource_type, resource_id, correlation_id, event_data, severity, recorded_by)
VALUES (
    %(event_id)s, %(event_version)s, %(event_timestamp)s, %(event_date)s, %(event_type)s, %(event_category)s,
    %(event_action)s, %(event_outcome)s, %(actor_type)s, %(actor_id)s, %(resource_type)s, %(resource_id)s,
    %(correlation_id)s, %(event_data)s::jsonb, %(severity)s, %(recorded_by)s)
