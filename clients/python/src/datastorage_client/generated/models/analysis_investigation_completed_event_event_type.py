from typing import Literal, cast

AnalysisInvestigationCompletedEventEventType = Literal["analysis.investigation.completed"]

ANALYSIS_INVESTIGATION_COMPLETED_EVENT_EVENT_TYPE_VALUES: set[AnalysisInvestigationCompletedEventEventType] = {
    "analysis.investigation.completed",
}


def check_analysis_investigation_completed_event_event_type(value: str) -> AnalysisInvestigationCompletedEventEventType:
    if value in ANALYSIS_INVESTIGATION_COMPLETED_EVENT_EVENT_TYPE_VALUES:
        return cast(AnalysisInvestigationCompletedEventEventType, value)
    raise TypeError(
        f"Unexpected value {value!r}. Expected one of {ANALYSIS_INVESTIGATION_COMPLETED_EVENT_EVENT_TYPE_VALUES!r}"
    )
