-- The months that are attached, oldest first.
SELECT split_part(pg_get_expr(relpartbound, pg_class.oid), '''', 2)::date AS month
  FROM pg_inherits JOIN pg_class ON pg_class.oid = inhrelid
 WHERE inhparent = to_regclass('audit_events')
 ORDER BY month
