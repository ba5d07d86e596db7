-- One event by its id, in the month that its date names, where the reader may read it.
SELECT {columns}
FROM audit_events
WHERE event_id = %(event_id)s AND event_date = %(event_date)s AND {within}
