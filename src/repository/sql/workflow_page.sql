-- Newest first: the keys of a page, how many match, and about how many bytes each has at the most. Lengths of text are
-- known without reading it; compressed jsonb may have so many times its size. One more than the page shows whether there
-- is another page.
SELECT count(*) OVER () AS total, workflow_id, created_at,
       octet_length(content)::bigint + octet_length(description) + coalesce(octet_length(version_notes), 0)
       + coalesce(octet_length(change_summary), 0) + 64 * (
           coalesce(pg_column_size(parameters), 0) + pg_column_size(custom_labels) + pg_column_size(detected_labels)
       ) AS bytes
FROM remediation_workflow_catalog
WHERE {conditions}
ORDER BY created_at DESC, workflow_id DESC
LIMIT %(limit)s + 1 OFFSET %(offset)s
