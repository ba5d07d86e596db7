-- The parents of the given events, their parents, and so on, each found by primary key in its month and visited once,
-- as pairs of event and parent. The nearest come first; the walk ends after {max_ancestors} of them. LIMIT 1 keeps the
-- planner from joining by a scan of all events, which looks cheap while they are few and would be done for each link.
-- An event that the reader may not read ends the walk.
WITH RECURSIVE ancestors AS (
    SELECT e.event_id, e.parent_event_id, e.parent_event_date
    FROM unnest(%(ids)s::uuid[], %(dates)s::date[]) AS wanted (event_id, event_date)
    CROSS JOIN LATERAL (
        SELECT event_id, parent_event_id, parent_event_date
        FROM audit_events
        WHERE event_id = wanted.event_id AND event_date = wanted.event_date AND {within}
        LIMIT 1
    ) AS e
    UNION
    SELECT e.event_id, e.parent_event_id, e.parent_event_date
    FROM ancestors AS a
    CROSS JOIN LATERAL (
        SELECT event_id, parent_event_id, parent_event_date
        FROM audit_events
        WHERE event_id = a.parent_event_id AND event_date = a.parent_event_date AND {within}
        LIMIT 1
    ) AS e
)
SELECT event_id, parent_event_id FROM ancestors LIMIT {max_ancestors}
