from typing import Literal, cast

AnalysisApprovalRequiredEventEventType = Literal["analysis.approval.required"]

ANALYSIS_APPROVAL_REQUIRED_EVENT_EVENT_TYPE_VALUES: set[AnalysisApprovalRequiredEventEventType] = {
    "analysis.approval.required",
}


def check_analysis_approval_required_event_event_type(value: str) -> AnalysisApprovalRequiredEventEventType:
    if value in ANALYSIS_APPROVAL_REQUIRED_EVENT_EVENT_TYPE_VALUES:
        return cast(AnalysisApprovalRequiredEventEventType, value)
    raise TypeError(
        f"Unexpected value {value!r}. Expected one of {ANALYSIS_APPROVAL_REQUIRED_EVENT_EVENT_TYPE_VALUES!r}"
    )
