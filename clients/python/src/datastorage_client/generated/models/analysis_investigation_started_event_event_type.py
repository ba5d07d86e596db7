from typing import Literal, cast

AnalysisInvestigationStartedEventEventType = Literal["analysis.investigation.started"]

ANALYSIS_INVESTIGATION_STARTED_EVENT_EVENT_TYPE_VALUES: set[AnalysisInvestigationStartedEventEventType] = {
    "analysis.investigation.started",
}


def check_analysis_investigation_started_event_event_type(value: str) -> AnalysisInvestigationStartedEventEventType:
    if value in ANALYSIS_INVESTIGATION_STARTED_EVENT_EVENT_TYPE_VALUES:
        return cast(AnalysisInvestigationStartedEventEventType, value)
    raise TypeError(
        f"Unexpected value {value!r}. Expected one of {ANALYSIS_INVESTIGATION_STARTED_EVENT_EVENT_TYPE_VALUES!r}"
    )
