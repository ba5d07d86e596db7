from typing import Literal, cast

WorkflowCatalogSearchCompletedEventEventType = Literal["workflow.catalog.search_completed"]

WORKFLOW_CATALOG_SEARCH_COMPLETED_EVENT_EVENT_TYPE_VALUES: set[WorkflowCatalogSearchCompletedEventEventType] = {
    "workflow.catalog.search_completed",
}


def check_workflow_catalog_search_completed_event_event_type(
    value: str,
) -> WorkflowCatalogSearchCompletedEventEventType:
    if value in WORKFLOW_CATALOG_SEARCH_COMPLETED_EVENT_EVENT_TYPE_VALUES:
        return cast(WorkflowCatalogSearchCompletedEventEventType, value)
    raise TypeError(
        f"Unexpected value {value!r}. Expected one of {WORKFLOW_CATALOG_SEARCH_COMPLETED_EVENT_EVENT_TYPE_VALUES!r}"
    )
