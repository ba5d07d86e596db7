-- Fails with SQLSTATE 25006 where nothing can be written: taking a new transaction id is a write.
SELECT pg_current_xact_id()
