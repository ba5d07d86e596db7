-- Events in their order, along the index that delivers it.
SELECT {columns}
FROM audit_events
WHERE {conditions}
ORDER BY event_timestamp {direction}, event_id {direction}
LIMIT {fetch} OFFSET {offset}
