-- The batches behind one, oldest first.
SELECT first, size, root, seen::text AS seen, cluster FROM evidence_batches
 WHERE first > %(first)s ORDER BY first LIMIT 100
