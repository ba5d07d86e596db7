-- Append-only for everybody, also in sessions whose session_replication_role is replica, where plain triggers do not fire.
CREATE OR REPLACE FUNCTION notification_audit_refuse_change() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    RAISE EXCEPTION 'notifications are append-only: % is refused', TG_OP USING ERRCODE = 'check_violation';
END
$$;

CREATE OR REPLACE TRIGGER notification_audit_append_only BEFORE UPDATE OR DELETE OR TRUNCATE ON notification_audit
    FOR EACH STATEMENT EXECUTE FUNCTION notification_audit_refuse_change();
ALTER TABLE notification_audit ENABLE ALWAYS TRIGGER notification_audit_append_only;
ALTER TABLE audit_events ENABLE ALWAYS TRIGGER audit_events_append_only;
ALTER TABLE audit_events ENABLE ALWAYS TRIGGER audit_events_no_truncate;
DO $$
DECLARE
    one record;
BEGIN
    FOR one IN SELECT tgrelid::regclass AS month, tgname FROM pg_trigger
                WHERE tgname IN ('audit_events_append_only', 'audit_events_no_truncate') AND tgenabled <> 'A' LOOP
        EXECUTE format('ALTER TABLE %s ENABLE ALWAYS TRIGGER %I', one.month, one.tgname);
    END LOOP;
END
$$;

-- Makes a month for who may not make tables: the service writes with a role that can insert and read, and nothing more.
-- Returns whether it was made. A table of the month's name, attached or not, is left alone, and so is a month whose
-- partition has another name. CREATE TABLE .. LIKE and ATTACH take no lock that a write would wait for.
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
    RETURN true;
END
$$;
REVOKE EXECUTE ON FUNCTION audit_events_make_month(date) FROM PUBLIC;
