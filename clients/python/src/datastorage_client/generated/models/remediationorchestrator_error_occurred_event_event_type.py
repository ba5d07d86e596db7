from typing import Literal, cast

RemediationorchestratorErrorOccurredEventEventType = Literal["remediationorchestrator.error.occurred"]

REMEDIATIONORCHESTRATOR_ERROR_OCCURRED_EVENT_EVENT_TYPE_VALUES: set[
    RemediationorchestratorErrorOccurredEventEventType
] = {
    "remediationorchestrator.error.occurred",
}


def check_remediationorchestrator_error_occurred_event_event_type(
    value: str,
) -> RemediationorchestratorErrorOccurredEventEventType:
    if value in REMEDIATIONORCHESTRATOR_ERROR_OCCURRED_EVENT_EVENT_TYPE_VALUES:
        return cast(RemediationorchestratorErrorOccurredEventEventType, value)
    raise TypeError(
        f"Unexpected value {value!r}. Expected one of {REMEDIATIONORCHESTRATOR_ERROR_OCCURRED_EVENT_EVENT_TYPE_VALUES!r}"
    )
