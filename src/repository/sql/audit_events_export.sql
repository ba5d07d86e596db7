-- All events that pass the filter, in their order, for a server-side cursor.
SELECT {columns}
FROM audit_events
WHERE {conditions}
ORDER BY event_timestamp {direction}, event_id {direction}
{bounds}
