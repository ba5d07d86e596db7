-- What one correlation holds, grouped as finely as any part of the summary needs it.
SELECT event_category, event_outcome, actor_id, count(*), min(event_timestamp), max(event_timestamp)
FROM audit_events
WHERE correlation_id = %(correlation_id)s
GROUP BY event_category, event_outcome, actor_id
