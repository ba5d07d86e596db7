-- The transaction of the row behind {rows} others of one month's window: where a backlog can be cut.
SELECT seal_xid::text FROM audit_events
 WHERE event_date >= {first} AND event_date < {end} AND {window}
 ORDER BY seal_xid OFFSET {rows} LIMIT 1
