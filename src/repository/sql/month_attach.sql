-- Attach a table as a month, protected as a month is that the service makes. The lock is that of who makes months.
SELECT pg_advisory_xact_lock(x'64736D6F6E746873'::bigint);
ALTER TABLE public.audit_events ATTACH PARTITION public.{table} FOR VALUES FROM ({first}) TO ({end});
CREATE OR REPLACE TRIGGER audit_events_no_truncate BEFORE TRUNCATE ON public.{table}
    FOR EACH STATEMENT EXECUTE FUNCTION public.audit_events_refuse_change();
ALTER TABLE public.{table} ENABLE ALWAYS TRIGGER audit_events_no_truncate;
ALTER TABLE public.{table} ENABLE ALWAYS TRIGGER audit_events_append_only
