-- What was erased of a month, oldest first.
SELECT erasure_id, event_id, pointers FROM audit_erasures
 WHERE event_date >= {month} AND event_date < {end}
 ORDER BY erased_at
