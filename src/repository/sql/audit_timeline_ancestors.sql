-- The parents of the given events, their parents, and so on, each found by primary key in its month, as pairs of
-- event and parent. Links are followed at most {max_depth} times.
WITH RECURSIVE ancestors AS (
    SELECT e.event_id, e.parent_event_id, e.parent_event_date, 1 AS links
    FROM unnest(%(ids)s::uuid[], %(dates)s::date[]) AS wanted (event_id, event_date)
    JOIN audit_events AS e ON e.event_id = wanted.event_id AND e.event_date = wanted.event_date
    UNION
    SELECT e.event_id, e.parent_event_id, e.parent_event_date, a.links + 1
    FROM ancestors AS a
    JOIN audit_events AS e ON e.event_id = a.parent_event_id AND e.event_date = a.parent_event_date
    WHERE a.links < {max_depth}
)
SELECT DISTINCT event_id, parent_event_id FROM ancestors
