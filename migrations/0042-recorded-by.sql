-- Who recorded it: the subject of the caller's credentials, set by the service. NULL where nobody was asked.
ALTER TABLE audit_events ADD COLUMN IF NOT EXISTS recorded_by varchar(255);
ALTER TABLE notification_audit ADD COLUMN IF NOT EXISTS recorded_by varchar(255);
