-- The ids of the events that are stored already, month by month. Creating the trigger before has waited for every
-- transaction that was writing without it, so that none is missed. Also for a month that is attached again after it had
-- been detached while this ran: SELECT audit_event_ids_fill('audit_events_2026_10').
CREATE OR REPLACE FUNCTION audit_event_ids_fill(partition regclass) RETURNS bigint LANGUAGE plpgsql AS $$
DECLARE
    added bigint;
BEGIN
    EXECUTE format('INSERT INTO audit_event_ids (event_id, event_date, correlation_id)
                    SELECT event_id, event_date, correlation_id FROM %s ON CONFLICT DO NOTHING', partition);
    GET DIAGNOSTICS added = ROW_COUNT;
    RETURN added;
END
$$;

DO $$
BEGIN
    PERFORM audit_event_ids_fill(inhrelid) FROM pg_inherits WHERE inhparent = 'audit_events'::regclass;
END
$$;
