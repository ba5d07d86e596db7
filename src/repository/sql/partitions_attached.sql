-- The months that are attached, oldest first. pg_get_expr opens the table that it is given: none, for one may be locked.
SELECT split_part(pg_get_expr(relpartbound, 0), '''', 2)::date AS month
  FROM pg_inherits JOIN pg_class ON pg_class.oid = inhrelid
 WHERE inhparent = to_regclass('audit_events')
 ORDER BY month
