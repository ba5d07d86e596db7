-- Keeps the ids of events that a program writes which knows nothing of audit_event_ids: an earlier version beside this
-- one during an upgrade, or a person with psql. Sessions that write the ids themselves set datastorage.writes_ids.
-- An id that is there already is reported as a serialization failure: earlier versions then look for it and find it.
CREATE OR REPLACE FUNCTION audit_event_ids_keep() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    INSERT INTO audit_event_ids (event_id, event_date, correlation_id)
    VALUES (NEW.event_id, NEW.event_date, NEW.correlation_id)
    ON CONFLICT DO NOTHING;
    IF NOT FOUND THEN
        RAISE EXCEPTION 'the event_id % is stored already', NEW.event_id USING ERRCODE = 'serialization_failure';
    END IF;
    RETURN NULL;
END
$$;

CREATE OR REPLACE TRIGGER audit_event_ids_keep AFTER INSERT ON audit_events
    FOR EACH ROW WHEN (current_setting('datastorage.writes_ids', true) IS DISTINCT FROM 'on')
    EXECUTE FUNCTION audit_event_ids_keep();
