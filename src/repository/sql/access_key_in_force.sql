-- The newest key of a name that is in force.
SELECT key_id, name, secret_sha256, scopes, categories, namespaces, clusters, requests_per_second, burst,
       created_at, created_by, expires_at, revoked_at, last_used_at
  FROM access_keys
 WHERE name = %(name)s AND revoked_at IS NULL AND (expires_at IS NULL OR expires_at > now())
 ORDER BY created_at DESC
 LIMIT 1
   FOR UPDATE
