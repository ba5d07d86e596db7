-- The newest tree, and what witnesses have said of it by now.
SELECT size, root, sealed_at,
       coalesce((SELECT string_agg(line, '' ORDER BY witness) FROM evidence_cosignatures AS one
                  WHERE one.size = newest.size), '')
  FROM (SELECT size, root, sealed_at FROM evidence_batches ORDER BY first DESC LIMIT 1) AS newest
