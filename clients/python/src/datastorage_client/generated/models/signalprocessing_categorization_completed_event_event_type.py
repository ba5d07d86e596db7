from typing import Literal, cast

SignalprocessingCategorizationCompletedEventEventType = Literal["signalprocessing.categorization.completed"]

SIGNALPROCESSING_CATEGORIZATION_COMPLETED_EVENT_EVENT_TYPE_VALUES: set[
    SignalprocessingCategorizationCompletedEventEventType
] = {
    "signalprocessing.categorization.completed",
}


def check_signalprocessing_categorization_completed_event_event_type(
    value: str,
) -> SignalprocessingCategorizationCompletedEventEventType:
    if value in SIGNALPROCESSING_CATEGORIZATION_COMPLETED_EVENT_EVENT_TYPE_VALUES:
        return cast(SignalprocessingCategorizationCompletedEventEventType, value)
    raise TypeError(
        f"Unexpected value {value!r}. Expected one of {SIGNALPROCESSING_CATEGORIZATION_COMPLETED_EVENT_EVENT_TYPE_VALUES!r}"
    )
