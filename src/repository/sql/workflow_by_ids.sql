SELECT {columns} FROM remediation_workflow_catalog WHERE workflow_id = ANY (%(ids)s)
