-- Payloads wait in a list of their month's index; the insert that fills it sorts them in for all, and every search by
-- payload reads it through. A quarter of PostgreSQL's 4 MB: docs/decisions/0165 has what it costs and gives.
CREATE OR REPLACE FUNCTION audit_events_tune_month(month regclass) RETURNS void LANGUAGE plpgsql AS $$
DECLARE
    one regclass;
BEGIN
    FOR one IN SELECT indexrelid FROM pg_index JOIN pg_class ON pg_class.oid = indexrelid JOIN pg_am ON pg_am.oid = relam
                WHERE indrelid = month AND amname = 'gin' LOOP
        EXECUTE format('ALTER INDEX %s SET (gin_pending_list_limit = 1024)', one);
    END LOOP;
END
$$;

-- As in 0041, and tuned.
CREATE OR REPLACE FUNCTION audit_events_make_month(month date) RETURNS boolean
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, public, pg_temp AS $$
DECLARE
    first_day date := date_trunc('month', month::timestamp)::date;
    name      text := 'audit_events_' || to_char(first_day, 'YYYY_MM');
    bounds    text := format('FOR VALUES FROM (%L)', first_day);
BEGIN
    PERFORM pg_advisory_xact_lock(x'64736D6F6E746873'::bigint);
    IF to_regclass('public.' || quote_ident(name)) IS NOT NULL
       OR EXISTS (SELECT FROM pg_inherits JOIN pg_class ON pg_class.oid = inhrelid
                   WHERE inhparent = 'public.audit_events'::regclass
                     AND starts_with(pg_get_expr(relpartbound, 0), bounds)) THEN
        RETURN false;
    END IF;
    EXECUTE format('CREATE TABLE public.%I (LIKE public.audit_events INCLUDING DEFAULTS INCLUDING CONSTRAINTS'
                   ' INCLUDING STORAGE)', name);
    EXECUTE format('ALTER TABLE public.audit_events ATTACH PARTITION public.%I FOR VALUES FROM (%L) TO (%L)',
                   name, first_day, (first_day + interval '1 month')::date);
    -- TRUNCATE triggers are not inherited
    EXECUTE format('CREATE TRIGGER audit_events_no_truncate BEFORE TRUNCATE ON public.%I'
                   ' FOR EACH STATEMENT EXECUTE FUNCTION public.audit_events_refuse_change()', name);
    EXECUTE format('ALTER TABLE public.%I ENABLE ALWAYS TRIGGER audit_events_no_truncate', name);
    EXECUTE format('ALTER TABLE public.%I ENABLE ALWAYS TRIGGER audit_events_append_only', name);
    PERFORM public.audit_events_tune_month(format('public.%I', name)::regclass);
    RETURN true;
END
$$;

-- The months that are there and still written. ALTER INDEX waits for who uses the index, and others wait behind it: a
-- month that is not free within 0.2 s stays as it is, and works.
DO $$
DECLARE
    one regclass;
BEGIN
    SET LOCAL lock_timeout = '200ms';
    FOR one IN SELECT inhrelid FROM pg_inherits JOIN pg_class ON pg_class.oid = inhrelid
                WHERE inhparent = 'audit_events'::regclass
                  AND split_part(pg_get_expr(relpartbound, 0), '''', 4)::date > current_date LOOP
        BEGIN
            PERFORM audit_events_tune_month(one);
        EXCEPTION WHEN lock_not_available OR deadlock_detected THEN
            RAISE NOTICE '% is in use and keeps its pending list', one;
        END;
    END LOOP;
END
$$;
