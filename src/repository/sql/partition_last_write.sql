-- When the newest event of a month was stored: the end of one index, whatever the month's size.
SELECT recorded_at FROM audit_events
WHERE event_date >= %(first)s AND event_date < %(last)s
ORDER BY event_timestamp DESC, event_id DESC
LIMIT 1
