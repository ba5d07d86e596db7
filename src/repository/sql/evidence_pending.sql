-- How much is committed and not yet sealed, up to {ceiling} rows, and since when.
SELECT count(*), min(recorded_at)
  FROM (SELECT recorded_at FROM audit_events
         WHERE seal_xid >= coalesce((SELECT pg_snapshot_xmax(seen) FROM evidence_batches ORDER BY first DESC LIMIT 1), '3')
         ORDER BY seal_xid
         LIMIT {ceiling}) AS pending
