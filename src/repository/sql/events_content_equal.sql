-- Are the stored events of one month those that were sent? Traces differ from try to try and do not count; jsonb
-- compares as values. Of an event of which something was erased the original is as good as what is left of it. OFFSET 0
-- keeps each look-up one by primary key.
SELECT sent.event_id,
       (stored.event_version, stored.event_timestamp, stored.event_type, stored.event_category, stored.event_action,
        stored.event_outcome, stored.actor_type, stored.actor_id, stored.resource_type, stored.resource_id,
        stored.correlation_id, stored.severity, stored.namespace, stored.cluster_name, stored.duration_ms,
        stored.error_code, stored.error_message, stored.parent_event_id)
       IS NOT DISTINCT FROM
       (sent.event_version, sent.event_timestamp, sent.event_type, sent.event_category, sent.event_action,
        sent.event_outcome, sent.actor_type, sent.actor_id, sent.resource_type, sent.resource_id,
        sent.correlation_id, sent.severity, sent.namespace, sent.cluster_name, sent.duration_ms,
        sent.error_code, sent.error_message, sent.parent_event_id)
       AND (stored.event_data = sent.event_data
            OR EXISTS (SELECT FROM audit_erasures AS erased
                        WHERE erased.event_id = sent.event_id
                          AND erased.original_sha256 = sha256(convert_to(sent.event_data::text, 'UTF8')))) AS content_equal
  FROM json_to_recordset(%(sent)s::json) AS sent (
        event_id uuid, stored_date date, event_version varchar, event_timestamp timestamptz, event_type varchar,
        event_category varchar, event_action varchar, event_outcome varchar, actor_type varchar, actor_id varchar,
        resource_type varchar, resource_id varchar, correlation_id varchar, severity varchar, namespace varchar,
        cluster_name varchar, duration_ms integer, error_code varchar, error_message text, parent_event_id uuid,
        event_data jsonb)
  CROSS JOIN LATERAL (
        SELECT * FROM audit_events
         WHERE event_id = sent.event_id AND event_date = sent.stored_date
           AND event_date BETWEEN %(first)s AND %(last)s
        OFFSET 0
       ) AS stored
