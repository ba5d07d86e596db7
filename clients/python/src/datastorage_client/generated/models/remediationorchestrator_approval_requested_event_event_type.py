from typing import Literal, cast

RemediationorchestratorApprovalRequestedEventEventType = Literal["remediationorchestrator.approval.requested"]

REMEDIATIONORCHESTRATOR_APPROVAL_REQUESTED_EVENT_EVENT_TYPE_VALUES: set[
    RemediationorchestratorApprovalRequestedEventEventType
] = {
    "remediationorchestrator.approval.requested",
}


def check_remediationorchestrator_approval_requested_event_event_type(
    value: str,
) -> RemediationorchestratorApprovalRequestedEventEventType:
    if value in REMEDIATIONORCHESTRATOR_APPROVAL_REQUESTED_EVENT_EVENT_TYPE_VALUES:
        return cast(RemediationorchestratorApprovalRequestedEventEventType, value)
    raise TypeError(
        f"Unexpected value {value!r}. Expected one of {REMEDIATIONORCHESTRATOR_APPROVAL_REQUESTED_EVENT_EVENT_TYPE_VALUES!r}"
    )
