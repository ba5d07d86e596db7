-- Fails with SQLSTATE 25006 where nothing can be written (taking a new transaction id is a write), and with 42P01 where
-- the schema is missing.
SELECT pg_current_xact_id(), 'audit_events'::regclass
