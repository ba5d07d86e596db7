-- Is there a table of this name, attached or not, or a partition of any name that begins with this month?
SELECT to_regclass(%(table)s) IS NOT NULL
       OR EXISTS (SELECT FROM pg_inherits JOIN pg_class ON pg_class.oid = inhrelid
                   WHERE inhparent = to_regclass('audit_events')
                     AND starts_with(pg_get_expr(relpartbound, pg_class.oid), %(bounds)s))
