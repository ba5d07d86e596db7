-- A new key.
INSERT INTO access_keys (key_id, name, secret_sha256, scopes, categories, namespaces, clusters, requests_per_second,
                         burst, expires_at)
VALUES (%(key_id)s, %(name)s, %(secret_sha256)s, %(scopes)s, %(categories)s, %(namespaces)s, %(clusters)s,
        %(requests_per_second)s, %(burst)s, %(expires_at)s)
