from typing import Literal, cast

RemediationorchestratorRequestCreatedEventEventType = Literal["remediationorchestrator.request.created"]

REMEDIATIONORCHESTRATOR_REQUEST_CREATED_EVENT_EVENT_TYPE_VALUES: set[
    RemediationorchestratorRequestCreatedEventEventType
] = {
    "remediationorchestrator.request.created",
}


def check_remediationorchestrator_request_created_event_event_type(
    value: str,
) -> RemediationorchestratorRequestCreatedEventEventType:
    if value in REMEDIATIONORCHESTRATOR_REQUEST_CREATED_EVENT_EVENT_TYPE_VALUES:
        return cast(RemediationorchestratorRequestCreatedEventEventType, value)
    raise TypeError(
        f"Unexpected value {value!r}. Expected one of {REMEDIATIONORCHESTRATOR_REQUEST_CREATED_EVENT_EVENT_TYPE_VALUES!r}"
    )
