from typing import Literal, cast

EventPaginationTotalRelation = Literal["eq", "gte"]

EVENT_PAGINATION_TOTAL_RELATION_VALUES: set[EventPaginationTotalRelation] = {
    "eq",
    "gte",
}


def check_event_pagination_total_relation(value: str) -> EventPaginationTotalRelation:
    if value in EVENT_PAGINATION_TOTAL_RELATION_VALUES:
        return cast(EventPaginationTotalRelation, value)
    raise TypeError(f"Unexpected value {value!r}. Expected one of {EVENT_PAGINATION_TOTAL_RELATION_VALUES!r}")
