"""The workflow catalog: versions, lifecycle, label scoring."""
