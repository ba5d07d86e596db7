from typing import Literal, cast

GatewayErrorOccurredEventEventType = Literal["gateway.error.occurred"]

GATEWAY_ERROR_OCCURRED_EVENT_EVENT_TYPE_VALUES: set[GatewayErrorOccurredEventEventType] = {
    "gateway.error.occurred",
}


def check_gateway_error_occurred_event_event_type(value: str) -> GatewayErrorOccurredEventEventType:
    if value in GATEWAY_ERROR_OCCURRED_EVENT_EVENT_TYPE_VALUES:
        return cast(GatewayErrorOccurredEventEventType, value)
    raise TypeError(f"Unexpected value {value!r}. Expected one of {GATEWAY_ERROR_OCCURRED_EVENT_EVENT_TYPE_VALUES!r}")
