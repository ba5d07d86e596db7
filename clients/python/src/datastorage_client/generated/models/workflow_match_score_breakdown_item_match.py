from typing import Literal, cast

WorkflowMatchScoreBreakdownItemMatch = Literal["conflict", "exact", "ignored", "missing", "wildcard"]

WORKFLOW_MATCH_SCORE_BREAKDOWN_ITEM_MATCH_VALUES: set[WorkflowMatchScoreBreakdownItemMatch] = {
    "conflict",
    "exact",
    "ignored",
    "missing",
    "wildcard",
}


def check_workflow_match_score_breakdown_item_match(value: str) -> WorkflowMatchScoreBreakdownItemMatch:
    if value in WORKFLOW_MATCH_SCORE_BREAKDOWN_ITEM_MATCH_VALUES:
        return cast(WorkflowMatchScoreBreakdownItemMatch, value)
    raise TypeError(f"Unexpected value {value!r}. Expected one of {WORKFLOW_MATCH_SCORE_BREAKDOWN_ITEM_MATCH_VALUES!r}")
