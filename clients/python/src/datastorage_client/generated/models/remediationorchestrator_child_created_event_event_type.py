from typing import Literal, cast

RemediationorchestratorChildCreatedEventEventType = Literal["remediationorchestrator.child.created"]

REMEDIATIONORCHESTRATOR_CHILD_CREATED_EVENT_EVENT_TYPE_VALUES: set[
    RemediationorchestratorChildCreatedEventEventType
] = {
    "remediationorchestrator.child.created",
}


def check_remediationorchestrator_child_created_event_event_type(
    value: str,
) -> RemediationorchestratorChildCreatedEventEventType:
    if value in REMEDIATIONORCHESTRATOR_CHILD_CREATED_EVENT_EVENT_TYPE_VALUES:
        return cast(RemediationorchestratorChildCreatedEventEventType, value)
    raise TypeError(
        f"Unexpected value {value!r}. Expected one of {REMEDIATIONORCHESTRATOR_CHILD_CREATED_EVENT_EVENT_TYPE_VALUES!r}"
    )
