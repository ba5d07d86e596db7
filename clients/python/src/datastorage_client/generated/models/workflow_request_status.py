from typing import Literal, cast

WorkflowRequestStatus = Literal["active", "archived", "deprecated", "disabled"]

WORKFLOW_REQUEST_STATUS_VALUES: set[WorkflowRequestStatus] = {
    "active",
    "archived",
    "deprecated",
    "disabled",
}


def check_workflow_request_status(value: str) -> WorkflowRequestStatus:
    if value in WORKFLOW_REQUEST_STATUS_VALUES:
        return cast(WorkflowRequestStatus, value)
    raise TypeError(f"Unexpected value {value!r}. Expected one of {WORKFLOW_REQUEST_STATUS_VALUES!r}")
