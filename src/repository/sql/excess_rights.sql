-- What the session's login could do to the trail beyond inserting and reading, in the words of a warning.
SELECT told FROM (VALUES
    ((SELECT rolsuper FROM pg_roles WHERE rolname = current_user), 'switch off every protection (it is a superuser)'),
    (pg_has_role((SELECT relowner FROM pg_class WHERE oid = to_regclass('audit_events')), 'USAGE'),
     'drop months and disable triggers (it owns audit_events)'),
    (has_table_privilege('audit_events', 'UPDATE, DELETE, TRUNCATE'), 'change or delete rows where the triggers are off')
) AS rights (held, told)
 WHERE held
