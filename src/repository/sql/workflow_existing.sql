SELECT workflow_name, version FROM remediation_workflow_catalog
WHERE (workflow_name, version) IN (SELECT * FROM unnest(%(names)s::text[], %(versions)s::text[]))
