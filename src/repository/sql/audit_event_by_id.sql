-- One event by its id, within the months that its id tells, or in all of them.
SELECT {columns}
FROM audit_events
WHERE event_id = %(event_id)s AND {months}
