-- How far the log is: its newest batch.
SELECT first, size, root, seen::text AS seen, cluster FROM evidence_batches ORDER BY first DESC LIMIT 1
