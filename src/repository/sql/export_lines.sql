-- Events of one month with one of these ids that pass the filters, as lines of JSON in the members of an export.
SELECT event_id, row_to_json(line)::text
  FROM (SELECT event_id, event_version AS version, event_timestamp, event_date, event_type, event_category,
               event_action, event_outcome, actor_type, actor_id, abbrev(actor_ip) AS actor_ip, resource_type,
               resource_id, resource_name, correlation_id, parent_event_id, parent_event_date, trace_id, span_id,
               namespace, cluster_name, event_data, event_metadata, severity, duration_ms, error_code,
               error_message, retention_days, is_sensitive, recorded_at, recorded_by
          FROM audit_events
         WHERE event_date >= %(first_day)s AND event_date < %(end_day)s AND event_id = ANY(%(ids)s)
           AND {conditions}) AS line
