-- Make a month unless it is taken; migrations/0041 has how.
SELECT audit_events_make_month(%(month)s::date)
