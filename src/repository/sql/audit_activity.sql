-- What happened lately, grouped in every way that an overview needs, from the newest events since a moment, as many as
-- `most`: the cost is bounded whatever the table's size. One statement, so that all parts tell of the same events.
WITH recent AS MATERIALIZED (
    SELECT event_id, event_timestamp, event_type, event_category, event_outcome, actor_id, resource_type, namespace,
           cluster_name, severity, error_code, correlation_id, duration_ms
    FROM audit_events
    WHERE event_timestamp >= %(since)s AND event_date >= %(since_date)s
    ORDER BY event_timestamp DESC, event_id DESC
    LIMIT %(most)s
), slowest AS (
    SELECT * FROM recent WHERE duration_ms IS NOT NULL ORDER BY duration_ms DESC LIMIT 8
)
SELECT 'rate' AS part, date_bin(%(step)s, event_timestamp, 'epoch')::text AS one, event_category AS two,
       event_outcome AS three, count(*) AS events, max(event_timestamp) AS latest, NULL::text AS link
FROM recent GROUP BY 1, 2, 3, 4
UNION ALL
(SELECT 'failure', event_type, coalesce(error_code, ''), actor_id, count(*), max(event_timestamp),
        (array_agg(correlation_id ORDER BY event_timestamp DESC))[1]
 FROM recent WHERE event_outcome = 'failure' GROUP BY 2, 3, 4 ORDER BY 5 DESC, 6 DESC LIMIT 8)
UNION ALL
SELECT 'slow', event_type, actor_id, event_id::text, duration_ms, event_timestamp, correlation_id FROM slowest
UNION ALL
(SELECT 'event_type', event_type, NULL, NULL, count(*), max(event_timestamp), NULL
 FROM recent GROUP BY 2 ORDER BY 5 DESC LIMIT 200)
UNION ALL
(SELECT 'actor_id', actor_id, NULL, NULL, count(*), max(event_timestamp), NULL
 FROM recent GROUP BY 2 ORDER BY 5 DESC LIMIT 200)
UNION ALL
(SELECT 'resource_type', resource_type, NULL, NULL, count(*), max(event_timestamp), NULL
 FROM recent GROUP BY 2 ORDER BY 5 DESC LIMIT 100)
UNION ALL
(SELECT 'namespace', namespace, NULL, NULL, count(*), max(event_timestamp), NULL
 FROM recent WHERE namespace IS NOT NULL GROUP BY 2 ORDER BY 5 DESC LIMIT 100)
UNION ALL
(SELECT 'cluster_name', cluster_name, NULL, NULL, count(*), max(event_timestamp), NULL
 FROM recent WHERE cluster_name IS NOT NULL GROUP BY 2 ORDER BY 5 DESC LIMIT 100)
UNION ALL
(SELECT 'severity', severity, NULL, NULL, count(*), max(event_timestamp), NULL
 FROM recent WHERE severity IS NOT NULL GROUP BY 2 ORDER BY 5 DESC LIMIT 50)
UNION ALL
SELECT 'all', NULL, NULL, NULL, count(*), min(event_timestamp), NULL FROM recent
