SELECT {columns} FROM remediation_workflow_catalog WHERE workflow_id = %(workflow_id)s FOR UPDATE
