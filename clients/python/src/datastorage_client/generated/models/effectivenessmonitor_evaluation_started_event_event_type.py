from typing import Literal, cast

EffectivenessmonitorEvaluationStartedEventEventType = Literal["effectivenessmonitor.evaluation.started"]

EFFECTIVENESSMONITOR_EVALUATION_STARTED_EVENT_EVENT_TYPE_VALUES: set[
    EffectivenessmonitorEvaluationStartedEventEventType
] = {
    "effectivenessmonitor.evaluation.started",
}


def check_effectivenessmonitor_evaluation_started_event_event_type(
    value: str,
) -> EffectivenessmonitorEvaluationStartedEventEventType:
    if value in EFFECTIVENESSMONITOR_EVALUATION_STARTED_EVENT_EVENT_TYPE_VALUES:
        return cast(EffectivenessmonitorEvaluationStartedEventEventType, value)
    raise TypeError(
        f"Unexpected value {value!r}. Expected one of {EFFECTIVENESSMONITOR_EVALUATION_STARTED_EVENT_EVENT_TYPE_VALUES!r}"
    )
