from typing import Literal, cast

EventPaginationTotalRelationType0 = Literal["eq", "gte"]

EVENT_PAGINATION_TOTAL_RELATION_TYPE_0_VALUES: set[EventPaginationTotalRelationType0] = {
    "eq",
    "gte",
}


def check_event_pagination_total_relation_type_0(value: str) -> EventPaginationTotalRelationType0:
    if value in EVENT_PAGINATION_TOTAL_RELATION_TYPE_0_VALUES:
        return cast(EventPaginationTotalRelationType0, value)
    raise TypeError(f"Unexpected value {value!r}. Expected one of {EVENT_PAGINATION_TOTAL_RELATION_TYPE_0_VALUES!r}")
