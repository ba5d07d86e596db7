from typing import Literal, cast

RemediationorchestratorPhaseTransitionedEventEventType = Literal["remediationorchestrator.phase.transitioned"]

REMEDIATIONORCHESTRATOR_PHASE_TRANSITIONED_EVENT_EVENT_TYPE_VALUES: set[
    RemediationorchestratorPhaseTransitionedEventEventType
] = {
    "remediationorchestrator.phase.transitioned",
}


def check_remediationorchestrator_phase_transitioned_event_event_type(
    value: str,
) -> RemediationorchestratorPhaseTransitionedEventEventType:
    if value in REMEDIATIONORCHESTRATOR_PHASE_TRANSITIONED_EVENT_EVENT_TYPE_VALUES:
        return cast(RemediationorchestratorPhaseTransitionedEventEventType, value)
    raise TypeError(
        f"Unexpected value {value!r}. Expected one of {REMEDIATIONORCHESTRATOR_PHASE_TRANSITIONED_EVENT_EVENT_TYPE_VALUES!r}"
    )
