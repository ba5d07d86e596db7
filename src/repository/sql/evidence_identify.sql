-- Give a new log its name, and remember the cluster in which it began.
INSERT INTO evidence_log (origin, cluster) SELECT %(origin)s, system_identifier FROM pg_control_system()
ON CONFLICT DO NOTHING
