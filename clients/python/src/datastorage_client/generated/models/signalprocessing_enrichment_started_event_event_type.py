from typing import Literal, cast

SignalprocessingEnrichmentStartedEventEventType = Literal["signalprocessing.enrichment.started"]

SIGNALPROCESSING_ENRICHMENT_STARTED_EVENT_EVENT_TYPE_VALUES: set[SignalprocessingEnrichmentStartedEventEventType] = {
    "signalprocessing.enrichment.started",
}


def check_signalprocessing_enrichment_started_event_event_type(
    value: str,
) -> SignalprocessingEnrichmentStartedEventEventType:
    if value in SIGNALPROCESSING_ENRICHMENT_STARTED_EVENT_EVENT_TYPE_VALUES:
        return cast(SignalprocessingEnrichmentStartedEventEventType, value)
    raise TypeError(
        f"Unexpected value {value!r}. Expected one of {SIGNALPROCESSING_ENRICHMENT_STARTED_EVENT_EVENT_TYPE_VALUES!r}"
    )
