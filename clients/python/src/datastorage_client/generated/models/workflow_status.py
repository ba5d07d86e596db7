from typing import Literal, cast

WorkflowStatus = Literal["active", "archived", "deprecated", "disabled"]

WORKFLOW_STATUS_VALUES: set[WorkflowStatus] = {
    "active",
    "archived",
    "deprecated",
    "disabled",
}


def check_workflow_status(value: str) -> WorkflowStatus:
    if value in WORKFLOW_STATUS_VALUES:
        return cast(WorkflowStatus, value)
    raise TypeError(f"Unexpected value {value!r}. Expected one of {WORKFLOW_STATUS_VALUES!r}")
