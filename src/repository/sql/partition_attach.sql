-- Takes SHARE UPDATE EXCLUSIVE on the parent, which lets writes pass; makes the parent's indexes on the empty table.
ALTER TABLE audit_events ATTACH PARTITION {table} FOR VALUES FROM ({first}) TO ({end})
