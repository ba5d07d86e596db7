-- Size of a month's table (with indexes and TOAST), and when its newest event was stored: the end of one index, whatever
-- the month's size. A table that is not attached has no bounds, and its events are not looked at.
SELECT pg_total_relation_size(%(oid)s::oid) AS bytes,
       (SELECT recorded_at FROM audit_events
         WHERE event_date >= %(first)s::date AND event_date < %(last)s::date
         ORDER BY event_timestamp DESC, event_id DESC
         LIMIT 1) AS last_write
