-- Remember where a month was archived, and what of.
INSERT INTO audit_archives (month, event_count, sha256, location, retention_days, by_category)
VALUES (%(month)s, %(event_count)s, %(sha256)s, %(location)s, %(retention_days)s, %(by_category)s)
ON CONFLICT (month) DO UPDATE
   SET event_count = excluded.event_count, sha256 = excluded.sha256, location = excluded.location,
       retention_days = excluded.retention_days, by_category = excluded.by_category, archived_at = now(), dropped_at = NULL
