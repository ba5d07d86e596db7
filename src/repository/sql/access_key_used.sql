-- Note when keys were used last; several processes note the same key.
UPDATE access_keys SET last_used_at = greatest(last_used_at, used.at)
  FROM unnest(%(key_ids)s::text[], %(times)s::timestamptz[]) AS used (key_id, at)
 WHERE access_keys.key_id = used.key_id
