from typing import Literal, cast

WorkflowPriority = Literal["*", "P0", "P1", "P2", "P3"]

WORKFLOW_PRIORITY_VALUES: set[WorkflowPriority] = {
    "*",
    "P0",
    "P1",
    "P2",
    "P3",
}


def check_workflow_priority(value: str) -> WorkflowPriority:
    if value in WORKFLOW_PRIORITY_VALUES:
        return cast(WorkflowPriority, value)
    raise TypeError(f"Unexpected value {value!r}. Expected one of {WORKFLOW_PRIORITY_VALUES!r}")
