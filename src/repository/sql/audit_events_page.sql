-- One page of events and, where the page alone does not tell it, how many pass the filter: one statement, so that
-- both see one snapshot. The count is not executed for a page that is not full, and stops at its ceiling.
WITH page AS MATERIALIZED (
    SELECT {columns}
    FROM audit_events
    WHERE {conditions}
    ORDER BY event_timestamp {direction}, event_id {direction}
    LIMIT {fetch} OFFSET {offset}
)
SELECT total.counted, page.*
FROM (
    SELECT CASE
        WHEN (SELECT count(*) FROM page) BETWEEN {tells_from} AND {fetch} - 1 THEN NULL
        ELSE (SELECT count(*) FROM (SELECT FROM audit_events WHERE {conditions} LIMIT {ceiling}) AS counted)
    END AS counted
) AS total
LEFT JOIN page ON true
ORDER BY page.event_timestamp {direction}, page.event_id {direction}
