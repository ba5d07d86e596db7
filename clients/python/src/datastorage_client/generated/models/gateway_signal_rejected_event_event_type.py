from typing import Literal, cast

GatewaySignalRejectedEventEventType = Literal["gateway.signal.rejected"]

GATEWAY_SIGNAL_REJECTED_EVENT_EVENT_TYPE_VALUES: set[GatewaySignalRejectedEventEventType] = {
    "gateway.signal.rejected",
}


def check_gateway_signal_rejected_event_event_type(value: str) -> GatewaySignalRejectedEventEventType:
    if value in GATEWAY_SIGNAL_REJECTED_EVENT_EVENT_TYPE_VALUES:
        return cast(GatewaySignalRejectedEventEventType, value)
    raise TypeError(f"Unexpected value {value!r}. Expected one of {GATEWAY_SIGNAL_REJECTED_EVENT_EVENT_TYPE_VALUES!r}")
