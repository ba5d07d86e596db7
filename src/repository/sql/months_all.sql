-- Every month that has a table or an archive. event_count of a table is the planner's estimate.
-- A name is read as a month behind the test of its form alone: the planner is free to read names before it filters them.
-- pg_get_expr opens the table that it is given: none, for one may be locked.
WITH tables AS (
    SELECT relname AS name,
           CASE WHEN NOT relispartition THEN 'detached' WHEN inhdetachpending THEN 'detaching' ELSE 'attached' END AS state,
           greatest(reltuples, 0)::bigint AS events,
           coalesce(split_part(pg_get_expr(relpartbound, 0), '''', 2)::date,
                    CASE WHEN relname ~ '^audit_events_[0-9]{4}_(0[1-9]|1[0-2])$'
                         THEN to_date(substr(relname, 14), 'YYYY_MM') END) AS month
      FROM pg_class LEFT JOIN pg_inherits ON inhrelid = pg_class.oid
     WHERE relkind = 'r'
       AND (inhparent = to_regclass('audit_events')
            OR (relname ~ '^audit_events_[0-9]{4}_(0[1-9]|1[0-2])$' AND relnamespace = 'public'::regnamespace))
)
SELECT month, coalesce(state, 'archived') AS state, name, events, event_count, sha256, location, retention_days,
       archived_at, dropped_at, by_category
  FROM tables FULL JOIN audit_archives USING (month)
 ORDER BY month
