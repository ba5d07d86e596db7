-- What searches look at, of every name or of some.
SELECT workflow_id, workflow_name, version, version_key, name, description, status, labels, custom_labels,
       detected_labels, container_image, container_digest, created_at
FROM remediation_workflow_catalog
WHERE %(names)s::text[] IS NULL OR workflow_name = ANY (%(names)s)
