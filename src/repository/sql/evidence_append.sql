-- Append a batch. The primary key and the unique size let one of two sealers through.
INSERT INTO evidence_batches (first, size, root, entries, seen, cluster)
VALUES (%s, %s, %s, %s, %s, %s)
