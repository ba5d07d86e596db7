-- What the service needs, and nothing more: it inserts named columns of the trail and reads; it changes the catalog, and
-- notes the use of keys. It makes months through the owner's function.
REVOKE ALL ON ALL TABLES IN SCHEMA public FROM {role};
GRANT USAGE ON SCHEMA public TO {role};
GRANT SELECT ON ALL TABLES IN SCHEMA public TO {role};
ALTER DEFAULT PRIVILEGES IN SCHEMA public GRANT SELECT ON TABLES TO {role};
GRANT INSERT (
    event_id, event_version, event_timestamp, event_date, event_type, event_category, event_action, event_outcome,
    actor_type, actor_id, resource_type, resource_id, correlation_id, event_data, severity, namespace, cluster_name,
    duration_ms, error_code, error_message, parent_event_id, parent_event_date, trace_id, span_id,
    recorded_by
) ON audit_events TO {role};
GRANT INSERT (hold_id, matter, reason, correlation_id, resource_type, resource_id, actor_id, event_category, since, until,
              second_person, placed_by) ON legal_holds TO {role};
GRANT INSERT (hold_id, reason, released_by) ON legal_hold_releases TO {role};
GRANT INSERT ON audit_event_ids TO {role};
GRANT INSERT (notification_id, remediation_id, recipient, channel, message_summary, status, sent_at, delivery_status,
              error_message, escalation_level, recorded_by) ON notification_audit TO {role};
GRANT USAGE ON SEQUENCE notification_audit_id_seq TO {role};
GRANT INSERT, UPDATE ON remediation_workflow_catalog TO {role};
GRANT UPDATE (last_used_at) ON access_keys TO {role};
GRANT INSERT ON evidence_log, evidence_batches, evidence_nodes, evidence_months, evidence_cosignatures TO {role};
GRANT UPDATE ON evidence_months, evidence_cosignatures TO {role};
GRANT EXECUTE ON FUNCTION audit_events_make_month(date) TO {role};
