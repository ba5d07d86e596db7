-- What searches look at, of every name or of some. No label is a number: where an earlier version let one in, its row is
-- left out by who reads it, since PostgreSQL may not be able to write such a number out.
SELECT workflow_id, workflow_name, version, version_key, name, description, status,
       CASE WHEN row.has_numbers THEN '0' ELSE labels END, CASE WHEN row.has_numbers THEN '0' ELSE custom_labels END,
       CASE WHEN row.has_numbers THEN '0' ELSE detected_labels END, container_image, container_digest, created_at
FROM remediation_workflow_catalog
CROSS JOIN LATERAL (
    SELECT jsonb_path_exists(
        jsonb_build_array(labels, custom_labels, detected_labels), '$.** ? (@.type() == "number")'
    ) AS has_numbers
) AS row
WHERE %(names)s::text[] IS NULL OR workflow_name = ANY (%(names)s)
