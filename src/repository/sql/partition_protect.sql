-- TRUNCATE triggers are not inherited.
CREATE TRIGGER audit_events_no_truncate BEFORE TRUNCATE ON {table}
    FOR EACH STATEMENT EXECUTE FUNCTION audit_events_refuse_change()
