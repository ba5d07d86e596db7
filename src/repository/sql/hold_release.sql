-- Release a hold, unless that was done.
INSERT INTO legal_hold_releases (hold_id, reason, released_by) VALUES (%(hold_id)s, %(reason)s, %(released_by)s)
ON CONFLICT (hold_id) DO NOTHING
RETURNING released_at
