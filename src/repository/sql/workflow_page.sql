-- Newest first, and how many match, in one snapshot; one more than the page shows whether there is another page.
SELECT count(*) OVER () AS total, {columns} FROM remediation_workflow_catalog
WHERE {conditions}
ORDER BY created_at DESC, workflow_id DESC
LIMIT %(limit)s + 1 OFFSET %(offset)s
