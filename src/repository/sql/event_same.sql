-- Is the stored event the one that was sent? Traces differ from try to try and do not count; jsonb compares as values.
SELECT (event_version, event_timestamp, event_type, event_category, event_action, event_outcome, actor_type, actor_id,
        resource_type, resource_id, correlation_id, severity, namespace, cluster_name, duration_ms, error_code,
        error_message, parent_event_id, event_data)
       IS NOT DISTINCT FROM
       (%(event_version)s::varchar, %(event_timestamp)s::timestamptz, %(event_type)s::varchar,
        %(event_category)s::varchar, %(event_action)s::varchar, %(event_outcome)s::varchar, %(actor_type)s::varchar,
        %(actor_id)s::varchar, %(resource_type)s::varchar, %(resource_id)s::varchar, %(correlation_id)s::varchar,
        %(severity)s::varchar, %(namespace)s::varchar, %(cluster_name)s::varchar, %(duration_ms)s::integer,
        %(error_code)s::varchar, %(error_message)s::text, %(parent_event_id)s::uuid, %(event_data)s::jsonb)
  FROM audit_events
 WHERE event_id = %(event_id)s AND event_date = %(stored_date)s
