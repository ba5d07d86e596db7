-- One statement for one or many: all or nothing. Triggers set is_latest_version, so the row is read back afterwards.
INSERT INTO remediation_workflow_catalog (
    workflow_id, workflow_name, version, version_key, name, description, content, content_hash, labels, custom_labels,
    detected_labels, execution_engine, parameters, container_image, container_digest, owner, maintainer, status,
    previous_version, version_notes, change_summary, approved_by, approved_at, expected_success_rate,
    expected_duration_seconds, created_by
)
SELECT workflow_id, workflow_name, version, version_key, name, description, content, content_hash, labels,
       coalesce(custom_labels, '{}'), coalesce(detected_labels, '{}'), execution_engine, parameters, container_image,
       container_digest, owner, maintainer, status, previous_version, version_notes, change_summary, approved_by,
       approved_at, expected_success_rate, expected_duration_seconds, created_by
FROM jsonb_to_recordset(%(rows)s::jsonb) AS row (
    workflow_id uuid, workflow_name text, version text, version_key text, name text, description text, content text,
    content_hash text, labels jsonb, custom_labels jsonb, detected_labels jsonb, execution_engine text, parameters jsonb,
    container_image text, container_digest text, owner text, maintainer text, status text, previous_version text,
    version_notes text, change_summary text, approved_by text, approved_at timestamptz,
    expected_success_rate double precision, expected_duration_seconds int, created_by text
)
-- names in one order, so that two bulk requests cannot lock each other out
ORDER BY workflow_name, version
