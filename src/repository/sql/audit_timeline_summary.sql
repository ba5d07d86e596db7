-- What one correlation holds where the reader may read, by category and outcome; in the first row the first actors, one
-- more than are told: an answer must not have a row for each of a million actors.
WITH finest AS MATERIALIZED (
    SELECT event_category, event_outcome, actor_id, count(*) AS events, min(event_timestamp) AS first,
           max(event_timestamp) AS last
    FROM audit_events
    WHERE correlation_id = %(correlation_id)s AND {within}
    GROUP BY event_category, event_outcome, actor_id
),
services AS (SELECT DISTINCT actor_id FROM finest ORDER BY actor_id LIMIT {services} + 1)
SELECT event_category, event_outcome, sum(events)::bigint, min(first), max(last),
       CASE WHEN row_number() OVER () = 1 THEN (SELECT array_agg(actor_id ORDER BY actor_id) FROM services) ELSE '{{}}' END
FROM finest
GROUP BY event_category, event_outcome
