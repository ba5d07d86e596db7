-- Whether the log, where there is one, lacks events of a month: those that the snapshot does not show up to which the
-- month is sealed; or events that are older than the log and have not had their turn.
SELECT EXISTS (
    SELECT FROM public.{table},
           (SELECT coalesce((SELECT known.seen FROM evidence_months AS known WHERE known.month = {month}), batch.seen)
                   AS seen
              FROM evidence_batches AS batch ORDER BY first DESC LIMIT 1) AS sealed
     WHERE seal_xid >= pg_snapshot_xmin(sealed.seen) AND NOT pg_visible_in_snapshot(seal_xid, sealed.seen))
    OR EXISTS (SELECT FROM evidence_months WHERE month = {month} AND after IS NOT NULL
                  AND EXISTS (SELECT FROM evidence_batches))
