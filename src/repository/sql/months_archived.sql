-- The months whose events are in an archive and not in an attached table.
SELECT month FROM audit_archives
 WHERE NOT EXISTS (
        SELECT FROM pg_inherits JOIN pg_class ON pg_class.oid = inhrelid
         WHERE inhparent = to_regclass('audit_events') AND NOT inhdetachpending
           AND starts_with(pg_get_expr(relpartbound, 0), 'FOR VALUES FROM (''' || month || ''')'))
 ORDER BY month
