from typing import Literal, cast

GatewaySignalDeduplicatedEventEventType = Literal["gateway.signal.deduplicated"]

GATEWAY_SIGNAL_DEDUPLICATED_EVENT_EVENT_TYPE_VALUES: set[GatewaySignalDeduplicatedEventEventType] = {
    "gateway.signal.deduplicated",
}


def check_gateway_signal_deduplicated_event_event_type(value: str) -> GatewaySignalDeduplicatedEventEventType:
    if value in GATEWAY_SIGNAL_DEDUPLICATED_EVENT_EVENT_TYPE_VALUES:
        return cast(GatewaySignalDeduplicatedEventEventType, value)
    raise TypeError(
        f"Unexpected value {value!r}. Expected one of {GATEWAY_SIGNAL_DEDUPLICATED_EVENT_EVENT_TYPE_VALUES!r}"
    )
