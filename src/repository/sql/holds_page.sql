-- Holds that meet the conditions, the newest first.
SELECT legal_holds.hold_id, matter, legal_holds.reason, correlation_id, resource_type, resource_id, actor_id,
       event_category, since, until, second_person, placed_by, placed_at, released_by, released_at,
       legal_hold_releases.reason AS release_reason
  FROM legal_holds LEFT JOIN legal_hold_releases USING (hold_id)
 WHERE {conditions}
 ORDER BY legal_holds.hold_id DESC
 LIMIT %(limit)s
