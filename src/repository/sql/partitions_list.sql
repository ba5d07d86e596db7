-- Every partition of audit_events, and every table that has a partition's name but is not attached (being repaired).
-- rows is the planner's estimate; -1 there means that nobody has counted yet.
-- pg_get_expr opens the table that it is given: none, for one may be locked.
SELECT pg_class.oid,
       relname AS name,
       relispartition AS attached,
       greatest(reltuples, 0)::bigint AS rows,
       split_part(pg_get_expr(relpartbound, 0), '''', 2) AS first,
       split_part(pg_get_expr(relpartbound, 0), '''', 4) AS last
  FROM pg_class
 WHERE relkind = 'r'
   AND (pg_class.oid IN (SELECT inhrelid FROM pg_inherits WHERE inhparent = to_regclass('audit_events'))
        OR (relname ~ '^audit_events_[0-9]{4}_[0-9]{2}$' AND relnamespace = 'public'::regnamespace))
 ORDER BY name
