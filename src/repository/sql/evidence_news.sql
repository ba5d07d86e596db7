-- Whether one month has rows in a window: the end of one index.
SELECT EXISTS (SELECT FROM audit_events WHERE event_date >= {first} AND event_date < {end} AND {window})
