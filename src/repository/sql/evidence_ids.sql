-- The ids of one month's rows that do not wait to be sealed.
SELECT event_id FROM audit_events WHERE event_date >= {first} AND event_date < {end} AND NOT {window}
