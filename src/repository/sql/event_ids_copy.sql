-- Before the events, in ascending order of ids: PostgreSQL lets one transaction write an id, and writers never deadlock.
COPY audit_event_ids (event_id, event_date, correlation_id) FROM STDIN (FORMAT binary)
