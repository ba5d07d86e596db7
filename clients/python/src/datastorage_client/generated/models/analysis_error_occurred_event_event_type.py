from typing import Literal, cast

AnalysisErrorOccurredEventEventType = Literal["analysis.error.occurred"]

ANALYSIS_ERROR_OCCURRED_EVENT_EVENT_TYPE_VALUES: set[AnalysisErrorOccurredEventEventType] = {
    "analysis.error.occurred",
}


def check_analysis_error_occurred_event_event_type(value: str) -> AnalysisErrorOccurredEventEventType:
    if value in ANALYSIS_ERROR_OCCURRED_EVENT_EVENT_TYPE_VALUES:
        return cast(AnalysisErrorOccurredEventEventType, value)
    raise TypeError(f"Unexpected value {value!r}. Expected one of {ANALYSIS_ERROR_OCCURRED_EVENT_EVENT_TYPE_VALUES!r}")
