-- Events of a V1.0 database, as lines of JSON. Their ids first: one that is stored already is left as it is. V1.0 took the
-- day from the session's zone; here it is the UTC day. A trace id that is none goes to the metadata.
WITH sent AS MATERIALIZED (
    SELECT event.*, (event_timestamp AT TIME ZONE 'UTC')::date AS day
      FROM unnest(%(lines)s::text[]) AS line
      CROSS JOIN LATERAL json_to_record(line::json) AS event (
            event_id uuid, event_version text, event_timestamp timestamptz, event_type text, event_category text,
            event_action text, event_outcome text, actor_type text, actor_id text, actor_ip inet, resource_type text,
            resource_id text, resource_name text, correlation_id text, parent_event_id uuid, parent_event_date date,
            trace_id text, span_id text, namespace text, cluster_name text, cluster_id text, event_data jsonb,
            event_metadata jsonb, severity text, duration_ms integer, error_code text, error_message text,
            retention_days integer, is_sensitive boolean)
), fresh AS (
    INSERT INTO audit_event_ids (event_id, event_date, correlation_id)
    SELECT event_id, day, correlation_id FROM sent
    ON CONFLICT DO NOTHING
    RETURNING event_id
)
INSERT INTO audit_events (
    event_id, event_version, event_timestamp, event_date, event_type, event_category, event_action, event_outcome,
    actor_type, actor_id, actor_ip, resource_type, resource_id, resource_name, correlation_id, parent_event_id,
    parent_event_date, trace_id, span_id, namespace, cluster_name, event_data, event_metadata, severity, duration_ms,
    error_code, error_message, retention_days, is_sensitive)
SELECT event_id, event_version, event_timestamp, day, event_type, event_category, event_action, event_outcome,
       actor_type, actor_id, actor_ip, resource_type, resource_id, resource_name, correlation_id, parent_event_id,
       parent_event_date,
       CASE WHEN length(trace_id) <= 32 THEN trace_id END,
       CASE WHEN length(span_id) <= 16 THEN span_id END,
       namespace, coalesce(cluster_name, cluster_id), event_data,
       CASE WHEN length(trace_id) > 32 OR length(span_id) > 16
            THEN coalesce(event_metadata, '{}'::jsonb) || jsonb_build_object('v1_trace_id', trace_id, 'v1_span_id', span_id)
            ELSE event_metadata END,
       severity, duration_ms, error_code, error_message, coalesce(retention_days, 2555), coalesce(is_sensitive, false)
  FROM sent JOIN fresh USING (event_id)
