-- A key that all instances share.
SELECT secret FROM service_secrets WHERE name = %(name)s
