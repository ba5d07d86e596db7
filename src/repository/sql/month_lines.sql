-- A month's events as lines of JSON, in the members and the order of an export, and behind them the transaction that
-- wrote each: with it the log finds a month that is attached again unchanged. jsonb's text and its digits stay.
COPY (
    SELECT row_to_json(line)::text
      FROM (SELECT event_id, event_version AS version, event_timestamp, event_date, event_type, event_category,
                   event_action, event_outcome, actor_type, actor_id, abbrev(actor_ip) AS actor_ip, resource_type,
                   resource_id, resource_name, correlation_id, parent_event_id, parent_event_date, trace_id, span_id,
                   namespace, cluster_name, event_data, event_metadata, severity, duration_ms, error_code,
                   error_message, retention_days, is_sensitive, recorded_at, recorded_by, seal_xid::text AS seal_xid
              FROM public.{table}) AS line
     ORDER BY event_timestamp, event_id
) TO STDOUT (FORMAT BINARY)
