-- Where the entry of one event is: the batches from the first on that was sealed behind its transaction, oldest first; the
-- first that has it ends the search. An entry begins with its version and the event's id.
SELECT first + (position(%(head)s::bytea in entries) - 1) / 53 AS index
  FROM evidence_batches
 WHERE first >= (SELECT first FROM evidence_batches
                  WHERE pg_snapshot_xmax(seen) > (SELECT seal_xid FROM audit_events
                                                   WHERE event_id = %(event_id)s AND event_date = %(event_date)s)
                  ORDER BY pg_snapshot_xmax(seen), first LIMIT 1)
   AND position(%(head)s::bytea in entries) %% 53 = 1
 ORDER BY first
 LIMIT 1
