UPDATE remediation_workflow_catalog
   SET status = %(status)s,
       status_reason = %(status_reason)s,
       deprecation_notice = %(deprecation_notice)s,
       disabled_at = %(disabled_at)s,
       disabled_by = %(disabled_by)s,
       disabled_reason = %(disabled_reason)s,
       updated_by = %(updated_by)s
 WHERE workflow_id = %(workflow_id)s
