-- Let the keys of a name (or the one of an id) that are in force end: at once, or at a time that lies ahead.
UPDATE access_keys
   SET revoked_at = CASE WHEN %(at)s::timestamptz IS NULL THEN now() ELSE revoked_at END,
       expires_at = least(expires_at, coalesce(%(at)s::timestamptz, now()))
 WHERE (name = %(which)s OR key_id = %(which)s)
   AND revoked_at IS NULL AND (expires_at IS NULL OR expires_at > now())
RETURNING key_id
