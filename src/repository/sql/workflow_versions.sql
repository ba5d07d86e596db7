-- The highest version first.
SELECT {columns} FROM remediation_workflow_catalog
WHERE workflow_name = %(workflow_name)s
ORDER BY version_key DESC NULLS LAST, created_at DESC, workflow_id DESC
