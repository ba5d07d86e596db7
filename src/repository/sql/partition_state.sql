-- Is the month taken (by a table of its name, attached or not, or by a partition of any name that begins with it), and is
-- its partition attached? pg_get_expr opens the table that it is given: none, for one may be locked.
WITH attached AS (
    SELECT inhdetachpending FROM pg_inherits JOIN pg_class ON pg_class.oid = inhrelid
     WHERE inhparent = to_regclass('audit_events') AND starts_with(pg_get_expr(relpartbound, 0), %(bounds)s)
)
SELECT to_regclass(%(table)s) IS NOT NULL OR EXISTS (TABLE attached) AS taken,
       EXISTS (SELECT FROM attached WHERE NOT inhdetachpending) AS attached
