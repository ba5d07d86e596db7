from typing import Literal, cast

AnalysisRecommendationGeneratedEventEventType = Literal["analysis.recommendation.generated"]

ANALYSIS_RECOMMENDATION_GENERATED_EVENT_EVENT_TYPE_VALUES: set[AnalysisRecommendationGeneratedEventEventType] = {
    "analysis.recommendation.generated",
}


def check_analysis_recommendation_generated_event_event_type(
    value: str,
) -> AnalysisRecommendationGeneratedEventEventType:
    if value in ANALYSIS_RECOMMENDATION_GENERATED_EVENT_EVENT_TYPE_VALUES:
        return cast(AnalysisRecommendationGeneratedEventEventType, value)
    raise TypeError(
        f"Unexpected value {value!r}. Expected one of {ANALYSIS_RECOMMENDATION_GENERATED_EVENT_EVENT_TYPE_VALUES!r}"
    )
