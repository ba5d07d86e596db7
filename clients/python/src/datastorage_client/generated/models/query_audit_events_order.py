from typing import Literal, cast

QueryAuditEventsOrder = Literal["asc", "desc"]

QUERY_AUDIT_EVENTS_ORDER_VALUES: set[QueryAuditEventsOrder] = {
    "asc",
    "desc",
}


def check_query_audit_events_order(value: str) -> QueryAuditEventsOrder:
    if value in QUERY_AUDIT_EVENTS_ORDER_VALUES:
        return cast(QueryAuditEventsOrder, value)
    raise TypeError(f"Unexpected value {value!r}. Expected one of {QUERY_AUDIT_EVENTS_ORDER_VALUES!r}")
