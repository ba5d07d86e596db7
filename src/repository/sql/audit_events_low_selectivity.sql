-- Events in their order where few pass the filter: collect them through the filter's own index, then sort. OFFSET 0
-- keeps the planner from walking the index of time instead and meeting them one in a million.
SELECT {columns}
FROM (SELECT * FROM audit_events WHERE {conditions} OFFSET 0) AS audit_events
ORDER BY event_timestamp {direction}, event_id {direction}
LIMIT {fetch} OFFSET {offset}
