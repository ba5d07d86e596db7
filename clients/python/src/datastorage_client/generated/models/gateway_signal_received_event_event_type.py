from typing import Literal, cast

GatewaySignalReceivedEventEventType = Literal["gateway.signal.received"]

GATEWAY_SIGNAL_RECEIVED_EVENT_EVENT_TYPE_VALUES: set[GatewaySignalReceivedEventEventType] = {
    "gateway.signal.received",
}


def check_gateway_signal_received_event_event_type(value: str) -> GatewaySignalReceivedEventEventType:
    if value in GATEWAY_SIGNAL_RECEIVED_EVENT_EVENT_TYPE_VALUES:
        return cast(GatewaySignalReceivedEventEventType, value)
    raise TypeError(f"Unexpected value {value!r}. Expected one of {GATEWAY_SIGNAL_RECEIVED_EVENT_EVENT_TYPE_VALUES!r}")
