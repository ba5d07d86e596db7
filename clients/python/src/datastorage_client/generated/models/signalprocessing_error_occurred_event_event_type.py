from typing import Literal, cast

SignalprocessingErrorOccurredEventEventType = Literal["signalprocessing.error.occurred"]

SIGNALPROCESSING_ERROR_OCCURRED_EVENT_EVENT_TYPE_VALUES: set[SignalprocessingErrorOccurredEventEventType] = {
    "signalprocessing.error.occurred",
}


def check_signalprocessing_error_occurred_event_event_type(value: str) -> SignalprocessingErrorOccurredEventEventType:
    if value in SIGNALPROCESSING_ERROR_OCCURRED_EVENT_EVENT_TYPE_VALUES:
        return cast(SignalprocessingErrorOccurredEventEventType, value)
    raise TypeError(
        f"Unexpected value {value!r}. Expected one of {SIGNALPROCESSING_ERROR_OCCURRED_EVENT_EVENT_TYPE_VALUES!r}"
    )
