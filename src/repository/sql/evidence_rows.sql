-- The rows of one month that a window admits. Behind the transaction and the day stands the canonical form of
-- audit_event/1: texts only, so that the bytes that COPY sends are the bytes that are hashed. See docs/evidence.md.
COPY (
SELECT seal_xid::text, to_char(event_date, 'YYYYMMDD'), 'audit_event/1',
       event_id::text, event_version::text, (extract(epoch FROM event_timestamp) * 1000000)::bigint::text,
       event_date::text, event_type::text, event_category::text, event_action::text, event_outcome::text,
       actor_type::text, actor_id::text, abbrev(actor_ip), resource_type::text, resource_id::text, resource_name::text,
       correlation_id::text, parent_event_id::text, parent_event_date::text, trace_id::text, span_id::text,
       namespace::text, cluster_name::text, event_data::text, event_metadata::text, severity::text, duration_ms::text,
       error_code::text, error_message, retention_days::text, is_sensitive::text,
       (extract(epoch FROM recorded_at) * 1000000)::bigint::text, recorded_by::text
  FROM audit_events
 WHERE event_date >= {first} AND event_date < {end} AND {window}
) TO STDOUT (FORMAT BINARY)
