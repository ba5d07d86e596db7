from typing import Literal, cast

EffectivenessmonitorEvaluationCompletedEventEventType = Literal["effectivenessmonitor.evaluation.completed"]

EFFECTIVENESSMONITOR_EVALUATION_COMPLETED_EVENT_EVENT_TYPE_VALUES: set[
    EffectivenessmonitorEvaluationCompletedEventEventType
] = {
    "effectivenessmonitor.evaluation.completed",
}


def check_effectivenessmonitor_evaluation_completed_event_event_type(
    value: str,
) -> EffectivenessmonitorEvaluationCompletedEventEventType:
    if value in EFFECTIVENESSMONITOR_EVALUATION_COMPLETED_EVENT_EVENT_TYPE_VALUES:
        return cast(EffectivenessmonitorEvaluationCompletedEventEventType, value)
    raise TypeError(
        f"Unexpected value {value!r}. Expected one of {EFFECTIVENESSMONITOR_EVALUATION_COMPLETED_EVENT_EVENT_TYPE_VALUES!r}"
    )
