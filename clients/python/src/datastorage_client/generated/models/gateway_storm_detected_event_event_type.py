from typing import Literal, cast

GatewayStormDetectedEventEventType = Literal["gateway.storm.detected"]

GATEWAY_STORM_DETECTED_EVENT_EVENT_TYPE_VALUES: set[GatewayStormDetectedEventEventType] = {
    "gateway.storm.detected",
}


def check_gateway_storm_detected_event_event_type(value: str) -> GatewayStormDetectedEventEventType:
    if value in GATEWAY_STORM_DETECTED_EVENT_EVENT_TYPE_VALUES:
        return cast(GatewayStormDetectedEventEventType, value)
    raise TypeError(f"Unexpected value {value!r}. Expected one of {GATEWAY_STORM_DETECTED_EVENT_EVENT_TYPE_VALUES!r}")
