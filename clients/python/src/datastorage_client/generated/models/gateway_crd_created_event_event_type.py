from typing import Literal, cast

GatewayCrdCreatedEventEventType = Literal["gateway.crd.created"]

GATEWAY_CRD_CREATED_EVENT_EVENT_TYPE_VALUES: set[GatewayCrdCreatedEventEventType] = {
    "gateway.crd.created",
}


def check_gateway_crd_created_event_event_type(value: str) -> GatewayCrdCreatedEventEventType:
    if value in GATEWAY_CRD_CREATED_EVENT_EVENT_TYPE_VALUES:
        return cast(GatewayCrdCreatedEventEventType, value)
    raise TypeError(f"Unexpected value {value!r}. Expected one of {GATEWAY_CRD_CREATED_EVENT_EVENT_TYPE_VALUES!r}")
