-- What the sealer sees in this transaction, and on which server.
SELECT pg_current_snapshot()::text AS snapshot, system_identifier AS cluster, pg_is_in_recovery() AS standby
  FROM pg_control_system()
