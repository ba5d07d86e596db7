from typing import Literal, cast

SignalprocessingEnrichmentCompletedEventEventType = Literal["signalprocessing.enrichment.completed"]

SIGNALPROCESSING_ENRICHMENT_COMPLETED_EVENT_EVENT_TYPE_VALUES: set[
    SignalprocessingEnrichmentCompletedEventEventType
] = {
    "signalprocessing.enrichment.completed",
}


def check_signalprocessing_enrichment_completed_event_event_type(
    value: str,
) -> SignalprocessingEnrichmentCompletedEventEventType:
    if value in SIGNALPROCESSING_ENRICHMENT_COMPLETED_EVENT_EVENT_TYPE_VALUES:
        return cast(SignalprocessingEnrichmentCompletedEventEventType, value)
    raise TypeError(
        f"Unexpected value {value!r}. Expected one of {SIGNALPROCESSING_ENRICHMENT_COMPLETED_EVENT_EVENT_TYPE_VALUES!r}"
    )
