from typing import Literal, cast

WorkflowSeverity = Literal["critical", "high", "low", "medium"]

WORKFLOW_SEVERITY_VALUES: set[WorkflowSeverity] = {
    "critical",
    "high",
    "low",
    "medium",
}


def check_workflow_severity(value: str) -> WorkflowSeverity:
    if value in WORKFLOW_SEVERITY_VALUES:
        return cast(WorkflowSeverity, value)
    raise TypeError(f"Unexpected value {value!r}. Expected one of {WORKFLOW_SEVERITY_VALUES!r}")
