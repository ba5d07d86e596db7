from typing import Literal, cast

WorkflowBulkResultResultsItemStatus = Literal["created"]

WORKFLOW_BULK_RESULT_RESULTS_ITEM_STATUS_VALUES: set[WorkflowBulkResultResultsItemStatus] = {
    "created",
}


def check_workflow_bulk_result_results_item_status(value: str) -> WorkflowBulkResultResultsItemStatus:
    if value in WORKFLOW_BULK_RESULT_RESULTS_ITEM_STATUS_VALUES:
        return cast(WorkflowBulkResultResultsItemStatus, value)
    raise TypeError(f"Unexpected value {value!r}. Expected one of {WORKFLOW_BULK_RESULT_RESULTS_ITEM_STATUS_VALUES!r}")
