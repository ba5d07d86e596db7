"""The HTTP edge: one module per tag, one function per operationId, thin. No SQL and no Redis here."""
