-- One index a kind of question; docs/decisions/0052 has what the last two cost and give.
CREATE INDEX IF NOT EXISTS idx_audit_events_correlation
    ON audit_events (correlation_id, event_timestamp DESC, event_id DESC);
CREATE INDEX IF NOT EXISTS idx_audit_events_type
    ON audit_events (event_type, event_timestamp DESC, event_id DESC);
CREATE INDEX IF NOT EXISTS idx_audit_events_category
    ON audit_events (event_category, event_timestamp DESC, event_id DESC);
CREATE INDEX IF NOT EXISTS idx_audit_events_timestamp
    ON audit_events (event_timestamp DESC, event_id DESC);
CREATE INDEX IF NOT EXISTS idx_audit_events_resource
    ON audit_events (resource_id, event_timestamp DESC, event_id DESC);
CREATE INDEX IF NOT EXISTS idx_audit_events_actor
    ON audit_events (actor_id, event_timestamp DESC, event_id DESC);
CREATE INDEX IF NOT EXISTS idx_audit_events_event_data_gin
    ON audit_events USING gin (event_data jsonb_path_ops);
