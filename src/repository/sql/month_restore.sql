-- The lines of an archive back into a table. Of another cluster the transactions mean nothing: '0' is "before the log".
INSERT INTO public.{table} (
    event_id, event_version, event_timestamp, event_date, event_type, event_category, event_action, event_outcome,
    actor_type, actor_id, actor_ip, resource_type, resource_id, resource_name, correlation_id, parent_event_id,
    parent_event_date, trace_id, span_id, namespace, cluster_name, event_data, event_metadata, severity, duration_ms,
    error_code, error_message, retention_days, is_sensitive, recorded_at, recorded_by, seal_xid)
SELECT event_id, version, event_timestamp, event_date, event_type, event_category, event_action, event_outcome,
       actor_type, actor_id, actor_ip, resource_type, resource_id, resource_name, correlation_id, parent_event_id,
       parent_event_date, trace_id, span_id, namespace, cluster_name, event_data, event_metadata, severity, duration_ms,
       error_code, error_message, retention_days, is_sensitive, recorded_at, recorded_by,
       CASE WHEN %(same_cluster)s THEN seal_xid::xid8 ELSE '0'::xid8 END
  FROM unnest(%(lines)s::text[]) AS line
  CROSS JOIN LATERAL json_to_record(line::json) AS event (
        event_id uuid, version text, event_timestamp timestamptz, event_date date, event_type text, event_category text,
        event_action text, event_outcome text, actor_type text, actor_id text, actor_ip inet, resource_type text,
        resource_id text, resource_name text, correlation_id text, parent_event_id uuid, parent_event_date date,
        trace_id text, span_id text, namespace text, cluster_name text, event_data jsonb, event_metadata jsonb,
        severity text, duration_ms integer, error_code text, error_message text, retention_days integer,
        is_sensitive boolean, recorded_at timestamptz, recorded_by text, seal_xid text)
