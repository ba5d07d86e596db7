-- Is there a table of this name, attached or not, or a partition of any name that begins with this month?
-- pg_get_expr opens the table that it is given: none, for one may be locked.
SELECT to_regclass(%(table)s) IS NOT NULL
       OR EXISTS (SELECT FROM pg_inherits JOIN pg_class ON pg_class.oid = inhrelid
                   WHERE inhparent = to_regclass('audit_events')
                     AND starts_with(pg_get_expr(relpartbound, 0), %(bounds)s))
