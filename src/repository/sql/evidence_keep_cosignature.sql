-- Keep the newest cosignature of a witness.
INSERT INTO evidence_cosignatures (witness, size, line) VALUES (%s, %s, %s)
ON CONFLICT (witness) DO UPDATE SET size = excluded.size, line = excluded.line, at = now()
 WHERE excluded.size >= evidence_cosignatures.size
