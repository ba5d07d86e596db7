-- Every key, those that ended included: a key that is refused is told from one that never was.
SELECT key_id, name, secret_sha256, scopes, categories, namespaces, clusters, requests_per_second, burst,
       created_at, created_by, expires_at, revoked_at, last_used_at
  FROM access_keys
 ORDER BY name, created_at
