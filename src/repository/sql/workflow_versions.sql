-- The highest version first, behind the one with the id `after`: keys as those of workflow_page.sql.
SELECT (SELECT count(*) FROM remediation_workflow_catalog WHERE workflow_name = %(workflow_name)s) AS total,
       workflow_id, created_at,
       octet_length(content)::bigint + octet_length(description) + coalesce(octet_length(version_notes), 0)
       + coalesce(octet_length(change_summary), 0) + 64 * (
           coalesce(pg_column_size(parameters), 0) + pg_column_size(custom_labels) + pg_column_size(detected_labels)
       ) AS bytes
FROM remediation_workflow_catalog
WHERE workflow_name = %(workflow_name)s AND (
    %(after)s::uuid IS NULL
    OR (coalesce(version_key, ''), created_at, workflow_id) < (
        SELECT coalesce(version_key, ''), created_at, workflow_id FROM remediation_workflow_catalog
        WHERE workflow_id = %(after)s
    )
)
ORDER BY coalesce(version_key, '') DESC, created_at DESC, workflow_id DESC
LIMIT %(limit)s + 1
